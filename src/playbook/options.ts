import * as v from 'valibot';
import type { Resource } from '../contract/index.ts';
import { locationText, nearest, PlayError, unknownName, type Location } from '../errors/index.ts';
import { spellingsOf } from '../inventory/index.ts';
import { hideSecrets, Secret } from '../secrets/index.ts';
import { PythonValue, inOrderOf, jsonOf } from '../values/index.ts';
import { placeOf } from './call-site.ts';
import { fitting } from './fitting.ts';

type Described = Pick<Resource, 'name' | 'options'> & { validateOptions?(options: never): string | undefined };

/**
 * Checks options as written: unknown names, and each value that is not a function. Gives them with defaults filled in.
 */
export function checkOptions(
  resource: Described,
  options: Readonly<Record<string, unknown>>,
  at: () => Location | undefined,
): Readonly<Record<string, unknown>> {
  const checked: Record<string, unknown> = {};
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(resource.options, name))
      throw unknownName(`option of ${resource.name}`, name, Object.keys(resource.options), placeOf({ at: at() }));
  }
  let deferred = false;
  for (const [name, schema] of Object.entries(resource.options)) {
    const value = options[name];
    if (typeof value === 'function') {
      deferred = true;
      checked[name] = value;
      continue;
    }
    if (!(name in options) && schema.type !== 'optional' && schema.type !== 'exact_optional') {
      throw new PlayError(`${resource.name} needs the option "${name}"`, {
        ...placeOf({ at: at() }),
        hint: describe(schema),
      });
    }
    const result = fitting(schema, value);
    if (!result.success) throw wrongValue(`${resource.name}: option "${name}"`, value, result.issues, at);
    if (result.output !== undefined) checked[name] = inOrderOf(value, result.output);
  }
  const refusal = deferred ? undefined : resource.validateOptions?.(checked as never);
  if (refusal !== undefined) throw new PlayError(`${resource.name}: ${refusal}`, placeOf({ at: at() }));
  return checked;
}

/**
 * The error for a value that does not fit its schema.
 *
 * @param what names the value
 * @param at where the value stands, or the part of it down that way
 */
export function wrongValue(
  what: string,
  value: unknown,
  found: readonly v.BaseIssue<unknown>[],
  at: (path: Way) => Location | undefined,
): PlayError {
  const issues = found.map(within);
  const issue = mostTelling(issues);
  const way = wayOf(issue);
  const named = (path: Way): string => (path.length > 0 ? `${what}, at ${path.join('.')},` : what);
  const key = keyOf(issue);
  if (key !== undefined) {
    const isMissing = issue?.expected !== 'never';
    const lacking = isMissing
      ? []
      : issues.filter((one) => one.expected !== 'never' && isBeside(one, way)).flatMap((one) => keyOf(one) ?? []);
    const close = nearest(key, lacking);
    const problem = isMissing ? `lacks "${key}"` : `has "${key}", which nothing reads`;
    return new PlayError(`${named(way.slice(0, -1))} ${problem}`, {
      ...placeOf({ at: at(way) }),
      ...(close.length > 0 ? { hint: `Did you mean "${close[0]}"?` } : {}),
    });
  }
  const received = shown(issue?.input ?? value);
  const expected = issue?.expected ?? 'something else';
  const custom = issue && !issue.message.startsWith('Invalid ') ? issue.message : undefined;
  return new PlayError(`${named(way)} is ${received}, but ${custom ?? `must be ${kinds[expected] ?? expected}`}`, {
    ...placeOf({ at: at(way) }),
    ...hintFor(issue?.input ?? value, expected, issue?.message ?? ''),
  });
}

/** Keys and indexes down into a value. */
type Way = readonly (string | number)[];

/** valibot's words for what a reader calls otherwise. */
const kinds: Readonly<Record<string, string>> = {
  Array: 'a list',
  Object: 'an object',
  number: 'a number',
  string: 'a string',
  boolean: 'true or false',
};

