import type { ListedItem, ListedTask } from './task-list.ts';

/** The tasks of an item in the order in which they stand. */
export function flatten(item: ListedItem): ListedTask[] {
  if ('flush' in item) return [];
  return 'task' in item ? [item] : [...item.block, ...item.rescue, ...item.always].flatMap(flatten);
}

/** The items whose tasks are `wanted`; blocks that are left with none go. */
export function filterItems(items: readonly ListedItem[], wanted: (task: ListedTask) => boolean): ListedItem[] {
  return items.flatMap((item): ListedItem[] => {
    if ('task' in item) return wanted(item) ? [item] : [];
    if ('flush' in item) return [item];
    const kept = {
      ...item,
      block: filterItems(item.block, wanted),
      rescue: filterItems(item.rescue, wanted),
      always: filterItems(item.always, wanted),
    };
    return kept.block.length + kept.always.length > 0 ? [kept] : [];
  });
}
