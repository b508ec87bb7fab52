import type { Change, Plan, StepOutput } from '../contract/index.ts';
import type { ListedTask, Service } from '../playbook/index.ts';
import type { Hold } from '../probes/index.ts';

/** The outcome of a task or handler; `held`: its unit is held, so it was left alone. */
export type TaskStatus = 'ok' | 'changed' | 'skipped' | 'failed' | 'unreachable' | 'held';

/** A finished task or handler; the same in check mode, where it says what would happen. */
export interface TaskEvent {
  readonly event: 'task' | 'handler';
  readonly host: string;
  readonly play: string;
  readonly role: string | null;
  readonly task: string;
  /** What it is about (a path, a unit, an account), where it has a name of its own, which may not say it. */
  readonly subject?: string;
  readonly resource: string;
  readonly tags: readonly string[];
  readonly status: TaskStatus;
  readonly changed: boolean;
  /** The assumptions it rests on, each with its reason. */
  readonly assumed: readonly string[];
  /** Why it is not known whether this will change anything. */
  readonly may: string | null;
  readonly changes: readonly Change[];
  /**
   * Its changes as they may be shown, where a worker carried the task out: what they are made of stays there, and `changes` is
   * empty.
   */
  readonly shownChanges?: readonly ShownChange[];
  readonly message: string | null;
  /** Check mode: the words are known only once it has run; `message` says what they wait for. */
  readonly messageOpen?: true;
  /** What else the resource reports about it, as data. */
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly error: TaskFailure | null;
  /** It is due every time, whatever the host is like. */
  readonly always?: true;
  /** What a command printed: for `-v`. */
  readonly output?: StepOutput;
  readonly seconds: number;
  /** `noLog`: show neither diff nor output. */
  readonly hidden: boolean;
  /** A failure that `ignoreErrors` lets pass. */
  readonly ignored: boolean;
  /** A failure inside a block that has a rescue. */
  readonly rescued: boolean;
  /**
   * Set for a task of the play's gate: whether it stands before the host's tasks or after them. `healthy`: what a transaction
   * goes by.
   */
  readonly gate?: 'before' | 'after' | 'healthy';
  /** The host it was carried out on, where that is not the play's. */
  readonly delegatedTo?: string;
  /** What it was made of, secrets and all: for plan files and scripts. Never shown as it is. */
  readonly work?: TaskWork;
}

/** One difference in the form in which it may be shown. */
export interface ShownChange {
  readonly what: string;
  readonly from?: string;
  readonly to?: string;
  /** A package that only came because another one needs it. */
  readonly along?: true;
  /**
   * For text: the file, and its change as a unified diff or a line that says why there is none; all that is written, where
   * it is short, no secret, and more than the diff shows.
   */
  readonly text?: { readonly path: string; readonly diff: string; readonly written?: string };
}

