import { Secret, secretsIn, sourcesOf } from '../../secrets/index.ts';
import { mappingOf } from '../../values/index.ts';
import { FixedText, Tuple, isPlainMapping, isSequence, type JinjaValue } from './value.ts';

/**
 * What a function does with secrets among its arguments:
 *
 * - `kept`: moves values about and leaves secrets in their place
 * - `text`: makes one text, which is secret as soon as an argument is; nothing is opened before that text is needed
 * - `opened`: has to see the texts; whatever text comes out is secret, unless it was given in the clear
 */
export type SecretUse = 'kept' | 'text' | 'opened';

/** Calls `make` with secrets opened as `use` says. */
export function withSecrets(
  values: readonly JinjaValue[],
  use: SecretUse,
  make: (opened: readonly JinjaValue[]) => JinjaValue,
): JinjaValue {
  const secrets = use === 'kept' ? [] : [...secretsIn(values)];
  if (secrets.length === 0) return make(values);
  const from = sourcesOf(secrets);
  if (use === 'text') return new Secret(() => asText(make(values.map(open))), from, secrets);
  const clear = textsIn(values);
  return close(make(values.map(open)), (text) => new Secret(text, from, secrets, !clear.has(text)));
}

function asText(value: JinjaValue): string {
  return value instanceof FixedText ? value.text : typeof value === 'string' ? value : '';
}

function open(value: JinjaValue): JinjaValue {
  if (value instanceof Secret) return value.expose();
  return inside(value, open);
}

function close(value: JinjaValue, hide: (text: string) => Secret): JinjaValue {
  if (typeof value === 'string') return hide(value);
  return inside(value, (item) => close(item, hide));
}

/** The same list or mapping with something else for each item. */
export function inside(value: JinjaValue, change: (item: JinjaValue) => JinjaValue): JinjaValue {
  if (value instanceof Tuple) return Tuple.make(value.map(change));
  if (isSequence(value)) return value.map(change);
  if (!isPlainMapping(value)) return value;
  return mappingOf(Object.entries(value).map(([key, item]): [string, JinjaValue] => [key, change(item)]));
}

function textsIn(value: JinjaValue, found = new Set<string>()): Set<string> {
  if (typeof value === 'string') found.add(value);
  else if (isSequence(value)) for (const item of value) textsIn(item, found);
  else if (isPlainMapping(value)) for (const item of Object.values(value)) textsIn(item, found);
  return found;
}
