/** Parts of a date that a path may hold, as in date(1), with the pattern of each. */
const parts: Readonly<Record<string, string>> = {
  Y: '[0-9][0-9][0-9][0-9]',
  m: '[0-9][0-9]',
  d: '[0-9][0-9]',
  j: '[0-9][0-9][0-9]',
  H: '[0-9][0-9]',
  M: '[0-9][0-9]',
  S: '[0-9][0-9]',
};

/** How finely a path tells times apart. */
export type DatedStep = 'month' | 'day' | 'hour' | 'minute' | 'second';

/** A path with a date in it: `/srv/archive/%Y/%m/%Y-%m-%d-%H-consensus`. */
export interface DatedPath {
  /** As a pattern of sh, in which `*` and `?` of the path stay what they are. */
  readonly glob: string;
  /** What it tells apart: the finest part of a date in it. */
  readonly step: DatedStep;
  /** The time of a path that matches: seconds since the epoch of a clock that shows UTC; undefined for none. */
  timeOf(path: string): number | undefined;
}

/**
 * Reads a path with a date in it.
 *
 * @returns undefined where it holds no whole date: a year, and a month with a day or a day of the year, unless it goes
 * by months
 * @example datedPath('/srv/%Y-%m-%d')?.timeOf('/srv/2026-11-29')  // 1795910400
 */
export function datedPath(text: string): DatedPath | undefined {
  const tokens = text.match(/%[A-Za-z%]|[^%]+|%/g) ?? [];
  const letters = tokens.flatMap((token) => (/^%[A-Za-z]$/.test(token) ? [token.charAt(1)] : []));
  const has = (letter: string): boolean => letters.includes(letter);
  const isDay = has('j') || (has('m') && has('d'));
  if (letters.some((letter) => parts[letter] === undefined) || !has('Y') || !(isDay || has('m'))) return undefined;
  const step = has('S') ? 'second' : has('M') ? 'minute' : has('H') ? 'hour' : isDay ? 'day' : 'month';
  if (step !== 'month' && !isDay) return undefined;
  const glob = tokens
    .map((token) =>
      token === '%%'
        ? '%'
        : (parts[token.charAt(1)] ?? '') !== '' && token.startsWith('%')
          ? (parts[token.charAt(1)] ?? '')
          : token.replaceAll(/[[\]\\]/g, '\\$&'),
    )
    .join('');
  const pattern = new RegExp(
    `^${tokens
      .map((token) => {
        if (token === '%%') return '%';
        const part = token.startsWith('%') ? parts[token.charAt(1)] : undefined;
        if (part !== undefined) return `(\\d{${part.length / 5}})`;
        return token
          .replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')
          .replaceAll('*', '[^/]*')
          .replaceAll('?', '[^/]');
      })
      .join('')}$`,
    'su',
  );
  const timeOf = (path: string): number | undefined => {
    const values = pattern.exec(path)?.slice(1).map(Number);
    if (values === undefined) return undefined;
    const of = (letter: string, otherwise: number): number => values[letters.indexOf(letter)] ?? otherwise;
    // A date that stands in the path twice (in a folder and in the name) is one only where both agree.
    if (letters.some((letter, i) => values[i] !== of(letter, -1))) return undefined;
    const day = has('j') ? of('j', 1) : of('d', 1);
    const month = has('j') && !has('m') ? 0 : of('m', 1) - 1;
    const time = Date.UTC(of('Y', 1970), month, day, of('H', 0), of('M', 0), of('S', 0));
    return Number.isNaN(time) ? undefined : time / 1000;
  };
  return { glob, step, timeOf };
}

/** The time one step behind another. @param every how many of these steps */
export function stepBehind(time: number, step: DatedStep, every = 1): number {
  const date = new Date(time * 1000);
  if (step === 'month') return date.setUTCMonth(date.getUTCMonth() + every) / 1000;
  return time + every * { day: 86_400, hour: 3600, minute: 60, second: 1 }[step];
}
