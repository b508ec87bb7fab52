import type { Stat } from './path.ts';
import type { Plan } from './plan.ts';
import type { Question } from './question.ts';

/**
 * What is known of a host, as a plan reads it: the host's own answers with the after-state of changes already planned
 * written over them.
 */
export interface Found {
  /**
   * The answer to a question.
   * @throws Unanswered when it was not asked yet: the engine asks, together with all else that is missing, and plans
   * again
   * @throws ProbeFailed when the host could not answer
   */
  get<A>(question: Question<A>): A;
  /**
   * As `get`, but the task that peeks is not marked as resting on a guess: for what it merely passes on to later tasks.
   * Where that comes of the answer, it carries the reason on.
   */
  peek<A>(question: Question<A>): Seen<A>;
  /**
   * States what the plan cannot do without. Unmet, the task fails with `failure`; in check mode, where something
   * planned before may yet bring it about, the task `may change` instead. Annotate the parameter (`found: Found`) to
   * have what holds narrow types.
   *
   * @example found.require(zone.type !== 'absent', { failure: `there is no time zone ${name}`, hint: 'Install the package tzdata first.' })
   * @throws PlayError, Unknowable
   */
  require(isMet: boolean, need: Need): asserts isMet;
  /**
   * As `require`, for what the plan can go on without knowing: where something planned before may bring it about, it is
   * planned as if it were there, and the task rests on that.
   *
   * @example found.presume(folder.type === 'directory', { failure: `there is no folder ${path}`, assume: `${path} exists` })
   */
  presume(isMet: boolean, need: Need & { readonly assume: string }): void;
  /**
   * Takes for granted what is not so, where something planned before may make it so.
   *
   * @param what as a sentence: `git is installed`
   * @returns false in a run, and where nothing planned before may
   */
  anticipate(what: string, by?: ByThen): boolean;
  /**
   * Takes for granted that something stays as it is, though something planned before may change it. In a run that is no
   * assumption.
   */
  trust(what: string, by?: ByThen): void;
  /**
   * Leaves open what something planned before may change. In a run nothing is open.
   *
   * @param what as a sentence: `/etc/x may be there by then`
   * @throws Unknowable: the task `may change`
   */
  doubt(what: string, by?: ByThen): void;
  /**
   * Whether something planned before may make the host other than it was found. False in a run. For plans that then
   * leave their result `unforeseen`, or do without an answer that only the host as it is now could give; a need is
   * stated by `require` and the like, which say why.
   *
   * @example return { ...settled({ files }), unforeseen: found.mayDiffer() };
   */
  mayDiffer(by?: ByThen): boolean;
  /** Marks the task as resting on a guess, in check mode: what is taken for granted, as a sentence. */
  assume(why: string): void;
  /**
   * Records questions the plan is about to need, so that they go out in one exchange rather than one after the other.
   */
  need(...questions: readonly Question[]): void;
  /**
   * True when this is planned as a notified handler: `restarted` is due then even where the unit was restarted before.
   */
  readonly notified: boolean;
  /**
   * Check mode: whether changes planned since the answer to this question was planned alter what lies below the paths
   * it depends on. In a real run such answers are asked anew, so that this is false.
   */
  outdated(question: Question): boolean;
  /**
   * Check mode: what changes planned before make of an answer; undefined where they leave it as the host has it, and in
   * a run. Asks nothing of the host; marks the task as `get` does.
   * @throws Unknowable where they make of it what cannot be known
   */
  planned<A>(question: Question<A>): A | undefined;
  /** Check mode: what changes planned before make of paths below this one. */
  plannedBelow(path: string): readonly PlannedPath[];
  /**
   * Check mode: whether changes planned before may make something of what lies below this path. Besides `plannedBelow`,
   * files that change where they lie may have other names there (hard links).
   */
  mayChangeBelow(path: string): boolean;
  /**
   * What will be found once this plan is carried out too: for a plan made up of several, each of which builds on those
   * before it.
   */
  with(plan: Pick<Plan<unknown>, 'after' | 'foreseen'>): Found;
  /**
   * Check mode only: what is known of what comes before. For resources whose subject is forecasting (what apt would do,
   * what a unit will do, what the network may answer by then); all others state their needs with `require`, `presume`
   * and the like.
   */
  readonly forecast: Forecast | undefined;
}

/** What check mode knows of the changes planned before a task. Each reason is undefined where there is none. */
export interface Forecast {
  /** Why things may be there that were not found: a command planned before may make them. */
  readonly mayAppearBecause: string | undefined;
  /**
   * Why a program may be there that was not found: the same, or packages are planned before, whose scripts may make it.
   */
  readonly mayBringPrograms: string | undefined;
  /** Why apt may know packages that it does not know now: a command planned before may add a source of them. */
  readonly mayAddSources: string | undefined;
  /** Why the host may answer otherwise: something was planned before. */
  readonly changedBefore: string | undefined;
  /** Why the network may answer otherwise: something was planned before on this host or another one of the run. */
  readonly changedAnywhere: string | undefined;
  /** Why the host may do otherwise: more than files is planned before, such as a service, a package or a command. */
  readonly beyondFiles: string | undefined;
}

/**
 * What is planned before a task and may bring about what it needs: `commands`, of which nobody knows what they do;
 * `programs`, packages too, as their scripts may make a program; `changes`, anything that changes the host.
 */
export type ByThen = 'commands' | 'programs' | 'changes';

/** What a plan cannot do without. */
export interface Need {
  /** Why the task fails without it, as a sentence that can go on with "yet": `there is no zone X`. */
  readonly failure: string;
  /** What to do about it. */
  readonly hint?: string;
  /** What planned before may bring it about, in check mode; null: nothing. Default `commands`. */
  readonly by?: ByThen | null;
}

/** An answer, and why it is a guess if it is one. */
export interface Seen<A> {
  /** The answer. */
  readonly answer: A;
  /** Why it is a guess; undefined where it is none. */
  readonly assumed: string | undefined;
}

/** A path as a planned change leaves it. */
export interface PlannedPath {
  /** The path. */
  readonly path: string;
  /** As the host has it now; undefined where nobody asked. */
  readonly before: Stat | undefined;
  /** As it will be. */
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

/**
 * Thrown by `Found.get` when the answer depends on something that has not happened yet and cannot be known: `may
 * change`.
 */
export class Unknowable extends Error {}
