import { createHash } from 'node:crypto';
import { flatten, partsOf } from './list-items.ts';
import type { ListedItem } from './listed.ts';

/** What a block does always, on one host. */
export interface Cleanup {
  /** Unique in the playbook, and the same in each run of it. What is owed is recorded under it. */
  readonly id: string;
  /** All of it, whatever the tags of this run chose. */
  readonly items: readonly ListedItem[];
  /** Its tasks by name. */
  readonly names: readonly string[];
}

/**
 * What the blocks of a host do always: inner ones first, which is the order in which it is to be done.
 *
 * @param play its name
 */
export function cleanupsOf(items: readonly ListedItem[], play: string): Cleanup[] {
  return items.flatMap((item): Cleanup[] => {
    if (!('block' in item)) return [];
    const inner = partsOf(item);
    const tasks = item.always.flatMap(flatten);
    const [first] = tasks;
    if (first === undefined) return cleanupsOf(inner, play);
    const owner = first.role ?? `play ${play}`;
    const keys = createHash('sha256').update(tasks.map(({ key }) => key).join('\0\0'));
    const id = `${owner} : always ${keys.digest('hex').slice(0, 12)}`;
    return [...cleanupsOf(inner, play), { id, items: item.always, names: tasks.map(({ name }) => name) }];
  });
}
