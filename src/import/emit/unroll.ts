import { textOf, type Data } from '../ansible/data.ts';
import type { AnsibleTask } from '../ansible/tree.ts';
import { code, NotImported, type Code } from '../expressions/code.ts';
import type { Compiler } from '../expressions/compiling.ts';
import { dataCode } from './data-code.ts';

/** Reasons that go where each item of a loop is a task of its own. */
const reasons = new Set(['loop over the run', 'computed name']);
/** Nobody wants to read more tasks than this. */
const mostTasks = 20;

/** What the names of a loop are in each turn, where its items are written down and a loop cannot be kept; else undefined. */
export function unrolled(
  compiler: Compiler,
  keywords: ReadonlyMap<string, Data>,
  thrown: NotImported,
): readonly ReadonlyMap<string, Code>[] | undefined {
  if (!reasons.has(thrown.about) || keywords.has('register')) return undefined;
  const [word = '', data] = [...keywords].find(([key]) => key === 'loop' || key.startsWith('with_')) ?? [];
  if (data?.type !== 'list' || data.items.length > mostTasks) return undefined;
  const isFlat = word === 'loop' || word === 'with_list';
  if (!isFlat && word !== 'with_items' && word !== 'with_flattened') return undefined;
  // A list among the items would be taken apart.
  if (!isFlat && data.items.some(mayBeList)) return undefined;
  const control = keywords.get('loop_control');
  const settings = control?.type === 'map' ? control.entries : new Map<string, Data>();
  const nameOf = (key: string): string | undefined => {
    const given = settings.get(key);
    return given === undefined ? undefined : textOf(given);
  };
  const index = nameOf('index_var');
  return data.items.map(
    (item, i) =>
      new Map([
        [nameOf('loop_var') ?? 'item', itemCode(compiler, item)],
        ...(index === undefined ? [] : [[index, code(String(i), 'number', { literal: i })] as const]),
      ]),
  );
}

/** The same for templates whose names are computed from the items: each by its name reads better than one of all. */
export function unrolledTemplates(
  compiler: Compiler,
  { module, options, keywords }: AnsibleTask,
): readonly ReadonlyMap<string, Code>[] | undefined {
  const data = options.get('src');
  const src = data === undefined ? '' : (textOf(data) ?? '');
  if (module !== 'template' || !src.includes('{{')) return undefined;
  const items = unrolled(compiler, keywords, new NotImported('computed name'));
  const names = [...(items?.[0]?.keys() ?? [])];
  return names.some((name) => new RegExp(`\\b${name}\\b`).test(src)) ? items : undefined;
}

const mayBeList = (item: Data): boolean =>
  item.type === 'list' || (item.type === 'text' && /^\s*\{\{[^]*\}\}\s*$/.test(item.value));

/** An item with the parts it has, each of them as it is written. */
function itemCode(compiler: Compiler, data: Data): Code {
  const made = dataCode(compiler, data);
  if (data.type !== 'map') return made;
  const parts = [...data.entries].map(([key, value]) => [key, itemCode(compiler, value)] as const);
  return { ...made, parts: Object.fromEntries(parts), isWhole: true };
}
