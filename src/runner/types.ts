import type { Question } from '../contract/index.ts';
import type { Playbook } from '../playbook/index.ts';
import type { ProjectConfig } from '../project/config.ts';
import type { SandboxKind, SandboxRelease } from '../sandbox/index.ts';
import type { HostLine, RunListener } from './reports.ts';
import type { RunResult } from './result.ts';

/**
 * What a runner is opened with: the settings of `play.config.ts` under their own names, and other options of the
 * command line. They override the project's `play.config.ts`; a host's variables override both. Files are relative to
 * the working directory.
 */
export interface RunnerOptions extends Omit<ProjectConfig, 'playbooksDir' | 'diff' | 'patch' | 'ageRecipients'> {
  /**
   * Hosts that exist even if the inventory does not list them, or there is no inventory; they are reached as ssh would
   * reach them. Default: none.
   */
  readonly hosts?: readonly string[] | undefined;
  /** Only these hosts (`-l`): runs and `inventory.hosts` leave the others out. Default: all. */
  readonly limit?: string | undefined;
  /** Variables that override all others (`-e`): by name, or as a list of what `-e` takes. Default: none. */
  readonly extraVars?: Readonly<Record<string, unknown>> | readonly string[] | undefined;
  /**
   * A throwaway host on this machine in place of each real one (`--sandbox`): a fresh Debian, or `self`, a copy of this
   * machine. Default false.
   */
  readonly sandbox?: boolean | SandboxKind | undefined;
  /**
   * The Debian release of throwaway hosts (`--sandbox-release`). Default: the host's `play_sandbox_release`, or this
   * machine's release.
   */
  readonly sandboxRelease?: SandboxRelease | undefined;
  /**
   * A folder of the project whose inventory, variables and `play.config.ts` are used. Default, and if the folder is in
   * no project: the working directory.
   */
  readonly project?: string | undefined;
}

/** The answer to a question; for several, the answers in order. */
export type Answer<Q> =
  Q extends Question<infer A> ? A : { readonly [K in keyof Q]: Q[K] extends Question<infer A> ? A : never };

/** The hosts of a runner. */
export interface RunnerInventory {
  /**
   * The names of hosts that match a pattern, as for `-l` (default `all`), in the inventory's order and within the
   * runner's limit. Throws PlayError for a name that is neither a host nor a group, with the nearest one.
   */
  hosts(pattern?: string | readonly string[]): string[];
  /** Every group with the names of its hosts, including those of the groups below it. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /**
   * The variables of a host, frozen; a secret one is a `Secret`. Throws PlayError for an unknown host, with the nearest
   * name.
   */
  variables(host: string): Readonly<Record<string, unknown>>;
  /** Whether an inventory lists a host, or it is this machine; false if only the option `hosts` names it. */
  isListed(host: string): boolean;
  /** The inventories that were read; empty if there are only `hosts`. */
  readonly sources: readonly string[];
}

/** Options of a question. */
export interface AskOptions {
  /** The user to become. Default: the user who logs in, whatever `become` is. */
  readonly becomeUser?: string;
}

/** Options of a shell command. */
export interface ShellOptions extends AskOptions {
  /** `$1`, `$2` ... of the command: values from elsewhere belong here, not in its text. */
  readonly args?: readonly string[];
  /**
   * Called with each line as it arrives. If it returns a promise, the host waits until that is settled. Default: none.
   */
  readonly onLine?: (line: HostLine) => unknown;
  /** Called once the command has started. */
  readonly onStart?: () => void;
  /** When aborted, the command is stopped on the host. */
  readonly signal?: AbortSignal;
}

/** Options of a run. */
export interface RunOptions {
  /** Only these hosts (`-l`). Default: all hosts of the playbook within the runner's own limit. */
  readonly limit?: string;
  /** Only tasks with one of these tags. Default: all. */
  readonly tags?: readonly string[];
  /** No task with one of these tags. */
  readonly skipTags?: readonly string[];
  /** Change nothing, and say what would change. Default false. */
  readonly check?: boolean;
  /** How many hosts to work on at once. Default: as for the runner. */
  readonly forks?: number;
  /** Called for each event as it happens, with secrets masked: `humanReport()`, `jsonlReport()`, or one of your own. */
  readonly listener?: RunListener;
  /** When aborted, writes in progress are finished, nothing new is started, and the result's `exit` is 99. */
  readonly signal?: AbortSignal;
  /**
   * What to do if another run is changing a host: `wait` for this many seconds (default 600; true: as long as it
   * takes), or `steal` the host. False: hosts are not locked, and the locks of other runs are ignored.
   */
  readonly lock?: { readonly wait?: number | true; readonly steal?: boolean } | false;
  /** Also work on hosts and units that operators hold (`play hold`); this is recorded on the host. Default false. */
  readonly ignoreHold?: boolean;
  /**
   * Change hosts even at the time of their critical jobs; this is recorded on the host. Default false: wait for as
   * long as `lock` says, then fail on that host.
   */
  readonly ignoreWindow?: boolean;
  /** Keep a record for `play log`. Default true. */
  readonly record?: boolean;
  /** Also show the listener the sh text that is sent to the hosts (`-vvv`). Default false. */
  readonly trace?: boolean;
}

/** An inventory and the connections to its hosts: what `openRunner` returns. */
export interface Runner {
  /** The hosts. */
  readonly inventory: RunnerInventory;
  /**
   * Determines how hosts are reached, and starts throwaway hosts; makes no connection. Runs and questions do this for
   * their own hosts; calling it first finds every mistake before a host is touched. Throws PlayError for a variable
   * that cannot be honoured.
   */
  prepare(hosts: readonly string[]): Promise<void>;
  /**
   * Asks a host a question, or several in one exchange; nothing is changed. At most `forks` hosts are asked at once,
   * and a lost connection is restored. Throws Unreachable if the host cannot be reached, PlayError if it cannot answer,
   * for an unknown host and for wrong variables.
   */
  ask<const Q extends Question | readonly Question[]>(
    host: string,
    question: Q,
    options?: AskOptions,
  ): Promise<Answer<Q>>;
  /**
   * Runs a playbook with everything `play` does: check mode, locks, holds, proof, handlers, record, notifications;
   * tasks that ask questions do so at the terminal. Runs of one runner follow one another. Hosts that fail or cannot be
   * reached are in the result; throws PlayError for anything that is wrong before a host is touched.
   */
  run(playbook: Playbook, options?: RunOptions): Promise<RunResult>;
  /**
   * Runs a shell command in its user's home, as `play run` does, and returns its exit code. Nothing is checked or
   * proved: use questions to look at a host, and playbooks to change one. Throws Unreachable,
   * PlayError.
   */
  shell(host: string, command: string, options?: ShellOptions): Promise<number>;
  /** Returns the data with every secret in its texts masked: what a host answers may contain one. */
  mask<T>(data: T): T;
  /** Makes lines safe to print: with line ends, secrets masked, control characters escaped. */
  printable(...lines: readonly string[]): string;
  /** Ends all connections, after which nothing keeps the process running. Anything in progress fails. */
  close(): Promise<void>;
}
