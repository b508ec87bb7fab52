import type { Value, Variable } from './types.ts';

/** Records some of whose values are worked out when they are read. */
const lazy = new WeakSet<object>();

/** Values by name, frozen; one that has yet to be worked out is when it is read. */
export function recordOf(variables: Iterable<Variable>): Readonly<Record<string, Value>> {
  const all = [...variables];
  const waiting = all.filter(({ isWaiting }) => isWaiting);
  const record = Object.fromEntries(all.map((variable) => [variable.name, variable.isWaiting ? null : variable.value]));
  for (const variable of waiting)
    Object.defineProperty(record, variable.name, { enumerable: true, get: () => variable.value });
  if (waiting.length > 0) lazy.add(record);
  return Object.freeze(record);
}

/** `{ ...a, ...b }`, in which what has yet to be worked out stays so. */
export function spread<T>(...records: readonly Readonly<Record<string, T>>[]): Record<string, T> {
  if (!records.some((record) => lazy.has(record)))
    return records.reduce<Record<string, T>>((all, record) => ({ ...all, ...record }), {});
  const merged: Record<string, T> = {};
  for (const record of records)
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(record)))
      Object.defineProperty(merged, name, { ...descriptor, configurable: true });
  lazy.add(merged);
  return merged;
}
