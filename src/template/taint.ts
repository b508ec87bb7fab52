import { Secret, secretsIn } from '../secrets/index.ts';
import { mappingOf } from '../values/index.ts';

/** The secrets a rendering has used so far. */
export type Used = Set<Secret>;

/**
 * Calls a helper with secrets opened, and makes secret again whatever comes out: a text built from one is one. The taint is
 * remembered in `used` even when only a yes or no comes out.
 */
export function throughHelper(args: readonly unknown[], used: Used, call: (opened: readonly unknown[]) => unknown): unknown {
  const found = new Set([...args].flatMap((arg) => [...secretsIn(arg)]));
  if (found.size === 0) return call(args);
  for (const secret of found) used.add(secret);
  const source = [...found].map((secret) => secret.source).join(', ');
  return close(call(args.map(open)), source);
}

function open(value: unknown): unknown {
  if (value instanceof Secret) return value.expose();
  if (Array.isArray(value)) return value.map(open);
  if (isPlain(value)) return mappingOf(Object.entries(value).map(([key, item]): [string, unknown] => [key, open(item)]));
  return value;
}

function close(value: unknown, source: string): unknown {
  if (typeof value === 'string') return new Secret(value, source);
  if (Array.isArray(value)) return value.map((item) => close(item, source));
  if (isPlain(value)) return mappingOf(Object.entries(value).map(([key, item]): [string, unknown] => [key, close(item, source)]));
  return value;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
}
