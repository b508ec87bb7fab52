import * as v from 'valibot';
import { nearest, PlayError, unknownName, type Location } from '../errors/index.ts';
import { Secret } from '../secrets/index.ts';
import { placeOf } from './call-site.ts';
import type { Resource } from './resource.ts';

type Described = Pick<Resource, 'name' | 'options'> & { refuse?(options: never): string | undefined };

/** Checks options as written: unknown names, and each value that is not a function. Gives them with defaults filled in. */
export function checkOptions(
  resource: Described,
  options: Readonly<Record<string, unknown>>,
  at: () => Location | undefined,
): Readonly<Record<string, unknown>> {
  const checked: Record<string, unknown> = {};
  for (const name of Object.keys(options)) {
    if (!(name in resource.options)) throw unknownName(`option of ${resource.name}`, name, Object.keys(resource.options), placeOf({ at: at() }));
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
      throw new PlayError(`${resource.name} needs the option "${name}"`, { ...placeOf({ at: at() }), hint: describe(schema) });
    }
    const result = v.safeParse(schema, value);
    if (!result.success) throw wrongValue(`${resource.name}: option "${name}"`, value, result.issues, at);
    if (result.output !== undefined) checked[name] = result.output;
  }
  const refusal = deferred ? undefined : resource.refuse?.(checked as never);
  if (refusal !== undefined) throw new PlayError(`${resource.name}: ${refusal}`, placeOf({ at: at() }));
  return checked;
}

/** The error for a value that does not fit its schema. `what` names it. */
export function wrongValue(what: string, value: unknown, issues: readonly v.BaseIssue<unknown>[], at: () => Location | undefined): PlayError {
  const issue = deepest(issues);
  const path = v.getDotPath(issue as v.BaseIssue<unknown>);
  const name = path ? `${what}, at ${path},` : what;
  const received = shown(issue?.input ?? value);
  const expected = issue?.expected ?? 'something else';
  const custom = issue && !issue.message.startsWith('Invalid ') ? issue.message : undefined;
  return new PlayError(`${name} is ${received}, but ${custom ?? `must be ${expected}`}`, { ...placeOf({ at: at() }), ...hintFor(issue?.input ?? value, expected, issue?.message ?? '') });
}

/** Of a union's issues, those of the alternative that got furthest say most. */
function deepest(issues: readonly v.BaseIssue<unknown>[]): v.BaseIssue<unknown> | undefined {
  return issues[0];
}

function hintFor(value: unknown, expected: string, message: string): { hint?: string } {
  // A number where a mode belongs was meant as octal: 644 as much as 0644.
  if (typeof value === 'number' && message.includes('0644')) return { hint: `Write it in quotes: '${modeMeant(value)}'` };
  if (typeof value === 'number' && expected.includes('string')) return { hint: `Write it in quotes: '${value}'` };
  if (value instanceof Promise) return { hint: 'Wait for it where the playbook begins: const x = await ...; lists of tasks cannot wait.' };
  if (value instanceof Secret) return { hint: 'Declare the variable as secretText(): then it may be a secret, and what is made of it is one too.' };
  const close = typeof value === 'string' ? nearest(value, wordsOf(expected)) : [];
  if (close.length > 0) return { hint: `Did you mean ${close.map((word) => `"${word}"`).join(' or ')}?` };
  return {};
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
  const text = JSON.stringify(value) ?? typeof value;
  return `${text.length > 60 ? `${text.slice(0, 57)}...` : text} (${Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`})`;
}

/** 644 is a mode without its quotes, 420 what `0o644` comes to: whichever reads like a mode that people use. */
function modeMeant(value: number): string {
  const octal = value.toString(8);
  return (/^[1-7]?[4-7][0-7][0-7]$/.test(octal) && !/^[1-7]?[467][04567][0457]$/.test(String(value)) ? octal : String(value)).padStart(4, '0');
}