function wayOf(issue: v.BaseIssue<unknown> | undefined): Way {
  return (issue?.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
}

/** The key that an issue is about, where it is not about a value. */
function keyOf(issue: v.BaseIssue<unknown> | undefined): string | undefined {
  const last = issue?.path?.at(-1);
  return last?.origin === 'key' && issue?.message.startsWith('Invalid key') ? String(last.key) : undefined;
}

/** Of the same object as what stands there. */
function isBeside(issue: v.BaseIssue<unknown>, way: Way): boolean {
  return wayOf(issue).slice(0, -1).join('\0') === way.slice(0, -1).join('\0');
}

/**
 * What is wrong within the one form of several that somebody meant: that a list of objects is no list of objects tells
 * nobody anything. Where none was meant, the issue itself.
 */
function within(issue: v.BaseIssue<unknown>): v.BaseIssue<unknown> {
  const parts = issue.type === 'union' ? (issue.issues ?? []) : [];
  const deeper = parts.map(within).filter(({ path = [] }) => path.length > 0);
  const found = deeper.find((one) => keyOf(one) === undefined) ?? mostTelling(deeper);
  const path = [...(issue.path ?? []), ...(found?.path ?? [])];
  return found === undefined ? issue : { ...found, path: path as typeof found.path };
}

/** The first; but of a key that is missing and one beside it that is not known, the one that somebody wrote. */
function mostTelling(issues: readonly v.BaseIssue<unknown>[]): v.BaseIssue<unknown> | undefined {
  const [first] = issues;
  if (first === undefined || keyOf(first) === undefined) return first;
  return (
    issues.find((one) => one.expected === 'never' && keyOf(one) !== undefined && isBeside(one, wayOf(first))) ?? first
  );
}

/** Texts that were meant as something else. What `-e NAME=VALUE` gives is text, as in Ansible. */
const bare: Readonly<Record<string, RegExp>> = { number: /^-?\d+$/, boolean: /^(true|false)$/ };

function hintFor(value: unknown, expected: string, message: string): { hint?: string } {
  // A number where a mode belongs was meant as octal: 644 as much as 0644.
  if (typeof value === 'number' && message.includes('0644'))
    return { hint: writtenAs(value) ?? `Write it in quotes: '${modeMeant(value)}'` };
  if (isNumber(value) && expected.includes('string'))
    return { hint: writtenAs(value) ?? `Write it in quotes: '${String(value)}'` };
  if (typeof value === 'boolean' && expected.includes('string'))
    return {
      hint: `Write it in quotes: '${value}'. In Ansible's files, yes, no, on and off without quotes are true and false.`,
    };
  if (typeof value === 'string' && bare[expected]?.test(value))
    return { hint: `Write it without quotes: ${value}. On a command line as JSON: -e '{"NAME": ${value}}'` };
  if (value instanceof Promise)
    return { hint: 'Await it at the top of the playbook: const x = await ...; task lists cannot wait.' };
  if (value instanceof Secret)
    return {
      hint: 'Declare the variable as secretText(): then it may be a secret, and whatever is built from it is one too.',
    };
  const close = typeof value === 'string' ? nearest(value, wordsOf(expected)) : [];
  if (close.length > 0) return { hint: `Did you mean ${close.map((word) => `"${word}"`).join(' or ')}?` };
  return {};
}

function isNumber(value: unknown): value is number | PythonValue {
  return typeof value === 'number' || (value instanceof PythonValue && value.isNumber);
}

/** What was written in a file of Ansible's that came to this number, where that is another text. */
function writtenAs(value: number | PythonValue): string | undefined {
  const [first, ...others] = spellingsOf(Number(value));
  if (first === undefined) return undefined;
  const more =
    others.length === 0 ? '' : ` (and in ${others.length === 1 ? 'one more place' : `${others.length} more places`})`;
  return `${first.source} is written without quotes at ${locationText(first.where)}${more}, which YAML reads as the number ${String(value)}. Write "${first.source}".`;
}

/** The words of a choice, as valibot shows it: `("absent" | "present")`. */
function wordsOf(expected: string): string[] {
  return [...expected.matchAll(/"([^"]+)"/g)].map(([, word = '']) => word);
}

function describe(schema: v.GenericSchema | v.GenericSchemaAsync): string {
  const text = 'pipe' in schema ? v.getDescription(schema) : undefined;
  return text ?? `It is a ${schema.expects}.`;
}

function shown(value: unknown): string {
  if (value instanceof Secret) return 'a secret';
  if (value === undefined) return 'missing';
  if (value instanceof Promise) return 'a promise';
  // JSON has no word for it.
  if (typeof value === 'number' && !Number.isFinite(value)) return `${value} (a number)`;
  if (value instanceof PythonValue) return `${value.text} (a ${value.isNumber ? 'number' : 'date'})`;
  const text =
    jsonOf(hideSecrets(value), 0, (_, one) => (typeof one === 'function' ? 'a function' : one)) ?? typeof value;
  const shortened = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  if (value === null) return shortened;
  return `${shortened} (${Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`})`;
}

/** 644 is a mode without its quotes, 420 what `0o644` comes to: whichever reads like a mode that people use. */
function modeMeant(value: number): string {
  const octal = value.toString(8);
  return (
    /^[1-7]?[4-7][0-7][0-7]$/.test(octal) && !/^[1-7]?[467][04567][0457]$/.test(String(value)) ? octal : String(value)
  ).padStart(4, '0');
}
