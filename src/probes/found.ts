import type { Stat } from './stat.ts';
import type { Question } from './types.ts';

/**
 * What is known of a host, as a plan reads it: the host's own answers with the after-state of changes already planned
 * written over them.
 */
export interface Found {
  /**
   * The answer to a question.
   * @throws Unanswered when it was not asked yet: the engine asks, together with all else that is missing, and plans again
   * @throws ProbeFailed when the host could not answer
   */
  get<A>(question: Question<A>): A;
  /**
   * As `get`, but the task that peeks is not marked as resting on a guess: for what it merely passes on to later tasks. Where
   * that comes of the answer, it carries the reason on.
   */
  peek<A>(question: Question<A>): Seen<A>;
  /** Marks the task as resting on a guess, in check mode: what is taken for granted, as a sentence. */
  assume(why: string): void;
  /** Records questions the plan is about to need, so that they go out in one exchange rather than one after the other. */
  need(...questions: readonly Question[]): void;
  /** True in check mode. Only for asking more (what a package would bring); never to plan something else. */
  readonly check: boolean;
  /** True when this is planned as a notified handler: `restarted` is due then even where the unit was restarted before. */
  readonly notified: boolean;
  /**
   * Check mode: whether changes planned since the answer to this question was planned alter what lies below the paths it
   * depends on. In a real run such answers are asked anew, so that this is false.
   */
  outdated(question: Question): boolean;
  /** Check mode: why things may be there that were not found, since a command planned before may make them. */
  readonly clouded: string | undefined;
  /** Check mode: why apt may know packages by then that it does not know now: a command planned before may add a source of them. */
  readonly mayAddSources: string | undefined;
  /** Check mode: why a program may be there by then that was not found: the same, or packages are planned before, whose scripts may make it. */
  readonly mayBringPrograms: string | undefined;
  /** Check mode: why the host may answer otherwise by then, since something was planned before. */
  readonly changedBefore: string | undefined;
  /**
   * Check mode: why what is asked over the network may be answered otherwise by then: something was planned before on this host
   * or on another one of the run.
   */
  readonly changedAnywhere: string | undefined;
  /** Check mode: why the host may do otherwise by then, since more than files is planned before: a service, a package, a command. */
  readonly beyondFiles: string | undefined;
  /** Check mode: whether files are planned to change where they lie, and with that under names of theirs that are not known. */
  readonly changesInPlace: boolean;
  /** Check mode: what changes planned before make of paths below this one. */
  plannedBelow(path: string): readonly PlannedPath[];
}

/** An answer, and why it is a guess if it is one. */
export interface Seen<A> {
  readonly answer: A;
  readonly assumed: string | undefined;
}

/** A path as a planned change leaves it. */
export interface PlannedPath {
  readonly path: string;
  /** As the host has it now; undefined where nobody asked. */
  readonly before: Stat | undefined;
  readonly after: Stat;
  /** Why it is a guess that the path is there, or what it is: who makes something of it carries that on. */
  readonly assumed: string | undefined;
}

/** Thrown by `Found.get` for questions nobody asked yet. Caught by the engine. */
export class Unanswered extends Error {
  readonly questions: readonly Question[];
  constructor(questions: readonly Question[]) {
    super('unanswered question');
    this.questions = questions;
  }
}

/** Thrown by `Found.get` for a question the host could not answer: the task that asked fails. */
export class ProbeFailed extends Error {}

/** Thrown by `Found.get` when the answer depends on something that has not happened yet and cannot be known: `may change`. */
export class Unknowable extends Error {}
