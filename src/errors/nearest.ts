import { PlayError, type PlayErrorData } from './play-error.ts';

/** Optimal string alignment distance: insertions, deletions, substitutions and swapped neighbours cost 1. */
export function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
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
      const apart = distance(wanted, lower);
      return { candidate, apart, score: contained ? Math.min(1, apart) : apart };
    })
    .filter(({ score }) => score <= limit)
    .sort((a, b) => a.score - b.score || a.apart - b.apart || a.candidate.localeCompare(b.candidate))
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/**
 * The error for a name that is not known, with the nearest ones that are.
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
