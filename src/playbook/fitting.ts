import * as v from 'valibot';
import { PythonValue, mappingOf } from '../values/index.ts';
import { readScalar } from './option-text.ts';

/**
 * Checks a value against its schema. A value of Python's (`1.0`, a date out of Ansible's files) becomes a number of
 * JavaScript's where the schema asks for one, and its text where it asks for text and it is a date; elsewhere it stays,
 * so that it is printed as Ansible prints it. A number is never text, as everywhere.
 */
export function fitting<S extends v.GenericSchema>(schema: S, given: unknown): v.SafeParseResult<S> {
  let value = given;
  let result = v.safeParse(schema, value);
  // Each time one more is replaced; what was refused before may hide what comes next.
  while (!result.success) {
    const refused = refusedIn(result.issues);
    if (refused.size === 0) break;
    value = replaced(value, refused);
    result = v.safeParse(schema, value);
  }
  return result;
}

/**
 * The same for what may come of `-e name=value`: a text there is a number or a boolean where the schema asks for one. Where it
 * asks for text, it stays one, as in Ansible.
 */
export function fittingText<S extends v.GenericSchema>(
  schema: S,
  given: unknown,
  isTyped: boolean,
): v.SafeParseResult<S> {
  const result = fitting(schema, given);
  if (result.success || !isTyped || typeof given !== 'string') return result;
  const scalar = readScalar(schema, given);
  return scalar === undefined ? result : fitting(schema, scalar);
}

/** What stands in place of each that does not fit as it is. */
function refusedIn(
  issues: readonly v.BaseIssue<unknown>[],
  found = new Map<unknown, unknown>(),
): ReadonlyMap<unknown, unknown> {
  for (const { input, expected, issues: parts } of issues) {
    if (input instanceof PythonValue && expected === 'number' && input.kind === 'float') found.set(input, input.plain);
    if (input instanceof PythonValue && expected === 'string' && !input.isNumber) found.set(input, input.text);
    if (parts !== undefined) refusedIn(parts, found);
  }
  return found;
}

function replaced(value: unknown, by: ReadonlyMap<unknown, unknown>): unknown {
  if (value instanceof PythonValue) return by.has(value) ? by.get(value) : value;
  if (Array.isArray(value)) return value.map((item) => replaced(item, by));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return mappingOf(Object.entries(value).map(([key, item]): [string, unknown] => [key, replaced(item, by)]));
}
