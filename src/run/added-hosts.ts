import { preparedOf, prepareTask } from '../engine/index.ts';
import { PlayError } from '../errors/index.ts';
import type { TypedSource, Value } from '../inventory/index.ts';
import {
  flatten,
  isSelected,
  placeOf,
  sharedKeyOf,
  type HostTasks,
  type ListedItem,
  type ListedTask,
  type TagSelection,
} from '../playbook/index.ts';

/** A host that a task would add, and what it adds to the inventory of this run. */
export interface OfferedHost {
  readonly name: string;
  readonly source: TypedSource;
}

/**
 * What the tasks of a play add to the inventory (`addHost`). It has to be known at the desk, as everything of a run is
 * decided there: a task that the tags or a `when` leave out adds its groups alone, so that a later play may name them.
 *
 * @throws PlayError for a task that hangs on what only the run can know
 */
export function addedHosts(lists: readonly HostTasks[], tags: TagSelection): OfferedHost[] {
  const once = new Set<string>();
  return lists.flatMap(({ items, handlers }) => {
    for (const listed of [...rescuing(items), ...handlers.map((one) => one.listed)])
      if (adds(listed))
        throw unknown(listed, 'Put it among the tasks: only the run knows whether a handler or a rescue runs.');
    return items.flatMap(flatten).flatMap((listed) => {
      if (!adds(listed)) return [];
      if (listed.inherited.runOnce) {
        if (once.has(sharedKeyOf(listed))) return [];
        once.add(sharedKeyOf(listed));
      }
      return offersOf(listed, isSelected(listed.tags, tags));
    });
  });
}

const adds = ({ task }: ListedTask): boolean => task.body.resource.addsHosts !== undefined;

/** The tasks that are there for failures. */
function rescuing(items: readonly ListedItem[]): ListedTask[] {
  return items.flatMap((item) =>
    'block' in item ? [...item.rescue.flatMap(flatten), ...rescuing(item.block), ...rescuing(item.always)] : [],
  );
}

function offersOf(listed: ListedTask, isChosen: boolean): OfferedHost[] {
  const { task, conditions } = listed;
  const { addsHosts } = task.body.resource;
  prepareTask(listed);
  const prepared = preparedOf(task);
  if (prepared === undefined || addsHosts === undefined || conditions.some((when) => typeof when === 'function'))
    throw unknown(
      listed,
      'Give addHost values and a condition that are known in advance: variables, not facts or results. For a machine that a task creates, start a second run.',
    );
  const isAdded = isChosen && conditions.every((when) => when === true);
  const where = placeOf(task).where ?? { file: 'addHost' };
  return addsHosts(prepared as never).map(({ name, groups, vars }) => {
    const hosts = isAdded ? { [name]: vars as Readonly<Record<string, Value>> } : {};
    const joined = groups.length === 0 ? ['ungrouped'] : groups;
    return { name, source: { ...where, groups: Object.fromEntries(joined.map((group) => [group, { hosts }])) } };
  });
}

function unknown({ name, task }: ListedTask, hint: string): PlayError {
  return new PlayError(`The task "${name}" adds a host that only the run would know`, { ...placeOf(task), hint });
}
