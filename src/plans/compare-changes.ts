import type { PlannedChange } from './schema.ts';

/** One way in which a change is not what the plan says. */
export interface ChangeMove {
  /** What it is of: the host as it is, what is wanted of it, the archive of packages, a secret, or either of the first two. */
  readonly of: 'host' | 'wanted' | 'archive' | 'secret' | 'either';
  readonly text: string;
  /** It only says that something is another text: what comes of that says more. */
  readonly vague?: true;
}

/** Differences for people: without those that others of the same task explain. */
export function telling(moves: readonly ChangeMove[]): ChangeMove[] {
  const plain = moves.filter(({ vague }) => vague === undefined);
  return plain.some(({ of }) => of === 'wanted' || of === 'either') ? plain : [...moves];
}

/**
 * How the changes of a task differ from those of the plan: what they start from, and what they lead to.
 *
 * @param isSure false: the plan rests on an assumption there, so that only what they lead to has to be the same
 */
export function compareChanges(
  planned: readonly PlannedChange[],
  now: readonly PlannedChange[],
  isSure = true,
): ChangeMove[] {
  const rest = [...now];
  const moves: ChangeMove[] = [];
  for (const one of planned) {
    const at = rest.findIndex((other) => other.what === one.what && other.path === one.path);
    const [other] = at < 0 ? [] : rest.splice(at, 1);
    if (other === undefined) moves.push({ of: 'either', text: `no longer due: ${changeText(one)}` });
    else moves.push(...comparePair(one, other, isSure));
  }
  return [...moves, ...rest.map((one): ChangeMove => ({ of: 'either', text: `not in the plan: ${changeText(one)}` }))];
}

function comparePair(a: PlannedChange, b: PlannedChange, isSure: boolean): ChangeMove[] {
  const what = a.path === undefined ? a.what : `${a.what} of ${a.path}`;
  const moves: ChangeMove[] = [];
  if (isSure && (a.from !== b.from || a.was !== b.was))
    moves.push({ of: 'host', text: `${what} is ${asNow(b)}; the plan saw ${seen(a)}` });
  // Whether a file is new is a matter of what is there.
  const isNewsOfHost = moves.length > 0 && [a.to, b.to].includes('new file');
  if (a.to !== b.to && !isNewsOfHost)
    moves.push({
      of: a.what.startsWith('package ') ? 'archive' : 'wanted',
      text: `${what} would be ${b.to ?? 'something else'}; the plan has ${a.to ?? 'something else'}`,
    });
  // What is made of what is there is another one as soon as that is.
  if (a.will !== b.will && !(isSure && moves.length > 0 && isEdit(a))) {
    const isSecret = isKeyed(a.will) && isKeyed(b.will) && isSameText(a, b);
    moves.push({
      of: isSecret ? 'secret' : 'wanted',
      text: isSecret ? `a secret in ${a.path ?? what} is a different one` : `${what} would be a different one`,
    });
  }
  // Of what has no digest the lines of the diff are all there is.
  if (moves.length === 0 && isSure && a.will === undefined && a.was === undefined && !isSameText(a, b))
    moves.push({ of: 'either', text: `the change to ${what} is a different one` });
  return moves;
}

/** Whether lines of the old text stay: a whole new text is wanted for itself. */
function isEdit({ diff = [] }: PlannedChange): boolean {
  return diff.some((line) => line.startsWith(' '));
}

function isKeyed(digest: string | undefined): boolean {
  return digest?.startsWith('hmac:') ?? false;
}

function isSameText({ diff: a = [] }: PlannedChange, { diff: b = [] }: PlannedChange): boolean {
  return a.join('\n') === b.join('\n');
}

function asNow({ from, was, path }: PlannedChange): string {
  if (from !== undefined) return from;
  if (path === undefined) return 'something else';
  return was === undefined ? 'not there' : 'not as it was';
}

function seen({ from, was, path }: PlannedChange): string {
  if (from !== undefined) return from;
  if (path === undefined) return 'something else';
  return was === undefined ? 'none' : 'another content';
}

/** A change in a line: `mode 0644 -> 0600`. */
export function changeText({ what, from, to, path }: PlannedChange): string {
  const values = [from, to].filter((value) => value !== undefined).join(' -> ');
  return [what, ...(path === undefined ? [] : [`of ${path}`]), ...(values === '' ? [] : [values])].join(' ');
}
