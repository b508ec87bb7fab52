import type { Question } from '../contract/index.ts';
import type { Playbook } from '../playbook/index.ts';
import type { ProjectConfig } from '../project/config.ts';
import type { SandboxKind, SandboxRelease } from '../sandbox/index.ts';
import type { HostLine, RunListener } from './reports.ts';
import type { RunResult } from './result.ts';

/**
 * What a runner is opened with: the settings of `play.config.ts` under their own names, and what else the command
 * line has. Each beats the project's `play.config.ts`; a host's variables beat both. Files are relative to
 * the working directory.
 */
export interface RunnerOptions extends Omit<ProjectConfig, 'playbooksDir' | 'diff' | 'patch' | 'ageRecipients'> {
  /**
   * Hosts that exist even if the inventory does not list them, or there is none; they are reached as ssh would reach
   * them. Default: none.
   */
  readonly hosts?: readonly string[] | undefined;
  /** Only these hosts (`-l`): runs and `inventory.hosts` leave the others out. Default: all. */
  readonly limit?: string | undefined;
  /** Variables that beat all others (`-e`): by name, or as a list of what `-e` takes. Default: none. */
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
   * A folder in the project whose inventory, variables and `play.config.ts` count. Default, and if it is in no
   * project: the working directory.
   */
  readonly project?: string | undefined;
}

/** The answer to a question; for several, the answers in order. */
export type Answer<Q> =
  Q extends Question<infer A> ? A : { readonly [K in keyof Q]: Q[K] extends Question<infer A> ? A : never };

/** The hosts of a runner. */
export interface RunnerInventory {
  /**
   * Names by pattern as for `-l` (default `all`), in the inventory's order, without those that the runner's limit leaves
   * out. Throws PlayError for a name that is no host and no group, with the nearest.
   */
  hosts(pattern?: string | readonly string[]): string[];
  /** Every group with the names of its hosts, including those of the groups below it. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** The variables of a host, frozen; a secret one is a `Secret`. Throws PlayError for an unknown host, with the nearest. */
  variables(host: string): Readonly<Record<string, unknown>>;
  /** Whether an inventory lists a host, or it is this machine; false if only the option `hosts` names it. */
  isListed(host: string): boolean;
  /** The inventories that were read; empty if there are only `hosts`. */
  readonly sources: readonly string[];
}

/** How something is asked. */
export interface AskOptions {
  /** Whom to become for it. Default: the user who logs in, whatever `become` says. */
  readonly becomeUser?: string;
}

/** How a command is run. */
export interface ShellOptions extends AskOptions {
  /** `$1`, `$2` ... of the command: values from elsewhere belong here, not in its text. */
  readonly args?: readonly string[];
  /** Called with each line as it comes. A promise keeps the host waiting until it is settled. Default: none. */
  readonly onLine?: (line: HostLine) => unknown;
  /** Called once the command runs. */
  readonly onStart?: () => void;
  /** Aborted: the command is ended on the host. */
  readonly signal?: AbortSignal;
}

/** How a playbook is run. */
export interface RunOptions {
  /** Only these hosts (`-l`). Default: all of the playbook's hosts within the runner's own limit. */
  readonly limit?: string;
  /** Only tasks with one of these tags. Default: all. */
  readonly tags?: readonly string[];
  /** No task with one of these tags. */
  readonly skipTags?: readonly string[];
  /** Change nothing, and say what would change. Default false. */
  readonly check?: boolean;
  /** Hosts at once. Default: the runner's. */
  readonly forks?: number;
  /** Called for everything as it happens, with secrets masked: `humanReport()`, `jsonlReport()`, or one of your own. */
  readonly listener?: RunListener;
  /** Aborted: what is being written is finished, nothing new is begun, and the result's exit is 99. */
  readonly signal?: AbortSignal;
  /**
   * What to do if another run is changing a host: `wait` so many seconds (default 600; true: as long as it takes),
   * or `steal` the host. False: hosts are not locked against other runs, nor others against this one.
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
  /** Also tell the listener what sh is sent to the hosts (`-vvv`). Default false. */
  readonly trace?: boolean;
}

/** An inventory and the connections to its hosts: what `openRunner` returns. */
export interface Runner {
  /** The hosts. */
  readonly inventory: RunnerInventory;
  /**
   * Reads how hosts are reached, and starts throwaway ones; connects nothing. Runs and questions do this for their
   * own hosts; if called first, it finds every mistake before a host is touched. Throws PlayError for a variable that
   * cannot be honoured.
   */
  prepare(hosts: readonly string[]): Promise<void>;
  /**
   * Asks a host a question, or several in one exchange; nothing is changed. At most `forks` hosts are asked at once,
   * and
   * a lost connection is made again. Throws Unreachable if the host cannot be reached, PlayError if it cannot answer,
   * for an unknown host and for wrong variables.
   */
  ask<const Q extends Question | readonly Question[]>(
    host: string,
    question: Q,
    options?: AskOptions,
  ): Promise<Answer<Q>>;
  /**
   * Runs a playbook with everything `play` does: check mode, locks, holds, proof, handlers, record, notifications;
   * tasks that ask, ask at the terminal. Runs of one runner follow one
   * another. A host that fails or cannot be reached is in the result; throws PlayError for what is wrong before a host is
   * touched.
   */
  run(playbook: Playbook, options?: RunOptions): Promise<RunResult>;
  /**
   * Runs a shell command in its user's home, as `play run` does, and returns its exit code. Nothing is checked or
   * proved: use questions to look at a host, and playbooks to change one. Throws Unreachable,
   * PlayError.
   */
  shell(host: string, command: string, options?: ShellOptions): Promise<number>;
  /** Data with every secret in its texts masked: what a host said may contain one. */
  mask<T>(data: T): T;
  /** Lines as they may be printed: each ended, secrets masked, control characters written out. */
  printable(...lines: readonly string[]): string;
  /** Ends all connections, after which nothing keeps the process running. Anything in progress fails. */
  close(): Promise<void>;
}
