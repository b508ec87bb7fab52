import type { AccountTable } from './accounts.ts';
import type { Stat } from './path.ts';

/**
 * A probe is one read-only question to a host. One process answers all questions of a kind: `sh` reads them on stdin,
 * `decode` reads the answers back by position, so that names may contain anything but NUL.
 */
export interface ProbeKind<A = unknown> {
  /** `stat`, `content`, `package` ...: unique. */
  readonly kind: string;
  /** How many strings make one question. */
  readonly arity: number;
  /**
   * Constant program text for POSIX sh with coreutils or busybox. stdin: every string of every question, each ended by
   * NUL.
   */
  readonly sh: string;
  /**
   * The same, for asking several kinds in one shell, which answers them one after the other: program text that gets
   * every string of every question as `"$@"`, and may `exit`. Only for programs that end quickly and leave nothing
   * running: if one hangs, those after it have to be asked again. Default: the kind is asked separately.
   */
  readonly together?: string;
  /**
   * Seconds for the whole batch, after which the questions are asked one by one to find the one that hangs. Default 30.
   */
  readonly timeout?: number;
  /** The maximum size of all answers together, in bytes. Default 32 MiB. */
  readonly maxOutput?: number;
  /** The answers by position. `questions` has the strings of each question. */
  decode(stdout: Buffer, questions: readonly (readonly string[])[], stderr: string): readonly (A | ProbeFailure)[];
  /** What the answer depends on: when that is touched, the question is asked again. */
  depends(args: readonly string[]): readonly Subject[];
  /**
   * Any change may alter the answer, in ways that are not declared: for user code (`unless`, `onlyIf`), or the network.
   * Once something has changed, the question is not asked ahead of its task, and its answer proves nothing.
   */
  readonly volatile?: boolean;
  /**
   * Check mode: once changes are planned, the question is asked in a private view of the host that has the planned
   * files in place. `answer` marks an answer from such a view (`caveat`: planned changes that were not in place);
   * `impossible` is the answer if no such view can be made; `printed` is the part of an answer that people or later
   * tasks read.
   */
  readonly staged?: {
    answer(answer: A, caveat: string | undefined): A;
    impossible(why: string): A;
    printed?(answer: A): string;
    /**
     * The folders whose files this answer hangs on, beside accounts, and on nothing else: then what is planned beyond
     * them is no caveat. Undefined: on anything.
     */
    readsOnly?(answer: A): readonly string[] | undefined;
    /**
     * What such a view, in which these paths are as planned, shows otherwise than the host will: it becomes the
     * `caveat`.
     */
    distorts?(args: readonly string[], paths: readonly string[]): string | undefined;
  };
  /** The answer depends on the contents of files, not on their owners or permissions. */
  readonly ofContent?: boolean;
  /**
   * The question is about the location of a path (its file system, whether it is frozen) rather than what is there:
   * checking out or unpacking files does not alter the answer.
   */
  readonly ofPlace?: boolean;
  /** The answer also depends on who owns the folders that lead to the path, and who may write to them. */
  readonly ofWay?: boolean;
  /** The same, but only if there is a link at the path. */
  readonly ofWayIfLink?: boolean;
  /** For questions about a path: a link at the path itself is followed. */
  readonly follows?: boolean;
  /**
   * The answer contains paths that begin like those of the question. Check mode therefore asks the host with the same
   * path as a run does, unless something planned decides where that path leads.
   */
  readonly tellsPaths?: true;
  /** Expensive to answer, and uncertain after any change (what apt would do): asked only when it is the task's turn. */
  readonly inTurn?: boolean;
  /**
   * Files from which a tool reads the answer. Once one of them is written, the question is asked again; in check mode,
   * with the planned files in place.
   */
  files?(args: readonly string[]): readonly string[];
  /**
   * Check mode: adapts an answer to planned accounts, such as the names of owners. `asker`: the account that asks,
   * empty for the login user.
   */
  amid?(answer: A, args: readonly string[], accounts: AccountTable, asker: string): A;
  /** Check mode: adapts an answer to files that are changed in place, which `changed` finds by their identity. */
  changedInPlace?(answer: A, changed: (identity: string) => Stat | undefined): A;
  /**
   * For questions about everything below a folder: whether this answer includes files with other names (hard links),
   * through which a change in another folder may reach them. Default: no.
   */
  hasOtherNames?(answer: A): boolean;
  /** Check mode: another question that has the same answer. Plans predict the answer of that one only. */
  asks?(args: readonly string[]): Question<A>;
  /** For questions about a path: the answer when nothing is there. */
  readonly absent?: A;
  /** For questions about the contents of a file: the answer when a directory is there. */
  readonly ofDirectory?: A;
  /** For questions about what is in a directory: the answer when it is empty. */
  readonly ofEmptyDirectory?: A;
  /** Check mode: the code that asks adds planned paths (`plannedBelow`) to the host's answer itself. Default: no. */
  readonly addsPlanned?: true;
}

/** One question: its kind and its arguments. The type parameter is the type of the answer. */
export interface Question<A = unknown> {
  /** What is asked. */
  readonly kind: ProbeKind<A>;
  /** Its arguments: as many strings as the `arity` of its kind. */
  readonly args: readonly string[];
}

/** The result of a question that could not be answered; only the task that asked it fails. */
export class ProbeFailure {
  /** Why, as the message of the task's failure. */
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/**
 * A part of the host that changes touch and answers depend on. `path` covers the path itself and everything below it;
 * `everything` is what a command or a package installation touches.
 */
export type Subject =
  | { readonly on: 'everything' }
  | { readonly on: 'path'; readonly path: string }
  /** For questions only: whatever lies at or below the path (the drop-ins of a unit). */
  | { readonly on: 'below'; readonly path: string }
  | { readonly on: 'packages' }
  | { readonly on: 'accounts' }
  | { readonly on: 'units' }
  | { readonly on: 'unit'; readonly unit: string }
  /** Anything else, by a name of its own. `ofRoot`: only root can change it; what to call it when that is reported. */
  | { readonly on: 'named'; readonly name: string; readonly ofRoot?: string };

/** What a task can manage as a whole, so that no other task may manage it too. */
export type Owned = Extract<Subject, { readonly on: 'path' | 'named' }>;

/** The identity of a question. */
export function questionKey({ kind: { kind }, args }: Question): string {
  // One of thousands, mostly, about a path each.
  return args.length === 1 ? `${kind}\0${args[0]}` : [kind, ...args].join('\0');
}
