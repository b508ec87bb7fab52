import type { ListedBlock, ListedItem, ListedTask } from './listed.ts';

/** All that is in a block, in the order in which it stands. */
export function partsOf({ block, transaction, rescue, always }: ListedBlock): ListedItem[] {
  return [...block, ...(transaction?.healthy ?? []), ...rescue, ...always];
}

/** The tasks of an item in the order in which they stand. */
export function flatten(item: ListedItem): ListedTask[] {
  if ('flush' in item) return [];
  return 'task' in item ? [item] : partsOf(item).flatMap(flatten);
}

/** The ids of the handlers that these may notify, and of those that such a handler notifies again. */
export function notifiedBy(items: readonly ListedItem[]): ReadonlySet<string> {
  const ids = new Set<string>();
  const collect = ({ notify }: ListedTask): void => {
    for (const { id, listed } of notify)
      if (!ids.has(id)) {
        ids.add(id);
        collect(listed);
      }
  };
  items.flatMap(flatten).forEach(collect);
  return ids;
}

/** The items whose tasks are `wanted`; blocks that are left with none go. What a transaction goes by stays with its tasks. */
export function filterItems(items: readonly ListedItem[], wanted: (task: ListedTask) => boolean): ListedItem[] {
  return items.flatMap((item): ListedItem[] => {
    if ('task' in item) return wanted(item) ? [item] : [];
    if ('flush' in item) return [item];
    const kept: ListedBlock = {
      ...item,
      block: filterItems(item.block, wanted),
      rescue: filterItems(item.rescue, wanted),
      always: filterItems(item.always, wanted),
    };
    return kept.block.length + kept.always.length > 0 ? [kept] : [];
  });
}
