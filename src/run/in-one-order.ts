/**
 * The lists of several hosts as one: hosts may have different entries, and each stands where its own host has it.
 *
 * @param keyOf the same for what is one entry; different for all entries of one list
 */
export function inOneOrder<T>(lists: Iterable<readonly T[]>, keyOf: (one: T) => string): T[] {
  const merged: T[] = [];
  const keys = new Set<string>();
  for (const list of lists) {
    if (list.every((one) => keys.has(keyOf(one)))) continue;
    let at = 0;
    for (const one of list) {
      const key = keyOf(one);
      if (keys.has(key)) at = merged.findIndex((known) => keyOf(known) === key) + 1;
      else {
        keys.add(key);
        merged.splice(at++, 0, one);
      }
    }
  }
  return merged;
}
