import type { Question } from './question.ts';

/** An answer as it will be after a change: what check mode plans later tasks against. */
export interface Prediction {
  /** Which question. */
  readonly question: Question;
  /** What it will be answered. */
  readonly answer: unknown;
  /** Why this is a guess: what only a maintainer script decides, say. A plan that reads it is marked `assumed`. */
  readonly assumed?: string;
  /** Why it cannot be known at all: a plan that reads it `may change`. */
  readonly unknown?: string;
  /**
   * What lies below the question's path is decided by the change too, though not foreseen path by path (a git
   * checkout).
   */
  readonly below?: Below;
}

/** What is known of the paths below a planned one, where they are not foreseen one by one. */
export interface Below {
  /** Why they cannot be known: a plan that reads one `may change`. */
  readonly unknown: string;
  /**
   * Whether the change leaves this path as it was; `isWhole`: and, with a directory, all that lies in it. Default:
   * none.
   */
  readonly spares?: (path: string, isWhole: boolean) => boolean;
}

/** The answer a question will have after a change, with types that fit. `assumed`: why it is a guess. */
export function predict<A>(question: Question<A>, answer: A, assumed?: string): Prediction {
  return { question: question, answer, ...(assumed === undefined ? {} : { assumed }) };
}
