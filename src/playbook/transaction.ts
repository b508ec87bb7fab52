import { createHash } from 'node:crypto';
import { PlayError } from '../errors/index.ts';
import { placeOf } from './call-site.ts';
import { flatten, partsOf } from './list-items.ts';
import type { ListedItem, ListedTask } from './listed.ts';

/** What a listed block is besides, where its tasks make all of their changes or none. */
export interface ListedTransaction {
  /** Unique in the playbook, and the same in each run of it. What is unfinished is recorded under it. */
  readonly id: string;
  readonly name: string;
  /** Checks all that is new before it is in place. */
  readonly validate: ListedTask | undefined;
  /** What must hold once it is in place, and the handlers ran. */
  readonly healthy: readonly ListedItem[];
}

/** The ids of the transactions among these, however deep. */
export function transactionIds(items: readonly ListedItem[]): string[] {
  return items.flatMap((item) =>
    'block' in item ? [...(item.transaction ? [item.transaction.id] : []), ...transactionIds(partsOf(item))] : [],
  );
}

/**
 * The id of a transaction: made of its tasks' keys, as that of what a block does always is.
 *
 * @param owner the role, or `play NAME`
 * @throws PlayError where a task is carried out elsewhere, as what is done there could not be put back
 */
export function transactionId(work: readonly ListedItem[], play: string): string {
  const tasks = work.flatMap(flatten);
  for (const { task, inherited } of tasks)
    if (inherited.delegateTo !== undefined || inherited.runOnce)
      throw new PlayError(
        `The task "${task.name}" of a transaction has ${inherited.runOnce ? 'runOnce' : 'delegateTo'}`,
        {
          ...placeOf(task),
          hint: 'Changes on another host cannot be undone: move the task out of the transaction.',
        },
      );
  const role = tasks[0]?.role ?? null;
  const keys = createHash('sha256').update(tasks.map(({ key }) => key).join('\0\0'));
  return `${role ?? `play ${play}`} : transaction ${keys.digest('hex').slice(0, 12)}`;
}
