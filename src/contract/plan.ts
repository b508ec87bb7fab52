import type { Input } from '../connection/index.ts';
import type { Secret } from '../secrets/index.ts';
import type { Prediction } from './prediction.ts';
import type { Subject } from './question.ts';

/** One difference between wanted and found, as data: it can be printed, counted and stored. */
export interface Change {
  /** The attribute: `content`, `mode`, `owner`, `state`, `version` ... */
  readonly what: string;
  /** What was found, short enough for one line. Left out where there is nothing to say or it is secret. */
  readonly from?: string;
  /** What is wanted. Left out where there is nothing to say or it is secret. */
  readonly to?: string;
  /** Nobody asked for it: something else needs it. Reports for people give the number of these. */
  readonly along?: true;
  /** For text: both sides in full. `before` null: there was no file. `unknown`: the old side cannot be known (why). */
  readonly text?: TextChange;
}

/** In `units` of a plan: all units of the host. */
export const everyUnit = '*';

/** A text before and after, for `--diff`. */
export interface TextChange {
  /** The file, or a name in its place. */
  readonly path: string;
  /** Null: there was none. `unknown`: it cannot be known, and why. */
  readonly before: Buffer | null | { readonly unknown: string };
  /** Null: it no longer exists. */
  readonly after: Buffer | LargeContent | null;
  /** Secret texts to mask on both sides; true hides the whole content. */
  readonly secret?: readonly Secret[] | true;
}

/** What a file holds that is too large to be shown: never in memory as a whole, and known by its digest. */
export interface LargeContent {
  /** How many bytes. */
  readonly length: number;
  /** In hex. */
  readonly sha256: string;
  /** In its place, where a text is wanted. */
  toString(): string;
}

