import { textOf, type Data } from '../ansible/data.ts';
import type { AnsibleItem, AnsibleTask } from '../ansible/tree.ts';
import { NotImported, quote } from '../expressions/code.ts';
import type { Compiler } from '../expressions/compiling.ts';
import type { Doc } from './doc.ts';
import { entry, scalar } from './values.ts';

/** All tasks in it. */
export function tasksIn(item: AnsibleItem): AnsibleTask[] {
  return item.type === 'task' ? [item] : [...item.tasks, ...item.rescue, ...item.always].flatMap(tasksIn);
}

/** The name under which later tasks know the result. */
export function registered(keywords: ReadonlyMap<string, Data>): string | undefined {
  const data = keywords.get('register');
  return data === undefined ? undefined : textOf(data);
}

/** Its name, as a keyword. */
export function nameOf(compiler: Compiler, item: AnsibleItem): Doc[] {
  if (item.name === undefined) return [];
  const written = textOf(item.name) ?? '';
  try {
    const made = scalar(compiler, item.name);
    // A name is told before the run: what is only known then is left as it is written.
    if (made.run === 0 && made.kind === 'text') return [entry('name', made.text)];
  } catch (thrown) {
    if (!(thrown instanceof NotImported)) throw thrown;
  }
  return written === '' ? [] : [entry('name', quote(written.replaceAll(/\{\{\s*([^}]*?)\s*\}\}/g, '$1')))];
}
