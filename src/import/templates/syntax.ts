import type { SyntaxOptions } from '../../jinja/index.ts';
import { textOf, type Data } from '../ansible/data.ts';
import { NotImported } from '../expressions/code.ts';

/** Settings of the syntax, as the module's options and a template's own first line call them. */
const settings: Readonly<Record<string, keyof SyntaxOptions>> = {
  trim_blocks: 'trimBlocks',
  lstrip_blocks: 'lstripBlocks',
  variable_start_string: 'variableStart',
  variable_end_string: 'variableEnd',
  block_start_string: 'blockStart',
  block_end_string: 'blockEnd',
  comment_start_string: 'commentStart',
  comment_end_string: 'commentEnd',
};

export const isSyntaxOption = (name: string): boolean => Object.hasOwn(settings, name);

/**
 * A template without its first line where that holds settings (`#jinja2: lstrip_blocks: True`), and how it is read.
 *
 * @throws NotImported for settings that are computed, or that no template here can have
 */
export function syntaxOf(
  source: string,
  options: ReadonlyMap<string, Data>,
): { readonly text: string; readonly syntax: SyntaxOptions } {
  const [line = '', header] = /^#jinja2:(.*)(?:\n|$)/.exec(source) ?? [];
  const ofTask = [...options]
    .filter(([name]) => isSyntaxOption(name))
    .map(([name, data]) => [name, data.type === 'flag' ? String(data.value) : (textOf(data) ?? '')] as const);
  const ofFile = (header ?? '')
    .split(',')
    .filter((pair) => pair.trim() !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split(':');
      return [name.trim(), value.join(':').trim()] as const;
    });
  // The file's own line counts last.
  const syntax = Object.fromEntries([...ofTask, ...ofFile].map(([name, value]) => setting(name, value)));
  return { text: source.slice(line.length), syntax };
}

function setting(name: string, value: string): readonly [keyof SyntaxOptions, string | boolean] {
  const known = settings[name];
  if (known === undefined) throw new NotImported(`template setting ${name}`);
  if (known !== 'trimBlocks' && known !== 'lstripBlocks') return [known, value.replaceAll(/^['"]|['"]$/g, '')];
  if (/^(?:true|yes|1|on)$/i.test(value)) return [known, true];
  if (/^(?:false|no|0|off)$/i.test(value)) return [known, false];
  throw new NotImported(`template setting ${name}`, `${name} is neither true nor false: ${value}`);
}
