import { PlayError, nearest, unknownName } from '../errors/index.ts';
import { isAccountName } from '../playbook/index.ts';
import { mostSeconds } from '../values/index.ts';

/** An option that may be given several times. */
export const collect = (value: string, previous: readonly string[]): string[] => [...previous, value];

/** How an option of a few words is read. Completion offers `words`. */
export type WordReader<T extends string> = ((value: string) => T) & { readonly words: readonly T[] };

/** One of a few words, else an error with the nearest. */
export function oneOf<T extends string>(option: string, words: readonly T[]): WordReader<T> {
  const read = (value: string): T => {
    const found = words.find((word) => word === value);
    if (found === undefined)
      throw unknownName(
        `value of ${option}`,
        value,
        words,
        nearest(value, words).length > 0 ? {} : { hint: `It is one of ${words.join(', ')}.` },
      );
    return found;
  };
  return Object.assign(read, { words });
}

export function positive(option: string): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < 1 || number > mostSeconds)
      throw new PlayError(
        `${option} needs a whole number from 1${number > mostSeconds ? ` to ${mostSeconds}` : ''}, not "${value}"`,
      );
    return number;
  };
}

/** Whom to log in as, or to become. */
export function account(option: string): (value: string) => string {
  return (value) => {
    if (!isAccountName(value)) throw new PlayError(`${option} needs the name of an account, not "${value}"`);
    return value;
  };
}

/** A port of TCP. */
export function port(option: string): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < 1 || number > 65_535)
      throw new PlayError(`${option} needs a port, 1 to 65535, not "${value}"`);
    return number;
  };
}

/** An end: so many seconds from now by the host's clock, or a point in time in seconds since the epoch. */
export type Until = { readonly after: number } | { readonly at: number };

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600, d: 86_400 };

/**
 * Reads an end as people give it: `2h`, `30m`, `3d`; `06:00`, the next time a clock shows that here; `2026-11-29`,
 * `2026-11-29 06:00`, ISO 8601.
 *
 * @throws PlayError for anything else, and what is past
 * @example parseUntil('--until', '2h')  // { after: 7200 }
 */
export function parseUntil(option: string, text: string, now = new Date()): Until {
  const [, amount, unit = ''] = /^\+?(\d{1,6})\s?(s|m|min|h|d)$/.exec(text.trim()) ?? [];
  if (amount !== undefined && Number(amount) > 0) return { after: Number(amount) * (unitSeconds[unit] ?? 0) };
  const at = pointOf(text.trim(), now);
  if (at === undefined || Number.isNaN(at.getTime()))
    throw new PlayError(`${option} needs a time, not "${text}"`, {
      hint: 'Such as 2h, 30m, 3d, 06:00, 2026-11-29 or "2026-11-29 06:00".',
    });
  if (at <= now) throw new PlayError(`${option} is past: ${at.toLocaleString('sv-SE')}`);
  return { at: Math.floor(at.getTime() / 1000) };
}

/**
 * Reads a time that is past, as people give it: `2h` ago; `06:00`, the last time a clock showed that here; dates as
 * `parseUntil` takes them.
 *
 * @returns milliseconds since the epoch @throws PlayError for anything else
 * @example parseSince('--since', '2h', new Date(7_200_000))  // 0
 */
export function parseSince(option: string, text: string, now = new Date()): number {
  const [, amount, unit = ''] = /^(\d{1,6})\s?(s|m|min|h|d)$/.exec(text.trim()) ?? [];
  if (amount !== undefined) return now.getTime() - Number(amount) * (unitSeconds[unit] ?? 0) * 1000;
  const at = pointOf(text.trim(), now);
  if (at === undefined || Number.isNaN(at.getTime()))
    throw new PlayError(`${option} needs a time, not "${text}"`, {
      hint: 'Such as 2h, 3d, 06:00, 2026-11-29 or "2026-11-29 06:00".',
    });
  if (/^\d{1,2}:/.test(text.trim())) at.setDate(at.getDate() - 1);
  return at.getTime();
}

function pointOf(text: string, now: Date): Date | undefined {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hours !== undefined) {
    const next = new Date(now);
    next.setHours(Number(hours), Number(minutes), 0, 0);
    if (next <= now) next.setDate(next.getDate() + 1);
    return next;
  }
  // A date alone is midnight here; to `Date` it would be midnight in Greenwich.
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return new Date(`${text}T00:00:00`);
  if (/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)?$/.test(text)) return new Date(text.replace(' ', 'T'));
  return undefined;
}
