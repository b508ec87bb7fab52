import { Secret, secretsIn, sourcesOf } from '../secrets/index.ts';
import { mappingOf } from '../values/index.ts';

/** The secrets a rendering has used so far. */
export type Used = Set<Secret>;

/**
 * Calls a helper with secrets opened, and makes secret again whatever comes out: a text built from one is one. The
 * taint is remembered in `used` even when only a yes or no comes out.
 */
export function throughHelper(
  args: readonly unknown[],
  used: Used,
  call: (opened: readonly unknown[]) => unknown,
): unknown {
  const found = new Set([...args].flatMap((arg) => [...secretsIn(arg)]));
  if (found.size === 0) return call(args);
  for (const secret of found) used.add(secret);
  const secrets = [...found];
  const plain = plainTextsIn(args);
  return close(call(args.map(open)), (text) => new Secret(text, sourcesOf(secrets), secrets, !plain.has(text)));
}

/**
 * Texts that were given in the clear: a fallback that is used says nothing, and to mask `production` everywhere would.
 */
function plainTextsIn(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value === 'string') found.add(value);
  else if (Array.isArray(value)) for (const item of value) plainTextsIn(item, found);
  else if (isPlain(value)) for (const item of Object.values(value)) plainTextsIn(item, found);
  return found;
}

function open(value: unknown): unknown {
  if (value instanceof Secret) return value.expose();
  if (Array.isArray(value)) return value.map(open);
  if (isPlain(value))
    return mappingOf(Object.entries(value).map(([key, item]): [string, unknown] => [key, open(item)]));
  return value;
}

function close(value: unknown, hide: (text: string) => Secret): unknown {
  if (typeof value === 'string') return hide(value);
  if (Array.isArray(value)) return value.map((item) => close(item, hide));
  if (isPlain(value))
    return mappingOf(Object.entries(value).map(([key, item]): [string, unknown] => [key, close(item, hide)]));
  return value;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)
  );
}
