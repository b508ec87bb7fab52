import type { Question } from './question.ts';

/** An answer as it will be after a change: what check mode plans later tasks against. */
export interface Prediction {
  /** The question. */
  readonly question: Question;
  /** Its answer. */
  readonly answer: unknown;
  /**
   * Why this is only an assumption: for example, a maintainer script decides it. A plan that reads it is marked
   * `assumed`.
   */
  readonly assumed?: string;
  /** Why it cannot be known at all: a plan that reads it `may change`. */
  readonly unknown?: string;
  /**
   * For a file whose content cannot be known before it is created (a key): what to show instead to checkers that need a
   * valid one. Called when a checker is run; must return the same bytes each time.
   */
  readonly standIn?: () => Buffer;
  /**
   * The change also decides what is below the question's path, though it is not predicted path by path (a git
   * checkout).
   */
  readonly below?: Below;
}

/** What is known about the paths below a planned one, if they are not predicted one by one. */
export interface Below {
  /** Why they cannot be known: a plan that reads one `may change`. */
  readonly unknown: string;
  /** Set if only their owners and permissions are unknown. Default: everything is. */
  readonly concerns?: 'permissions';
  /**
   * Whether the change leaves this path as it was; with `isWhole`, for a directory, everything in it as well. Default:
   * no path.
   */
  readonly spares?: (path: string, isWhole: boolean) => boolean;
}

/** The answer a question will have after a change, type-checked. `assumed`: why it is only an assumption. */
export function predict<A>(question: Question<A>, answer: A, assumed?: string): Prediction {
  return { question: question, answer, ...(assumed === undefined ? {} : { assumed }) };
}
