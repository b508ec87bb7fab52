import type { Left, LoggedChange } from '../../../engine/index.ts';

/** One way in which a thing is not as the last run left it. */
export interface Difference {
  /** `content`, `mode`, `enabled` ... */
  readonly what: string;
  readonly from: string;
  readonly to: string;
}

/**
 * How a thing stands to what runs did to it: `as left`; `changed since`; `not known`, where what they left is not on
 * record one by one; `no record`.
 */
export type Verdict =
  | { readonly is: 'as left' | 'not known' | 'no record' }
  | { readonly is: 'changed since'; readonly differences: readonly Difference[] };

const words = { sha: 'content', target: 'target' } as const;

/** Compares what changes left with what is there. */
export function verdictOf(changes: readonly LoggedChange[], key: string, now: Left): Verdict {
  if (changes.length === 0) return { is: 'no record' };
  const left = leftBy(changes.filter(({ on }) => on === key));
  const compared = (Object.keys(left) as (keyof Left)[]).filter((what) => what in now || now.type === 'absent');
  if (compared.length === 0) return { is: 'not known' };
  const differences =
    left.type !== now.type && now.type !== undefined && left.type !== undefined
      ? [{ what: 'type', from: left.type, to: now.type }]
      : compared.filter((what) => left[what] !== now[what]).map((what) => difference(what, left, now));
  return differences.length === 0 ? { is: 'as left' } : { is: 'changed since', differences };
}

/** What the last change left, and what it did not touch as those before it did. */
export function leftBy(changes: readonly LoggedChange[]): Left {
  return changes.reduce<Left>((known, { left = {} }) => {
    // Another kind of thing is in its place: what was known of the one before is over.
    const isNew = left.type !== undefined && left.type !== known.type;
    return isNew ? left : { ...known, ...left };
  }, {});
}

function difference(what: keyof Left, left: Left, now: Left): Difference {
  if (what === 'sha') return { what: words.sha, from: short(left.sha), to: short(now.sha) };
  return { what, from: left[what] || 'absent', to: now[what] || 'absent' };
}

const short = (hash = ''): string => hash.slice(0, 12);
