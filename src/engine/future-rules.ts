import type { Below, Prediction, Question, Stat } from '../contract/index.ts';
import { identityOf, mountsSubject } from '../probes/index.ts';
import { dependsOn, pathOf } from './subjects.ts';

/** Whether what is not known below a path is what the question is about. */
export function isConcerned({ kind }: Question, { concerns }: Below): boolean {
  return concerns === undefined || kind.amid !== undefined || ['acl', 'acl-entries', 'access'].includes(kind.kind);
}

/** Whether it decides the answer to a question about a path below. */
export function decides(below: Below, question: Question, path: string, ofWhole: boolean): boolean {
  return isConcerned(question, below) && !below.spares?.(path, ofWhole);
}

/** Whether it says what a file holds, or that there is none. */
export function isOfFile({ question: { kind }, answer, unknown }: Prediction): boolean {
  return (
    unknown === undefined && (kind.kind === 'content' || (kind.kind === 'stat' && (answer as Stat).type === 'absent'))
  );
}

/** Whether it is about something that a file has whatever its name: not what is at a path, or in a folder. */
export function isOfFileItself({ kind }: Question): boolean {
  return ['content', 'sha256', 'acl-entries', 'capabilities'].includes(kind.kind);
}

/** Whether only the file's owner or permissions change. @param before what the host has there now */
export function keepsBytes(
  { question: { kind, args }, answer }: Prediction,
  before: (path: string) => Stat | undefined,
): boolean {
  if (kind.kind === 'acl-entries' || kind.kind === 'capabilities') return true;
  const identity = kind.kind === 'stat' ? identityOf(answer as Stat | undefined) : undefined;
  return identity !== undefined && identity === identityOf(before(args[0] ?? ''));
}

/** Whether it is about a path by its very name: what is mounted there, or to which name a link leads. */
export function isOfOwnName(question: Question): boolean {
  return question.kind.kind === 'realpath' || dependsOn(question, [mountsSubject]);
}

/** Whether it says what is at a path: of what kind, or where a link leads. */
export function isPlace({ question: { kind } }: Prediction): boolean {
  return kind.kind === 'stat' || kind.kind === 'link';
}

/**
 * What a change makes of the host, in the order in which it is to be written down. Statements about everything below a
 * path come before those about single paths there, and what is at a path before what it holds: a link that is replaced
 * no longer leads anywhere.
 */
export function inOrder(after: readonly Prediction[]): Prediction[] {
  const wholes = after.flatMap(({ below, question }) => (below ? [pathOf(question) ?? ''] : []));
  const isPart = ({ question }: Prediction): boolean =>
    wholes.some((whole) => pathOf(question)?.startsWith(`${whole}/`));
  const rank = (known: Prediction): number => (isPlace(known) ? (isPart(known) ? 2 : 0) : known.below ? 1 : 3);
  return after.toSorted((a, b) => rank(a) - rank(b));
}
