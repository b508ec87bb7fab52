import { textOf } from '../ansible/data.ts';
import type { AnsibleItem } from '../ansible/tree.ts';
import { NotImported, quote } from '../expressions/code.ts';
import type { Compiler } from '../expressions/compiling.ts';
import type { Doc } from './doc.ts';
import type { Loop } from './loops.ts';
import { entry, scalar } from './values.ts';

/** The name of a task or block, as a keyword. */
export function nameOf(compiler: Compiler, item: AnsibleItem): Doc[] {
  if (item.name === undefined) return [];
  const written = textOf(item.name) ?? '';
  try {
    const made = scalar(compiler, item.name);
    // Names are shown before the run: what only the run knows stays as it was written.
    if (made.run === 0 && made.kind === 'text') return [entry('name', made.text)];
  } catch (thrown) {
    if (!(thrown instanceof NotImported)) throw thrown;
  }
  return written === '' ? [] : [entry('name', quote(written.replaceAll(/\{\{\s*([^}]*?)\s*\}\}/g, '$1')))];
}

/** The name of each task of a loop, with its label or item to tell one from another. */
export function nameInLoop(compiler: Compiler, task: AnsibleItem, loop: Loop | undefined): Doc[] {
  const plain = nameOf(compiler, task);
  const written = (task.name === undefined ? undefined : textOf(task.name)) ?? '';
  if (loop === undefined || plain.length === 0 || [...loop.names.keys()].some((name) => mentions(written, name)))
    return plain;
  const label = labelOf(compiler, loop);
  if (label === undefined) return plain;
  const name = scalarName(compiler, task);
  return name === undefined ? plain : [entry('name', `${compiler.use('labelled')}(${name}, ${label})`)];
}

/** Whether a text with Jinja reads a variable. */
export const mentions = (text: string, name: string): boolean => new RegExp(`\\{\\{[^}]*\\b${name}\\b`).test(text);

function scalarName(compiler: Compiler, { name }: AnsibleItem): string | undefined {
  if (name === undefined) return undefined;
  const made = scalar(compiler, name);
  return made.run === 0 && made.kind === 'text' ? made.text : undefined;
}

/** Undefined where only the run knows it. */
function labelOf(compiler: Compiler, { label, item, itemKind, names }: Loop): string | undefined {
  if (label === undefined) return itemKind === 'map' && item === '{ key, value }' ? 'key' : item;
  try {
    const made = scalar(compiler.within(names), label);
    return made.run === 0 ? made.text : undefined;
  } catch (thrown) {
    if (thrown instanceof NotImported) return undefined;
    throw thrown;
  }
}
