import { PlayError, type PlayErrorData } from './play-error.ts';

/**
 * Optimal string alignment distance: insertions, deletions, substitutions and swapped neighbours cost 1. What both begin
 * and end with is not looked at: names of one place often share all but a few letters.
 *
 * @param limit a distance above it is given as Infinity, as soon as that is sure
 */
export function distance(a: string, b: string, limit = Infinity): number {
  let from = 0;
  while (from < a.length && from < b.length && a.charCodeAt(from) === b.charCodeAt(from)) from++;
  let shared = 0;
  const rest = Math.min(a.length, b.length) - from;
  while (shared < rest && a.charCodeAt(a.length - 1 - shared) === b.charCodeAt(b.length - 1 - shared)) shared++;
  const found = compare(a.slice(from, a.length - shared), b.slice(from, b.length - shared), limit);
  return found > limit ? Infinity : found;
}

/** Rows of the table, kept: lint compares millions of names. */
let rows = [new Uint16Array(64), new Uint16Array(64), new Uint16Array(64)] as const;

function compare(a: string, b: string, limit: number): number {
  const width = b.length;
  if (width >= rows[0].length)
    rows = [new Uint16Array(2 * width), new Uint16Array(2 * width), new Uint16Array(2 * width)];
  let [beforeLast, last, row] = rows as readonly [Uint16Array, Uint16Array, Uint16Array];
  for (let j = 0; j <= width; j++) last[j] = j;
  for (let i = 1; i <= a.length; i++) {
    const letter = a.charCodeAt(i - 1);
    const letterBefore = a.charCodeAt(i - 2);
    let left = i;
    let least = i;
    row[0] = i;
    for (let j = 1; j <= width; j++) {
      const other = b.charCodeAt(j - 1);
      let best = Math.min((last[j] ?? 0) + 1, left + 1, (last[j - 1] ?? 0) + (letter === other ? 0 : 1));
      if (i > 1 && j > 1 && letterBefore === other && letter === b.charCodeAt(j - 2))
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row[j] = best;
      left = best;
      if (best < least) least = best;
    }
    // A swap reaches back two rows, and costs one more than what it found there.
    if (least > limit + 1) return Infinity;
    [beforeLast, last, row] = [last, row, beforeLast];
  }
  return last[width] ?? 0;
}

/** Which letters a name has, a bit each; all that are none share one. */
function lettersOf(name: string): number {
  let found = 0;
  for (let i = 0; i < name.length; i++) {
    const letter = name.charCodeAt(i) - 97;
    found |= 1 << (letter >= 0 && letter < 26 ? letter : 26);
  }
  return found;
}

function bits(number: number): number {
  let count = 0;
  for (let rest = number; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** The known names most like `name`, best first; empty when none is close. */
export function nearest(name: string, known: Iterable<string>, most = 3): string[] {
  const wanted = name.toLowerCase();
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  const letters = lettersOf(wanted);
  return [...new Set(known)]
    .map((candidate) => {
      const lower = candidate.toLowerCase();
      const contained = wanted.length >= 3 && (lower.includes(wanted) || wanted.includes(lower));
      // Each edit brings or takes two letters at most: most names are told apart without being compared.
      const isFar = Math.abs(lower.length - wanted.length) > limit || bits(lettersOf(lower) ^ letters) > 2 * limit;
      if (!contained && isFar) return { candidate, apart: Infinity, score: Infinity };
      const apart = distance(wanted, lower, contained ? Infinity : limit);
      return { candidate, apart, score: contained ? Math.min(1, apart) : apart };
    })
    .filter(({ score }) => score <= limit)
    .sort((a, b) => a.score - b.score || a.apart - b.apart || a.candidate.localeCompare(b.candidate))
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/**
 * The error for an unknown name, with the nearest known ones.
 *
 * @param kind what sort of name, for the sentence: `tag`, `host`, `option of template`
 * @example throw unknownName('tag', 'promtheus', tags)  // Unknown tag "promtheus". Did you mean "prometheus"?
 */
export function unknownName(kind: string, name: string, known: Iterable<string>, data: PlayErrorData = {}): PlayError {
  const all = [...new Set(known)];
  const close = nearest(name, all);
  const listed =
    all.length === 0
      ? 'There is none.'
      : `Known: ${all.slice(0, 20).sort().join(', ')}${all.length > 20 ? ', ...' : ''}.`;
  const hint = close.length > 0 ? `Did you mean ${close.map((c) => `"${c}"`).join(' or ')}?` : listed;
  return new PlayError(`Unknown ${kind} "${name}"`, { hint, ...data });
}
