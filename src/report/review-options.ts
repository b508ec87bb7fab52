import { createHash } from 'node:crypto';
import { Secret, type Redactor } from '../secrets/index.ts';

/** Longer texts, and those of several lines, are known by their digest: a plan is for reading. */
const longest = 200;
/** Deeper than any option goes: what contains itself ends here. */
const deepest = 12;

/** A value as a plan keeps it: its texts masked, long ones as digests. */
export type ReviewedValue =
  | string
  | number
  | boolean
  | null
  | readonly ReviewedValue[]
  | { readonly [name: string]: ReviewedValue };

/** The options of a task for a plan, and the texts of them that are masked there. */
export interface ReviewedOptions {
  readonly options: Readonly<Record<string, ReviewedValue>>;
  readonly masked: readonly string[];
}

/**
 * What a task was told to do. The changes alone do not say to what: `state active -> stopped` is true of any unit.
 */
export function reviewedOptions(options: Readonly<Record<string, unknown>>, redactor: Redactor): ReviewedOptions {
  const masked: string[] = [];
  return { options: record(options, 0), masked };

  function record(values: object, depth: number): Record<string, ReviewedValue> {
    return Object.fromEntries(
      Object.entries(values)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [redactor.redact(name), reviewed(value, depth)]),
    );
  }

  function reviewed(value: unknown, depth: number): ReviewedValue {
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
    if (typeof value === 'string') return text(value);
    if (typeof value === 'function') return `function ${digest(String(value))}`;
    if (typeof value === 'bigint' || typeof value === 'symbol') return value.toString();
    if (typeof value !== 'object') return null;
    if (value instanceof Secret) return '********';
    if (value instanceof RegExp || value instanceof Date) return String(value);
    if (value instanceof Uint8Array) return bytes(Buffer.from(value));
    if (depth >= deepest) return '...';
    if (Array.isArray(value)) return value.map((one: unknown) => (one === undefined ? null : reviewed(one, depth + 1)));
    return record(value, depth + 1);
  }

  function text(value: string): string {
    const shown = redactor.redact(value);
    if (shown !== value) masked.push(value);
    return shown.length > longest || shown.includes('\n') ? digest(shown) : shown;
  }

  function bytes(value: Buffer): string {
    const shown = redactor.redactBuffer(value);
    if (shown !== value) masked.push(value.toString('base64'));
    return digest(shown);
  }
}

const digest = (content: string | Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;
