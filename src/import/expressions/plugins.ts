import { hasFilter, hasLookup } from '../../jinja/index.ts';
import { code, keyText, NotImported, quote, type Code, type Kind } from './code.ts';
import { runOf, type Compiler } from './compiling.ts';

/** What is given to a filter or lookup besides its value. */
export interface Given {
  readonly args: readonly Code[];
  readonly named: Readonly<Record<string, Code>>;
}

/** Calls of Ansible's own plugins: a task with one is marked for review. */
export const pluginCalls = /\b(?:pluginFilter|pluginLookup)\(/;

/** Kinds of what filters give that others go on with. */
const kinds: Readonly<Record<string, Kind>> = {
  to_yaml: 'text',
  to_nice_yaml: 'text',
  to_json: 'text',
  to_nice_json: 'text',
  comment: 'text',
  to_uuid: 'text',
  password_hash: 'text',
  strftime: 'text',
  trim: 'text',
  urlencode: 'text',
  center: 'text',
  human_readable: 'text',
  dictsort: 'list',
  batch: 'list',
  slice: 'list',
  map: 'list',
  dict2items: 'list',
  permutations: 'list',
  combinations: 'list',
  zip_longest: 'list',
  items2dict: 'map',
  combine: 'map',
  round: 'number',
  sum: 'number',
};

/**
 * A filter by its name: play's own, as in variables, or else that of the Ansible which is installed.
 *
 * @throws NotImported for one that gives another value each time
 */
export function filterByName(compiler: Compiler, name: string, value: Code, { args, named }: Given): Code {
  if (['random', 'shuffle'].includes(name) && named['seed'] === undefined)
    throw new NotImported(`filter ${name}`, `${name} without a seed gives another value at each run`);
  const isOwn = hasFilter(name);
  if (!isOwn && name === 'fileglob') throw new NotImported('filter fileglob');
  const call = compiler.use(isOwn ? 'jinjaFilter' : 'pluginFilter');
  const text = `${call}(${[quote(name), value.text, ...settings({ args, named })].join(', ')})`;
  return code(text, kinds[name] ?? 'any', { run: runOf(value, ...args, ...Object.values(named)) });
}

/** Lookups that read variables, or that are something else in disguise. */
const refused = new Set(['template', 'varnames', 'first_found', 'inventory_hostnames', 'indexed_items']);

/** A lookup by its name; `isList`: as of `query`. @throws NotImported */
export function lookupByName(compiler: Compiler, name: string, isList: boolean, { args, named }: Given): Code {
  if (refused.has(name) || name === '') throw new NotImported(`lookup ${name}`, `there is no lookup ${name} here`);
  const call = compiler.use(hasLookup(name) ? 'jinjaLookup' : 'pluginLookup');
  const rest = [
    quote(name),
    `[${args.map(({ text }) => text).join(', ')}]`,
    'import.meta.dirname',
    ...namedText(named),
  ];
  const text = `${call}(${rest.join(', ')})`;
  const run = runOf(...args, ...Object.values(named));
  return isList ? code(text, 'list', { run }) : code(`${compiler.use('single')}(${text})`, 'any', { run });
}

const namedText = (named: Given['named']): string[] => {
  const entries = Object.entries(named).map(([key, one]) => `${keyText(key)}: ${one.text}`);
  return entries.length === 0 ? [] : [`{ ${entries.join(', ')} }`];
};

function settings({ args, named }: Given): string[] {
  const byName = namedText(named);
  if (args.length === 0 && byName.length === 0) return [];
  return [`[${args.map(({ text }) => text).join(', ')}]`, ...byName];
}
