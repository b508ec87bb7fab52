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
   * @throws Unanswered if it has not been asked yet: the engine asks it, together with everything else that is missing,
   * and plans again
   * @throws ProbeFailed if the host could not answer
   */
  get<A>(question: Question<A>): A;
  /**
   * Like `get`, but does not mark the task as based on an assumption: for answers that are only passed on to later
   * tasks. A prediction made from such an answer must repeat its reason.
   */
  peek<A>(question: Question<A>): Seen<A>;
  /**
   * States what the plan cannot do without. If it is missing, the task fails with `failure`; in check mode, if
   * something planned earlier may provide it, the task `may change` instead. Annotate the parameter (`found: Found`) so
   * that the condition narrows types.
   *
   * @example found.require(zone.type !== 'absent', { failure: `there is no time zone ${name}`, hint: 'Install the
   * package tzdata first.' })
   * @throws PlayError, Unknowable
   */
  require(isMet: boolean, need: Need): asserts isMet;
  /**
   * Like `require`, for a need whose details the plan can do without: if something planned earlier may provide it, the
   * task is planned as if it were there, and marked as based on that assumption.
   *
   * @example found.presume(folder.type === 'directory', { failure: `there is no folder ${path}`, assume: `${path}
   * exists` })
   */
  presume(isMet: boolean, need: Need & { readonly assume: string }): void;
  /**
   * Assumes something that is not true now, if a change planned earlier may make it true.
   *
   * @param what as a sentence: `git is installed`
   * @returns false in a run, and if nothing planned earlier may make it true
   */
  anticipate(what: string, by?: ByThen): boolean;
  /** Assumes that something stays as it is, although a change planned earlier may alter it. Does nothing in a run. */
  trust(what: string, by?: ByThen): void;
  /**
   * Declares something uncertain if a change planned earlier may alter it. Does nothing in a run.
   *
   * @param what as a sentence: `/etc/x may exist by then`
   * @throws Unknowable: the task `may change`
   */
  doubt(what: string, by?: ByThen): void;
  /**
   * Whether a change planned earlier may make the host differ from what was found. False in a run. For plans that then
   * declare their result `unforeseen`, or do without an answer that only the host as it is now could give. For needs,
   * use `require` and the like, which give a reason.
   *
   * @example return { ...settled({ files }), unforeseen: found.mayDiffer() };
   */
  mayDiffer(by?: ByThen): boolean;
  /** Marks the task as based on an assumption, in check mode. `why`: the assumption, as a sentence. */
  assume(why: string): void;
  /**
   * Announces questions that the plan is about to need, so that they are asked in one exchange rather than one after
   * the other.
   */
  need(...questions: readonly Question[]): void;
  /** Whether the task runs as a notified handler: `restarted` is then due even if the unit was restarted before. */
  readonly notified: boolean;
  /**
   * Check mode: whether changes planned since this question's answer was predicted alter anything below the paths it
   * depends on. False in a run, where such questions are asked again.
   */
  outdated(question: Question): boolean;
  /**
   * Check mode: the answer as it will be after changes planned earlier; undefined if they do not alter it, and in a
   * run. Does not ask the host; marks the task as `get` does.
   * @throws Unknowable if the planned answer cannot be known
   */
  planned<A>(question: Question<A>): A | undefined;
  /** Check mode: the paths below this one that changes planned earlier create, alter or remove. */
  plannedBelow(path: string): readonly PlannedPath[];
  /**
   * Check mode: whether changes planned earlier may alter anything below this path. This covers more than
   * `plannedBelow` can list: files that are changed in place may have other names there (hard links).
   */
  mayChangeBelow(path: string): boolean;
  /**
   * What will be found once this plan has been carried out as well: for plans made of several, each of which builds on
   * those before it.
   */
  with(plan: Pick<Plan<unknown>, 'after' | 'foreseen'>): Found;
  /**
   * Check mode only: what is known about the changes planned earlier. For resources that have to forecast something
   * themselves (what apt would do, what a unit will do, what the network may answer); all others state their needs with
   * `require`, `presume` and the like.
   */
  readonly forecast: Forecast | undefined;
}

/**
 * What check mode knows about the changes planned before a task. Each field is a reason, or undefined if there is none.
 */
export interface Forecast {
  /** Why things that were not found may exist when the task runs: a command planned earlier may create them. */
  readonly mayAppearBecause: string | undefined;
  /**
   * Why a program that was not found may exist when the task runs: the same, or the scripts of packages planned earlier
   * may create it.
   */
  readonly mayBringPrograms: string | undefined;
  /** Why apt may know more packages when the task runs: a command planned earlier may add a source for them. */
  readonly mayAddSources: string | undefined;
  /** Why the host may answer differently when the task runs: something is planned earlier. */
  readonly changedBefore: string | undefined;
  /**
   * Why the network may answer differently when the task runs: something is planned earlier on this or another host of
   * the run.
   */
  readonly changedAnywhere: string | undefined;
  /**
   * Why the host may behave differently when the task runs: something other than a file is planned earlier, such as a
   * service, a package or a command.
   */
  readonly beyondFiles: string | undefined;
}

/**
 * Which changes planned before a task may provide what it needs. `commands`: only commands, whose effects are unknown;
 * `programs`: packages as well, since their scripts may create a program; `changes`: anything that changes the host.
 */
export type ByThen = 'commands' | 'programs' | 'changes';

/** What a plan cannot do without. */
export interface Need {
  /** Why the task fails without it, as a sentence that can be followed by "yet": `there is no zone X`. */
  readonly failure: string;
  /** What to do about it. */
  readonly hint?: string;
  /** Which changes planned earlier may provide it, in check mode; null: none. Default `commands`. */
  readonly by?: ByThen | null;
}

/** An answer, and if it is only an assumption, the reason. */
export interface Seen<A> {
  /** The answer. */
  readonly answer: A;
  /** Why it is only an assumption; undefined if it is not. */
  readonly assumed: string | undefined;
}

/** A path as a planned change leaves it. */
export interface PlannedPath {
  /** The path. */
  readonly path: string;
  /** What is there now; undefined if the host was not asked. */
  readonly before: Stat | undefined;
  /** What will be there. */
  readonly after: Stat;
  /**
   * Why it is only an assumption that the path exists, or what it is. Predictions made from it must repeat the reason.
   */
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
