import { PythonValue } from '../../values/index.ts';
import { inside } from '../python/taint.ts';
import { FixedText, LazyMapping, Undefined, entriesOf, type JinjaValue } from '../python/value.ts';
import { Evaluator } from './expression.ts';
import { filterNamed } from './filters.ts';

/** Whether play has this filter. */
export const hasFilter = (name: string): boolean => filterNamed(name) !== undefined;

const alone = new Evaluator({
  variable: () => undefined,
  lookup: () => null,
});

/**
 * One filter, of a value that is there already. Numbers, texts, lists and mappings come back as such.
 *
 * @throws JinjaError
 */
export function applyFilter(
  name: string,
  input: unknown,
  args: readonly unknown[],
  named: Readonly<Record<string, unknown>>,
): unknown {
  const made = alone.filter(name, given(input), {
    positional: args.map(given),
    named: new Map(Object.entries(named).map(([key, value]) => [key, given(value)])),
  });
  return plainValue(made);
}

/** Plain data is Jinja's as it is; what is not set is undefined there. */
const given = (value: unknown): JinjaValue =>
  value === undefined ? new Undefined('a value that is not set') : (value as JinjaValue);

/** A value as code reckons with it. */
export function plainValue(value: JinjaValue): unknown {
  if (value instanceof Undefined) return undefined;
  if (value instanceof FixedText) return value.text;
  if (value instanceof PythonValue) return typeof value.plain === 'bigint' ? value : value.plain;
  if (value instanceof LazyMapping)
    return Object.fromEntries(entriesOf(value).map(([key, one]) => [key, plainValue(one)]));
  if (Array.isArray(value)) return value.map(plainValue);
  return inside(value, (item) => plainValue(item) as JinjaValue);
}
