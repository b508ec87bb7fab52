import type { Command, Script } from '../../../../formats/shell/index.ts';
import type { Field } from './expand.ts';
import { whichProgram } from './programs.ts';
import type { World } from './world.ts';

interface Reader {
  readonly world: World;
  fields(command: Extract<Command, { readonly is: 'simple' }>): Field[];
  temporaryFile(): string;
}

/** Of nothing these make nothing. */
const filters = new Set(['cut', 'head', 'tail', 'sort', 'uniq', 'tr', 'grep', 'sed', 'rev']);

/** What commands that only look print, where that is known. */
export function outputOf(script: Script, reader: Reader): string | undefined {
  const [only] = script;
  if (only === undefined || script.length > 1) return undefined;
  const [first, ...others] = only.is === 'pipeline' ? only.parts : [only];
  if (first?.is !== 'simple') return undefined;
  const fields = reader.fields(first);
  const output = printed(fields, reader);
  if (others.length === 0) return output;
  const areFilters = others.every((one) => one.is === 'simple' && filters.has(reader.fields(one)[0]?.text ?? ''));
  return output === '' && areFilters ? '' : undefined;
}

function printed(fields: readonly Field[], reader: Reader): string | undefined {
  const { world } = reader;
  const words = fields.map((one) => (one.isPattern ? undefined : one.text));
  const [tool, first, second] = words;
  switch (tool) {
    case 'echo':
      return words.includes(undefined) || first?.startsWith('-') ? undefined : words.slice(1).join(' ');
    case 'command':
    case 'which':
      return programPath(tool === 'command' ? second : first, world);
    case 'readlink':
      return words.length === 2 && first !== undefined ? linkOutput(first, world) : undefined;
    case 'dirname':
      return first?.startsWith('/') ? first.replace(/\/[^/]*\/*$/, '') || '/' : undefined;
    case 'basename':
      return words.length === 2 && first !== undefined ? first.replace(/\/+$/, '').replace(/^.*\//, '') : undefined;
    case 'getent':
      if (second === undefined) return undefined;
      return (first === 'passwd' && world.hasUser(second) === false) ||
        (first === 'group' && world.hasGroup(second) === false)
        ? ''
        : undefined;
    case 'id': {
      const user = words.slice(1).find((word) => word !== undefined && !word.startsWith('-'));
      const isOfNames =
        words.includes('-Gn') || words.includes('-nG') || (words.includes('-G') && words.includes('-n'));
      return isOfNames && user !== undefined ? world.groupsOf(user)?.join(' ') : undefined;
    }
    case 'mktemp':
    case 'tempfile':
      return reader.temporaryFile();
    default:
      return undefined;
  }
}

function programPath(name: string | undefined, world: World): string | undefined {
  if (name === undefined) return undefined;
  const found = whichProgram(name, world);
  return found === null ? '' : found;
}

function linkOutput(path: string, world: World): string | undefined {
  const at = world.at(path);
  if (at === undefined) return undefined;
  return at.type === 'link' ? world.linkTarget(path) : '';
}
