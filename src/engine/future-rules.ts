import type { Below, Prediction, Question, Stat } from '../contract/index.ts';
import { mountsSubject } from '../probes/index.ts';
import { dependsOn } from './subjects.ts';

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

/** Whether it is about a path by its very name: what is mounted there, or to which name a link leads. */
export function isOfOwnName(question: Question): boolean {
  return question.kind.kind === 'realpath' || dependsOn(question, [mountsSubject]);
}
