import type { Says, Side, Stance } from './stance.ts';

/** What a side says of a thing; `none`: no task of it does; `not reached`: it stopped before. */
export type Word = Says | 'none' | 'not reached';

/** A thing that the two would not treat alike, or of which one cannot tell. */
export interface Row {
  readonly what: string;
  /** `text`: both would write the file, each something else. */
  readonly verdict: 'differs' | 'text' | 'unsure';
  readonly ansible: Half;
  readonly play: Half;
}

export interface Half {
  readonly says: Word;
  readonly why: string;
  readonly speakers: Stance['speakers'];
  readonly after: string | undefined;
}

/** How the two stand to each other on one host. */
export interface Comparison {
  readonly host: string;
  readonly rows: readonly Row[];
  /** What both would change. */
  readonly both: readonly string[];
  /** What one takes care of and finds right, and the other has no task for. */
  readonly only: { readonly ansible: readonly string[]; readonly play: readonly string[] };
  readonly tasks: { readonly ansible: number; readonly play: number };
  readonly stopped: { readonly ansible: string | null; readonly play: string | null };
  readonly isUnreachable: boolean;
}

/** Holds what both would do against each other, thing by thing. */
export function compareSides(host: string, ansible: Side, play: Side): Comparison {
  const rows: Row[] = [];
  const both: string[] = [];
  const only = { ansible: [] as string[], play: [] as string[] };
  for (const what of new Set([...ansible.things(), ...play.things()])) {
    const halves = { ansible: halfOf(ansible, what), play: halfOf(play, what) };
    const verdict = verdictOf(halves.ansible, halves.play);
    if (verdict !== undefined) rows.push({ what, verdict, ...halves });
    else if (halves.play.says === 'changed') both.push(what);
    else if (halves.ansible.says === 'ok' && halves.play.says === 'none') only.ansible.push(what);
    else if (halves.play.says === 'ok' && halves.ansible.says === 'none') only.play.push(what);
  }
  return {
    host,
    rows,
    both,
    only,
    tasks: { ansible: ansible.tasks, play: play.tasks },
    stopped: { ansible: ansible.stopped ?? null, play: play.stopped ?? null },
    isUnreachable: ansible.isUnreachable || play.isUnreachable,
  };
}

function halfOf(side: Side, what: string): Half {
  const stance = side.get(what);
  if (stance !== undefined) return stance;
  return { says: side.stopped === undefined ? 'none' : 'not reached', why: '', speakers: [], after: undefined };
}

/** @returns undefined where they agree */
function verdictOf(one: Half, other: Half): Row['verdict'] | undefined {
  const says = [one.says, other.says];
  if (says.every((word) => word === 'failed')) return undefined;
  if (says.includes('failed')) return says.includes('not reached') ? 'unsure' : 'differs';
  if (says.includes('unknown')) return 'unsure';
  const changes = says.filter((word) => word === 'changed').length;
  if (changes === 0) return undefined;
  if (changes === 1) return says.includes('not reached') ? 'unsure' : 'differs';
  return one.after !== undefined && other.after !== undefined && one.after !== other.after ? 'text' : undefined;
}
