import type { Input } from '../connection/index.ts';
import type { Secret } from '../secrets/index.ts';
import type { Prediction } from './prediction.ts';
import type { Subject } from './question.ts';

/** One difference between wanted and found, as data: it can be printed, counted and stored. */
export interface Change {
  /** The attribute: `content`, `mode`, `owner`, `state`, `version` ... */
  readonly what: string;
  /** What was found, short enough for one line. Left out if there is nothing to show, or it is secret. */
  readonly from?: string;
  /** What is wanted. Left out if there is nothing to show, or it is secret. */
  readonly to?: string;
  /** Not asked for, but needed by something else. Reports for people show only how many of these there are. */
  readonly along?: true;
  /** For text: both sides in full. `before` null: there was no file. `unknown`: the old side cannot be known (why). */
  readonly text?: TextChange;
}

/** In `units` of a plan: all units of the host. */
export const everyUnit = '*';

/** A text before and after, for `--diff`. */
export interface TextChange {
  /** The file, or a name to show instead. */
  readonly path: string;
  /** The old text. Null: there was none. `unknown`: why it cannot be known. */
  readonly before: Buffer | null | { readonly unknown: string };
  /** The new text. Null: it no longer exists. */
  readonly after: Buffer | LargeContent | null;
  /** Secret texts to mask on both sides; true hides the whole content. */
  readonly secret?: readonly Secret[] | true;
}

/** The content of a file that is too large to be shown: never in memory as a whole, and identified by its digest. */
export interface LargeContent {
  /** Its length in bytes. */
  readonly length: number;
  /** Its SHA-256, in hex. */
  readonly sha256: string;
  /** What to show instead of the content. */
  toString(): string;
}

/** A piece of work on the host, as data: constant sh text, with everything that varies as arguments or stdin. */
export interface Step {
  /** Constant text for POSIX sh: nothing that varies is written into it. */
  readonly script: string;
  /** What varies, as `$1`, `$2` ... of the script. */
  readonly args?: readonly string[];
  /** Its input: contents, and everything secret, since other users may see the arguments of programs. */
  readonly stdin?: Input;
  /** Seconds after which it fails. Default: none. */
  readonly timeout?: number;
  /** It must survive the end of the connection (dpkg): it is run detached, and found again by the next run. */
  readonly detached?: boolean;
  /** All or nothing: if it fails, the host is as it was, so nothing is owed for it. */
  readonly atomic?: boolean;
  /** An exit code other than 0 is not a failure but part of the result (`command`). */
  readonly anyExit?: boolean;
  /**
   * The script can do any number of these steps at once: neighbouring ones, even of different tasks, are then sent as
   * one request, with their arguments and stdins one after the other. It must stop at the first that fails, and print
   * `failed N` as its last line, with N counting from 0.
   */
  readonly packs?: boolean;
  /**
   * The same step in two parts, so that neighbouring steps can run in between. `first` does the work; `look`, given its
   * output, returns the step that checks a little later whether the result lasts, or undefined if there is nothing to
   * check.
   */
  readonly inParts?: { readonly first: Step; readonly look: (output: StepOutput) => Step | undefined };
  /** The step changes nothing, it only checks; if it fails, the task fails with this message and hint. */
  readonly looks?: { readonly what: string; readonly hint: string };
  /** What the step does, in words: shown with `-vvv`, and when it fails. */
  readonly label?: string;
}

/** What a step printed, and how it ended. */
export interface StepOutput {
  /** Its exit code. */
  readonly code: number;
  /** What it printed. */
  readonly stdout: string;
  /** What it printed on stderr. */
  readonly stderr: string;
}

/** What an imperative plan may use. */
export interface ImperativeContext {
  /** The host's inventory name. */
  readonly host: string;
  /** Whether the "host" is the machine play itself runs on. */
  readonly isThisMachine: boolean;
  /** Aborted by Ctrl-C, upon which anything that waits must give up. */
  readonly signal: AbortSignal | undefined;
  /**
   * Asks the operator.
   *
   * @param instead what to do if nobody can be asked, as a sentence
   * @throws PlayError without a terminal, or if the run is interrupted meanwhile
   */
  ask(question: string, instead: string): Promise<string>;
  /** Runs a step on the host. @throws PlayError that fails the task, unless the step says `anyExit`; Unreachable */
  run(step: Step): Promise<StepOutput>;
  /** Reports the progress of a wait, in a few words, to whoever watches the run. */
  progress(text: string): void;
  /** Ends the connection to the host and makes a new one. @throws Unreachable */
  reconnect(): Promise<void>;
  /**
   * Makes a new connection if the one to the host is lost, with several attempts, and takes the lock again: for
   * watching a host over a long time. @throws Unreachable
   */
  recover(): Promise<void>;
}

/**
 * A way in to the host that a change could close: its firewall, sshd, what an account may log in with, who may become
 * root.
 */
export type WayIn =
  /** `table`: by family and name, `inet filter`; left out where it may be any. */
  | { readonly by: 'firewall'; readonly table?: string }
  | { readonly by: 'ssh' }
  | { readonly by: 'account'; readonly name: string }
  | { readonly by: 'sudo' };

