import { Secret } from '../secrets/index.ts';

/** Every secret in a task's options, however deep. */
export function secretsOf(value: unknown, seen = new Set<object>()): Secret[] {
  if (value instanceof Secret) return [value];
  if (typeof value !== 'object' || value === null || seen.has(value) || value instanceof Uint8Array) return [];
  seen.add(value);
  return Object.values(value).flatMap((one) => secretsOf(one, seen));
}
