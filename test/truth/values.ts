/** Values of options with readings in them: found, evaluated and printed. */
import { Secret } from '../../src/secrets/index.ts';
import { Reading, SecretText, type Plain, type TaskSpec, type Value } from './round.ts';

export type ReadResult = (task: string) => unknown;

export function readingsIn(value: Value): Reading[] {
  if (value instanceof Reading) return [value];
  if (value instanceof SecretText) return [];
  if (Array.isArray(value)) return value.flatMap(readingsIn);
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(readingsIn) : [];
}

/** Of which earlier tasks it reads the result. */
export function readBy({ options, keywords: { when } }: TaskSpec): string[] {
  return [...readingsIn(options), ...(when instanceof Reading ? [when] : [])].map(({ of }) => of);
}

/** The value once results are known. */
export function evaluate(value: Value, read: ReadResult): unknown {
  if (value instanceof Reading) return readingValue(value, read(value.of));
  if (value instanceof SecretText) return new Secret(value.text, 'a round');
  if (Array.isArray(value)) return value.map((one) => evaluate(one, read));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, evaluate(one, read)]));
  return value;
}

export function readingValue({ way, as }: Reading, result: unknown): unknown {
  let at = result;
  for (const key of way) at = Object(at)[key];
  if (as === 'value') return at;
  if (as === 'not') return at !== true;
  if (as === 'text') return JSON.stringify(at) ?? 'nothing';
  if (as === 'paths')
    return Array.isArray(at)
      ? JSON.stringify(at.map(({ path, type, mode, pwName }) => [path, type, mode, pwName]))
      : 'nothing';
  return JSON.stringify(at) === JSON.stringify(as.is);
}

/** As it stands in a playbook. */
export function printValue(value: Value, resultOf = (task: string): string => `results(${task})`): string {
  if (value instanceof Reading) return printReading(value, resultOf(value.of));
  if (value instanceof SecretText) return `new Secret(${printPlain(value.text)}, 'a round')`;
  if (Array.isArray(value)) return `[${value.map((one) => printValue(one, resultOf)).join(', ')}]`;
  if (value !== null && typeof value === 'object')
    return `{ ${Object.entries(value)
      .map(([key, one]) => `${printKey(key)}: ${printValue(one, resultOf)}`)
      .join(', ')} }`;
  return printPlain(value);
}

export const printKey = (key: string): string => (/^[a-z_]\w*$/i.test(key) ? key : printPlain(key));

function printReading({ way, as }: Reading, result: string): string {
  const text = result + way.map((key) => (/^[a-z_]\w*$/i.test(key) ? `.${key}` : `[${printPlain(key)}]`)).join('');
  if (as === 'value') return text;
  if (as === 'not') return `!${text}`;
  if (as === 'text') return `JSON.stringify(${text}) ?? 'nothing'`;
  if (as === 'paths')
    return `JSON.stringify(${text}.map(({ path, type, mode, pwName }) => [path, type, mode, pwName]))`;
  return typeof as.is === 'object'
    ? `JSON.stringify(${text}) === ${printPlain(JSON.stringify(as.is))}`
    : `${text} === ${printPlain(as.is)}`;
}

function printPlain(value: Plain): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /['\\\n\r\t]/.test(value) ? JSON.stringify(value) : `'${value}'`;
}