/** What a plan function returns: plain data that check mode prints and a real run carries out. */
export interface Plan<R> {
  /** What differs from what is wanted. Empty: nothing does. */
  readonly changes: readonly Change[];
  /**
   * What to run on the host, in order, until one fails. Empty although there are changes: nothing to do on the host
   * (`debug`).
   */
  readonly steps: readonly Step[];
  /** The state afterwards. Planning again against it must give no changes (unless `again`). */
  readonly after: readonly Prediction[];
  /**
   * More of the state afterwards, computed in check mode only, because it is costly or needs further questions. It may
   * read `found` as the plan does.
   */
  readonly foreseen?: () => readonly Prediction[];
  /** What the steps touch besides what `after` predicts: questions whose answers depend on it are asked again. */
  readonly touches: readonly Subject[];
  /**
   * A path whose times are set to the current time. `isByOwner`: only its owner may do that; otherwise, as both times
   * are set at once, anyone who may write to it can (utimensat(2)).
   */
  readonly retimed?: { readonly path: string; readonly isByOwner: boolean };
  /**
   * The systemd units that the steps start, stop, restart or otherwise switch, by all known names: if an operator holds
   * one of them (`play hold`), the task is not run. `'*'`: all units, as for a reboot.
   */
  readonly units?: readonly string[];
  /**
   * The ways to log in that the steps could close. If this run uses one of them, the change is kept only if a new login
   * works (`commitConfirmed`). Files that sudo, PAM and sshd read at each login need not be named: they are recognised
   * by their paths.
   */
  readonly closes?: readonly WayIn[];
  /** From this task on, the play's tasks on this host work for this holder, whose own holds do not stop them. */
  readonly holder?: string;
  /**
   * The change is due every time (`command` with `changes: 'always'`, `restarted`), so planning again proves nothing.
   */
  readonly again?: boolean;
  /**
   * The change is due whatever is found (`changes: 'always'`, `restarted`), so it says nothing about the state of the
   * host: `play drift` does not count it.
   */
  readonly always?: boolean;
  /**
   * Housekeeping that does not count as a change (fetching apt's lists): it is done, but reported as ok, and notifies
   * no handler.
   */
  readonly quiet?: boolean;
  /** Assumptions, each with its reason. */
  readonly assumed?: readonly string[];
  /** Why it is not known whether this will change anything (check mode). */
  readonly may?: string;
  /** What later tasks read; in check mode, the predicted one. */
  readonly result: R;
  /** Returns the result, given the output of the steps. Default: `result`. Throw to fail the task. */
  readonly conclude?: (outputs: readonly StepOutput[]) => R;
  /**
   * Instead of `conclude`, if the steps run another tool, and only its output tells whether it changed anything and
   * whether it worked. Needs `again`.
   */
  readonly report?: (outputs: readonly StepOutput[]) => Report<R>;
  /**
   * What the task does to the host, or its result, is known only once it has run (`command`). In check mode its result
   * cannot be read (a task that does so `may change`), and what is missing on the host may exist afterwards.
   */
  readonly unforeseen?: boolean;
  /**
   * With `unforeseen`: nothing new appears on the host besides what `after` predicts. What is missing stays missing;
   * only the result is unknown.
   */
  readonly bringsNothing?: boolean;
  /**
   * Instead of `steps`: work on this machine, or on both this machine and the host. No other task is sent with it.
   * Returns the result; a PlayError fails the task. Not run in check mode unless `looksOnly`.
   */
  readonly imperative?: (context: ImperativeContext) => Promise<R>;
  /** `imperative` changes nothing, so it is run in check mode too. Needs `quiet`. */
  readonly looksOnly?: boolean;
  /** A message for the operator: from `debug`, or a failed assertion. */
  readonly message?: string;
  /** Check mode: the message is known only once the task has run; `message` says what it depends on. */
  readonly messageOpen?: boolean;
  /**
   * More about the task as plain data, for programs: `detail` in the task's event (`--output jsonl`). Default: nothing.
   */
  readonly detail?: Readonly<Record<string, unknown>>;
  /**
   * Set this to fail the task without changing anything: an assertion that does not hold. In check mode, also for a
   * change that is sure to fail halfway: `changes` are then what it would try, and `after` is the state it leaves for
   * tasks that continue regardless.
   */
  readonly failure?: string;
  /**
   * With `failure`, for a change that is sure to fail halfway: the state it was meant to reach. If the account lacks
   * the permissions for that, the task fails for this reason first, and reports it instead.
   */
  readonly tried?: readonly Prediction[];
  /**
   * With `failure`: trying again later will not help, because the tool it needs is missing. A gate (`healthy`,
   * `gate`) then fails at once. Default false.
   */
  readonly hopeless?: boolean;
  /** With `failure`: the reason, or what to do about it. */
  readonly hint?: string;
  /** Validation of staged content, run in check mode as well as before the steps. */
  readonly validate?: Validation;
}

/** A checker to run against content that is not in place yet. */
export interface Validation {
  /** Shell text; `$PLAY_STAGED` is the staged file's path. */
  readonly command: string;
  /** As written in the playbook, with `%s` for the path: for people. */
  readonly shown: string;
  /** Where the content will be put. */
  readonly path: string;
  /** What is checked. */
  readonly content: Uint8Array;
  /** Octal: the permissions it will have. */
  readonly mode: string;
}

/** What another tool reported about its work. */
export interface Report<R> {
  /** What later tasks read. */
  readonly result: R;
  /** What was changed, instead of the plan's `changes`. Empty: nothing was, and no handler is notified. */
  readonly changes: readonly Change[];
  /** Why it failed, as a sentence. Left out if it did not. */
  readonly failure?: string;
  /** With `failure`: what to do about it. */
  readonly hint?: string;
  /** With `failure`: what to show of its output. */
  readonly output?: StepOutput;
  /** A message for the operator. */
  readonly message?: string;
}

/** The plan of a task that has nothing to change, with the result that later tasks read. */
export function settled<R>(result: R): Plan<R> {
  return { changes: [], steps: [], after: [], touches: [], result };
}
