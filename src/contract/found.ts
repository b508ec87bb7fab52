import type { Stat } from './path.ts';
import type { Plan } from './plan.ts';
import type { Question } from './question.ts';

/**
 * What is known about a host, as a plan reads it: the host's own answers, overlaid with the state after changes that
 * are already planned.
 */
export interface Found {
  /**
   * The answer to a question.
   * @throws Unanswered when it was not asked yet: the engine asks, together with everything else that is missing, and
   * plans again
   * @throws ProbeFailed when the host could not answer
   */
  get<A>(question: Question<A>): A;
  /**
   * Like `get`, but does not mark the task as resting on a guess: for answers that are only passed on to later tasks. A
   * prediction made from such an answer repeats its reason.
   */
  peek<A>(question: Question<A>): Seen<A>;
  /**
   * States what the plan cannot do without. Unmet, the task fails with `failure`; in check mode, where something
   * planned before may yet provide it, the task `may change` instead. Annotate the parameter (`found: Found`) so that
   * the condition narrows types.
   *
   * @example found.require(zone.type !== 'absent', { failure: `there is no time zone ${name}`, hint: 'Install the
   * package tzdata first.' })
   * @throws PlayError, Unknowable
   */
  require(isMet: boolean, need: Need): asserts isMet;
  /**
   * Like `require`, for a need whose details the plan can do without: where something planned before may provide it,
   * the task is planned as if it were there, and rests on that assumption.
   *
   * @example found.presume(folder.type === 'directory', { failure: `there is no folder ${path}`, assume: `${path}
   * exists` })
   */
  presume(isMet: boolean, need: Need & { readonly assume: string }): void;
  /**
   * Assumes something that does not hold now, where a change planned before may bring it about.
   *
   * @param what as a sentence: `git is installed`
   * @returns false in a run, and where nothing planned before may bring it about
   */
  anticipate(what: string, by?: ByThen): boolean;
  /**
   * Assumes that something stays as it is, though a change planned before may alter it. In a run this assumes nothing.
   */
  trust(what: string, by?: ByThen): void;
  /**
   * Leaves open what a change planned before may alter. In a run nothing is open.
   *
   * @param what as a sentence: `/etc/x may be there by then`
   * @throws Unknowable: the task `may change`
   */
  doubt(what: string, by?: ByThen): void;
  /**
   * Whether a change planned before may make the host differ from what was found. False in a run. For plans that then
   * leave their result `unforeseen`, or go without an answer that only the present host could give; needs are stated by
   * `require` and the like, which give a reason.
   *
   * @example return { ...settled({ files }), unforeseen: found.mayDiffer() };
   */
  mayDiffer(by?: ByThen): boolean;
  /** Marks the task as resting on a guess, in check mode: the assumption, as a sentence. */
  assume(why: string): void;
  /**
   * Records questions the plan is about to need, so that they go out in one exchange rather than one after the other.
   */
  need(...questions: readonly Question[]): void;
  /**
   * True when this is planned as a notified handler: then `restarted` is due even if the unit was restarted before.
   */
  readonly notified: boolean;
  /**
   * Check mode: whether changes planned since the answer to this question was planned alter what lies below the paths
   * it depends on. False in a run, where such questions are asked again.
   */
  outdated(question: Question): boolean;
  /**
   * Check mode: the answer that changes planned before will lead to; undefined if they leave it as the host has it,
   * and in a run. Asks nothing of the host; marks the task as `get` does.
   * @throws Unknowable where the planned answer cannot be known
   */
  planned<A>(question: Question<A>): A | undefined;
  /** Check mode: the paths below this one that changes planned before make, alter or remove. */
  plannedBelow(path: string): readonly PlannedPath[];
  /**
   * Check mode: whether changes planned before may alter anything below this path. This is more than `plannedBelow`
   * can list: files changed in place may have other names there (hard links).
   */
  mayChangeBelow(path: string): boolean;
  /**
   * What will be found once this plan is carried out as well: for a plan combined from several, each of which builds
   * on those before it.
   */
  with(plan: Pick<Plan<unknown>, 'after' | 'foreseen'>): Found;
  /**
   * Check mode only: what is known of the changes planned before. For resources whose subject is forecasting (what apt
   * would do, what a unit will do, what the network may answer by then); all others state their needs with `require`,
   * `presume` and the like.
   */
  readonly forecast: Forecast | undefined;
}

/** What check mode knows about the changes planned before a task. A reason is undefined if there is none. */
export interface Forecast {
  /** Why things that were not found may exist by then: a command planned before may make them. */
  readonly mayAppearBecause: string | undefined;
  /**
   * Why a program that was not found may exist by then: the same, or packages are planned before, whose scripts may
   * make it.
   */
  readonly mayBringPrograms: string | undefined;
  /**
   * Why apt may know packages by then that it does not know now: a command planned before may add a source for them.
   */
  readonly mayAddSources: string | undefined;
  /** Why the host may answer differently by then: something is planned before. */
  readonly changedBefore: string | undefined;
  /**
   * Why the network may answer differently by then: something is planned before on this host or another one of the run.
   */
  readonly changedAnywhere: string | undefined;
  /**
   * Why the host may behave differently by then: more than files is planned before, such as a service, a package or a
   * command.
   */
  readonly beyondFiles: string | undefined;
}

/**
 * Which changes planned before a task may provide what it needs: `commands`, whose effects nobody knows; `programs`,
 * packages too, since their scripts may make a program; `changes`, anything that changes the host.
 */
export type ByThen = 'commands' | 'programs' | 'changes';

/** What a plan cannot do without. */
export interface Need {
  /** Why the task fails without it, as a sentence that can be followed by "yet": `there is no zone X`. */
  readonly failure: string;
  /** What to do about it. */
  readonly hint?: string;
  /** Which changes planned before may provide it, in check mode; null: none. Default `commands`. */
  readonly by?: ByThen | null;
}

/** An answer, and why it is a guess if it is one. */
export interface Seen<A> {
  /** The answer. */
  readonly answer: A;
  /** Why it is a guess; undefined if it is not. */
  readonly assumed: string | undefined;
}

/** A path as a planned change leaves it. */
export interface PlannedPath {
  /** The path. */
  readonly path: string;
  /** As the host has it now; undefined if that was not asked. */
  readonly before: Stat | undefined;
  /** As it will be. */
  readonly after: Stat;
  /** Why it is a guess that the path is there, or what it is: predictions made from it repeat the reason. */
  readonly assumed: string | undefined;
}

/** Thrown by `Found.get` for a question that was not asked yet. Caught by the engine. */
export class Unanswered extends Error {
  readonly questions: readonly Question[];
  constructor(questions: readonly Question[]) {
    super('unanswered question');
    this.questions = questions;
  }
}

/** Thrown by `Found.get` for a question the host could not answer: the task that asked fails. */
export class ProbeFailed extends Error {}

/**
 * Thrown by `Found.get` when the answer depends on something that has not happened yet and cannot be known: `may
 * change`.
 */
export class Unknowable extends Error {}