/** A piece of work on the host, as data: constant sh text; everything that varies is an argument or stdin. */
export interface Step {
  /** Constant text for POSIX sh: nothing that varies is written into it. */
  readonly script: string;
  /** What varies, as `$1`, `$2` ... of the script. */
  readonly args?: readonly string[];
  /** Its input: content, and everything secret, since others may see programs' arguments. */
  readonly stdin?: Input;
  /** Seconds; default none. */
  readonly timeout?: number;
  /** Must survive the end of the connection (dpkg): run detached, found again by the next run. */
  readonly detached?: boolean;
  /** All or nothing: if it fails, the host is as it was, so nothing is owed for it. */
  readonly atomic?: boolean;
  /** An exit code other than 0 is not a failure but part of the result (`command`). */
  readonly anyExit?: boolean;
  /**
   * The script can do any number of these at once: neighbouring steps, even of different tasks, are then sent as one
   * request with their arguments and stdins one after the other. It must stop at the first that fails, and print as its
   * last line `failed N`, N counting from 0.
   */
  readonly packs?: boolean;
  /**
   * The same step in two parts, so that neighbours can go ahead between them: what does the work, and what sees some
   * moments later whether it lasts, made from what the first one printed; undefined: there is nothing more to see.
   */
  readonly inParts?: { readonly first: Step; readonly look: (output: StepOutput) => Step | undefined };
  /** It changes nothing (a checker); if it fails, the task fails with these words. */
  readonly looks?: { readonly what: string; readonly hint: string };
  /** Says in words what the step does, for `-vvv` and for a failure. */
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
  /** The "host" is the machine play itself runs on. */
  readonly isThisMachine: boolean;
  /** Aborted by Ctrl-C: anything that waits must give up. */
  readonly signal: AbortSignal | undefined;
  /**
   * Asks the operator.
   *
   * @param instead what to do if nobody can be asked, as a sentence
   * @throws PlayError without a terminal, or when the run is interrupted meanwhile
   */
  ask(question: string, instead: string): Promise<string>;
  /** Runs a step on the host. @throws PlayError that fails the task, unless the step says `anyExit`; Unreachable */
  run(step: Step): Promise<StepOutput>;
  /** Says how far a wait has come, in a few words, for whoever watches the run. */
  progress(text: string): void;
  /** Ends the connection to the host and makes a new one. @throws Unreachable */
  reconnect(): Promise<void>;
  /**
   * Makes a new connection if the one to the host is lost, with several tries, and takes the lock again: for looking
   * over a long time. @throws Unreachable
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

/** What a plan function returns: plain data that check mode prints and the real run carries out. */
export interface Plan<R> {
  /** Empty: the host is right. */
  readonly changes: readonly Change[];
  /** Run in order; the first failure stops. Empty with changes: nothing to do on the host (`debug`). */
  readonly steps: readonly Step[];
  /** The state after. Must be such that planning again against it gives no changes (unless `again`). */
  readonly after: readonly Prediction[];
  /**
   * More of the state after, computed in check mode only, since it is costly or asks the host more. It may read
   * `found` as the plan does.
   */
  readonly foreseen?: () => readonly Prediction[];
  /** What the steps touch beyond what `after` says: questions whose answers depend on it are asked again. */
  readonly touches: readonly Subject[];
  /**
   * What gets the present moment as its times, which takes its owner or, for both times at once, the right to write to
   * it (utimensat(2)).
   */
  readonly retimed?: { readonly path: string; readonly isByOwner: boolean };
  /**
   * The systemd units that the steps start, stop, restart or otherwise switch, by all known names: if an operator
   * holds one of them (`play hold`), the task is left alone. `'*'`: all of them, as for a reboot.
   */
  readonly units?: readonly string[];
  /**
   * The ways in that the steps could close. If one of them is ours, the change is kept only once a new login works
   * (`commitConfirmed`). Files that sudo, PAM and sshd read at each login need not be named: they are recognised by
   * their paths.
   */
  readonly closes?: readonly WayIn[];
  /** From here on, the play's tasks on this host are the work of this holder, whose own holds do not stop them. */
  readonly holder?: string;
  /** The change is due every time (`command` with `changes: 'always'`, `restarted`): planning again proves nothing. */
  readonly again?: boolean;
  /**
   * It is due whatever is found (`changes: 'always'`, `restarted`), so it says nothing about the state of the host:
   * `play drift` does not count it.
   */
  readonly always?: boolean;
  /**
   * Upkeep that leaves the host as good as it was (fetching apt's lists): it is done, but reported as ok, and notifies
   * no handler.
   */
  readonly quiet?: boolean;
  /** Assumptions, each with its reason. */
  readonly assumed?: readonly string[];
  /** Why it is not known whether this will change anything (check mode). */
  readonly may?: string;
  /** What later tasks read; in check mode, the predicted one. */
  readonly result: R;
  /** Makes the result from the steps' output; default `result`. Throw to fail the task. */
  readonly conclude?: (outputs: readonly StepOutput[]) => R;
  /**
   * Instead of `conclude`, if the steps run another tool, and only its output tells whether it changed anything and
   * whether it worked. Goes with `again`.
   */
  readonly report?: (outputs: readonly StepOutput[]) => Report<R>;
  /**
   * What this does to the host, or its result, is known only once it has run (`command`). In check mode its result
   * cannot be read (a task that does so `may change`), and what is missing on the host may exist by then.
   */
  readonly unforeseen?: boolean;
  /**
   * Goes with `unforeseen`: nothing new appears on the host beyond `after`. What is missing stays missing; only the
   * result is open.
   */
  readonly bringsNothing?: boolean;
  /**
   * Instead of `steps`: work on this machine, or work that goes back and forth between it and the host. No other
   * task is sent with it. Returns the result; a PlayError fails the task. Not run in check mode unless `looksOnly`.
   */
  readonly imperative?: (context: ImperativeContext) => Promise<R>;
  /** `imperative` changes nothing: it is run in check mode too. Goes with `quiet`. */
  readonly looksOnly?: boolean;
  /** A message for the operator: from `debug`, or a failed assertion. */
  readonly message?: string;
  /** Check mode: the message is known only once the task has run; `message` says what it waits for. */
  readonly messageOpen?: boolean;
  /** More about it as plain data, for programs: `detail` in the task's event (`--output jsonl`). Default: nothing. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /**
   * Set to fail the task without any change: an assertion that does not hold. In check mode also for a change that
   * is sure to fail halfway: `changes` are then what it would try, `after` the state it leaves for tasks that
   * continue regardless.
   */
  readonly failure?: string;
  /**
   * With `failure`, for a change that is sure to fail halfway: the state it was meant to reach. If the account may
   * not bring that about, this fails first, and is reported instead.
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
  /** What was changed, in place of the plan's `changes`. Empty: nothing was, and no handler is notified. */
  readonly changes: readonly Change[];
  /** Why it failed, as a sentence; left out if it did not. */
  readonly failure?: string;
  /** With `failure`: what to do about it. */
  readonly hint?: string;
  /** With `failure`: what to show of its output. */
  readonly output?: StepOutput;
  /** A message for the operator. */
  readonly message?: string;
}

/** The plan that finds the host right: nothing to change, and the result later tasks read. */
export function settled<R>(result: R): Plan<R> {
  return { changes: [], steps: [], after: [], touches: [], result };
}
