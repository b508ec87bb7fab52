import type { Data } from '../ansible/data.ts';
import { code, quote, type Code } from '../expressions/code.ts';
import { mapCode, type Compiler } from '../expressions/compiling.ts';
import { scalar } from './values.ts';

/** Any value as an expression on its own. */
export function dataCode(compiler: Compiler, data: Data): Code {
  if (data.type === 'text') return compiler.text(data.value);
  if (data.type === 'list' || data.type === 'map') {
    const items = data.type === 'list' ? data.items : [...data.entries.values()];
    const made = items.map((item) => dataCode(compiler, item));
    const run = made.reduce((bits, one) => bits | one.run, 0);
    const texts = made.length > 0 && made.every(({ kind }) => kind === 'text');
    if (data.type === 'list')
      return code(`[${made.map(({ text }) => text).join(', ')}]`, texts ? 'texts' : 'list', { run });
    const entries = [...data.entries.keys()].map((key, i) => [quote(key), made[i]?.text ?? '', key] as const);
    return code(mapCode(compiler, entries), 'map', { run });
  }
  return scalar(compiler, data);
}