/** What stands behind a task's event. */
export interface TaskWork {
  readonly listed: ListedTask;
  /** Left out where it could not be planned, or was skipped. */
  readonly plan?: Plan<unknown>;
  /** Its options with all functions resolved. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Why a change that is due is not made after all. */
export interface Refusal {
  readonly what: string;
  readonly hint: string;
}

export interface TaskFailure {
  readonly what: string;
  readonly hint: string | null;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** `file:line:col` of the task in the playbook. */
  readonly at: string | null;
  /** The services it is part of; of a host that is out of reach all that it has. Left out where none is declared. */
  readonly services?: readonly Service[];
}

/** What is under way, for progress and `-v`. */
export type Event =
  | { readonly event: 'play'; readonly play: string; readonly hosts: readonly string[]; readonly check: boolean }
  | { readonly event: 'connected'; readonly host: string; readonly how: string; readonly seconds: number }
  /**
   * `mayWait`: what it runs may first wait for other processes on that host, and says so there (apt's locks). `wait`: it
   * is tried again until it holds. `hidden`: `noLog`, so that nothing of what it prints may be shown.
   */
  | {
      readonly event: 'working';
      readonly host: string;
      readonly task: string;
      readonly mayWait?: boolean;
      readonly wait?: Wait;
      readonly hidden?: true;
    }
  | { readonly event: 'sent'; readonly host: string; readonly account: string; readonly scripts: readonly string[] }
  | { readonly event: 'notice'; readonly host: string | null; readonly text: string }
  /** The operator is being asked: nothing else is printed until the answer. */
  | ({ readonly event: 'question' } & Question)
  /** The host could not be reached; or it could, but nothing could be started on it (a wrong sudo password). */
  | {
      readonly event: 'unreachable' | 'host-failed';
      readonly host: string;
      readonly play: string;
      readonly error: TaskFailure;
    }
  /** The host vanished, which its play lets it (`gone`): it takes no further part. */
  | { readonly event: 'gone'; readonly host: string; readonly play: string; readonly error: TaskFailure }
  /** The host is held by an operator: it is left alone, and takes no further part. */
  | {
      readonly event: 'held';
      readonly host: string;
      readonly play: string;
      readonly hold: Hold;
      /** The same for people. */
      readonly text: string;
    }
  | TaskEvent
  | AlwaysEvent
  | ForetoldEvent
  | MarkEvent
  | RolloutStoppedEvent
  | RecapEvent;

/** How far a task is that is tried again and again: a gate, `until`. */
export interface Wait {
  /** How often it was tried so far. */
  readonly tries: number;
  /** How often at most. */
  readonly most: number;
  /** Seconds since the first try. */
  readonly seconds: number;
  /** What the last try came to, in a line; empty where nothing was seen, or may not be shown. */
  readonly saw: string;
}

export interface HostCounts {
  readonly ok: number;
  readonly changed: number;
  readonly unreachable: number;
  readonly failed: number;
  readonly skipped: number;
  readonly rescued: number;
  readonly ignored: number;
}

export interface RecapEvent {
  readonly event: 'recap';
  readonly hosts: Readonly<Record<string, HostCounts>>;
  /** Check mode: how many tasks of the run rest on an assumption, and how many may change, by host. */
  readonly assumed: Readonly<Record<string, number>>;
  readonly may: Readonly<Record<string, number>>;
  /** How much was left alone since it is held, by host: tasks, or 1 for the host itself. */
  readonly held: Readonly<Record<string, number>>;
  /** Hosts that vanished, and that their play lets go. */
  readonly gone: readonly string[];
  readonly exit: number;
  readonly seconds: number;
  readonly check: boolean;
}

/** How many came out as was said of them before. */
export interface ForetoldCounts {
  /** Tasks and handlers that were compared. */
  readonly tasks: number;
  /** Those that came as was said for certain. */
  readonly right: number;
  /** Those of which it was said that they may change, or rest on a guess. */
  readonly assumed: number;
  /** Those that the forecast of a run could not tell, as only check mode asks for them. */
  readonly unasked: number;
  /** Of what was asked: those that changed something or were said to, and those of them that came as was said. */
  readonly changes: number;
  readonly rightChanges: number;
}

/** How a play on a host came out beside what check mode would have said of it, for the record of the run. */
export interface ForetoldEvent extends ForetoldCounts {
  readonly event: 'foretold';
  readonly host: string;
  readonly play: string;
  readonly misses: readonly Miss[];
  /** Why there is no forecast; null where there is one. */
  readonly problem: string | null;
}

/** What came otherwise than it was foretold. */
export interface Miss {
  readonly kind: 'task' | 'handler';
  readonly role: string | null;
  readonly task: string;
  /** `changed (mode 0600 -> 0644)`, `ok`, `not run`. */
  readonly said: string;
  readonly did: string;
  /** Why it failed, where it did. */
  readonly why: string | null;
  /** What the forecast rested on, where it was a guess. */
  readonly assumed: string | null;
}

/** What a block does always is owed from its first change on, until it is done. */
export interface AlwaysEvent {
  readonly event: 'always';
  readonly host: string;
  readonly play: string;
  /** Which block; the same in each run of the playbook. */
  readonly block: string;
  /** What it does always: the names of the tasks. */
  readonly tasks: readonly string[];
  readonly is: 'owed' | 'done';
}

/**
 * How far a run is, for one that may have to go on with it: `begun`, `done`, `failed` of a task that does its work each time
 * it is run; `over`: the host has all of the play.
 */
export interface MarkEvent {
  readonly event: 'mark';
  readonly is: 'begun' | 'done' | 'failed' | 'over';
  readonly host: string;
  /** The number of the play in the playbook. */
  readonly part: number;
  /** Of a task: what it is known by in each run of the playbook, and its name. */
  readonly key?: string;
  readonly task?: string;
  /** Of one that is done: whether it changed something, and its result, where that may be kept. */
  readonly changed?: boolean;
  readonly result?: object;
}

/** A play in batches, or with a gate, ended before all of its hosts had it: where each of them stands. */
export interface RolloutStoppedEvent {
  readonly event: 'rollout-stopped';
  readonly play: string;
  /** Why, as a sentence. */
  readonly why: string;
  /** Hosts that have all of it. */
  readonly done: readonly string[];
  /** Hosts that were begun and not finished. `gate`: at which gate; `task`: what failed there, if a task did. */
  readonly failed: readonly {
    readonly host: string;
    readonly gate: 'before' | 'after' | null;
    readonly task: string | null;
  }[];
  /** Hosts that vanished, and that the play lets go. */
  readonly gone: readonly string[];
  /** Hosts on which nothing was begun. */
  readonly notBegun: readonly string[];
  /** The command for all hosts that do not have it, once what failed is right; null where there are none. */
  readonly goOn: string | null;
  /** The command for all hosts that have it, or a part of it, once the playbook is as it was; null where there are none. */
  readonly goBack: string | null;
}

/** What the operator is asked in the middle of a run. */
export interface Question {
  /** The host whose task asks; null where a runbook does. */
  readonly host: string | null;
  readonly text: string;
}

/** Asks the operator. @returns undefined where nobody can be asked @throws PlayError when interrupted */
export type Ask = (question: Question, signal: AbortSignal | undefined) => Promise<string | undefined>;

export type Listener = (event: Event) => void;
