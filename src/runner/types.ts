import type { Question } from '../contract/index.ts';
import type { Playbook } from '../playbook/index.ts';
import type { ProjectConfig } from '../project/config.ts';
import type { SandboxKind, SandboxRelease } from '../sandbox/index.ts';
import type { HostLine, RunListener } from './reports.ts';
import type { RunResult } from './result.ts';

/**
 * What a runner is opened with: the settings of `play.config.ts` under their own names, and what the command line has
 * beside them. Each beats what the project's `play.config.ts` says; a host's variables beat both. Files are relative to
 * the working directory.
 */
export interface RunnerOptions extends Omit<ProjectConfig, 'playbooksDir' | 'diff' | 'patch' | 'ageRecipients'> {
  /**
   * Hosts that are there also where the inventory does not list them, and where there is no inventory at all; they are
   * reached as ssh would. Default: none.
   */
  readonly hosts?: readonly string[] | undefined;
  /** Only these hosts (`-l`): runs and `inventory.hosts` leave the others out. Default: all. */
  readonly limit?: string | undefined;
  /** Variables that beat all others (`-e`): by name, or a list of what `-e` takes. Default: none. */
  readonly extraVars?: Readonly<Record<string, unknown>> | readonly string[] | undefined;
  /**
   * A throwaway host on this machine in place of each real one (`--sandbox`): a fresh Debian, or `self`, a copy of this
   * machine. Default false.
   */
  readonly sandbox?: boolean | SandboxKind | undefined;
  /**
   * The Debian release of throwaway hosts (`--sandbox-release`). Default: `play_sandbox_release` of the host, or that of
   * this machine.
   */
  readonly sandboxRelease?: SandboxRelease | undefined;
  /**
   * A folder in the project whose inventory, variables and `play.config.ts` count. Default, and where that is in no
   * project: the working directory.
   */
  readonly project?: string | undefined;
}

/** The answer to a question; of several, the answers in their order. */
export type Answer<Q> =
  Q extends Question<infer A> ? A : { readonly [K in keyof Q]: Q[K] extends Question<infer A> ? A : never };

/** The hosts of a runner. */
export interface RunnerInventory {
  /**
   * Names by pattern as for `-l` (default `all`), in the inventory's order, without those that the runner's limit leaves
   * out. Throws PlayError for a name that is no host and no group, with the nearest.
   */
  hosts(pattern?: string | readonly string[]): string[];
  /** Every group with the names of its hosts, those of the groups below it included. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** The variables of a host, frozen; a secret one is a `Secret`. Throws PlayError for an unknown host, with the nearest. */
  variables(host: string): Readonly<Record<string, unknown>>;
  /** Whether an inventory lists a host, or it is this machine; not so where only the option `hosts` names it. */
  isListed(host: string): boolean;
  /** The inventories that were read; empty where there are only `hosts`. */
  readonly sources: readonly string[];
}

/** How something is asked. */
export interface AskOptions {
  /** Whom to become for it. Default: the user who logs in, whatever `become` says. */
  readonly becomeUser?: string;
}

/** How a command is run. */
export interface ShellOptions extends AskOptions {
  /** `$1`, `$2` ... of the command: what comes from elsewhere belongs here, not into its text. */
  readonly args?: readonly string[];
  /** Told each line as it comes. A promise keeps the host waiting until it is settled. Default: nobody is told. */
  readonly onLine?: (line: HostLine) => unknown;
  /** Told once the command runs. */
  readonly onStart?: () => void;
  /** Aborted: the command is ended on the host. */
  readonly signal?: AbortSignal;
}

/** How a playbook is run. */
export interface RunOptions {
  /** Only these hosts (`-l`). Default: all of the playbook's that the runner's own limit leaves. */
  readonly limit?: string;
  /** Only tasks with one of these tags. Default: all. */
  readonly tags?: readonly string[];
  /** No task with one of these tags. */
  readonly skipTags?: readonly string[];
  /** Change nothing, and say what would change. Default false. */
  readonly check?: boolean;
  /** Hosts at once. Default: the runner's. */
  readonly forks?: number;
  /** Hears of everything as it happens, secrets masked: `humanReport()`, `jsonlReport()`, or one of your own. */
  readonly listener?: RunListener;
  /** Aborted: what is being written is finished, nothing new is begun, and the result's exit is 99. */
  readonly signal?: AbortSignal;
  /**
   * What to do where another run is changing a host: `wait` so many seconds (default 600; true: as long as it takes),
   * `steal` the host. False: hosts are not locked against other runs, nor others against this one.
   */
  readonly lock?: { readonly wait?: number | true; readonly steal?: boolean } | false;
  /** Work also on hosts and units that operators hold (`play hold`); that is recorded on the host. Default false. */
  readonly ignoreHold?: boolean;
  /**
   * Change hosts also at the time of their critical jobs; that is recorded on the host. Default false: it is waited for, as
   * long as `lock` says, and else the run fails there.
   */
  readonly ignoreWindow?: boolean;
  /** Keep a record for `play log`. Default true. */
  readonly record?: boolean;
  /** Tell the listener also what sh is sent to the hosts (`-vvv`). Default false. */
  readonly trace?: boolean;
}

/** An inventory and the connections to its hosts: what `openRunner` gives. */
export interface Runner {
  /** The hosts. */
  readonly inventory: RunnerInventory;
  /**
   * Reads how hosts are reached, and starts throwaway ones; connects nothing. Runs and questions do it for their own hosts;
   * called first, it finds every mistake before a host is touched. Throws PlayError for a variable that cannot be honoured.
   */
  prepare(hosts: readonly string[]): Promise<void>;
  /**
   * Asks a host a question, or several in one exchange; nothing is changed. At most `forks` hosts are asked at once, and a
   * connection that was lost is made anew. Throws Unreachable where the host cannot be reached, PlayError where it cannot
   * answer, for an unknown host and for wrong variables.
   */
  ask<const Q extends Question | readonly Question[]>(
    host: string,
    question: Q,
    options?: AskOptions,
  ): Promise<Answer<Q>>;
  /**
   * Runs a playbook with all that `play` does: check mode, locks, holds, proof, handlers, record, notifications; tasks that
   * ask do it at the terminal. Runs of one runner follow one
   * another. A host that fails or cannot be reached is in the result; throws PlayError for what is wrong before a host is
   * touched.
   */
  run(playbook: Playbook, options?: RunOptions): Promise<RunResult>;
  /**
   * Runs a shell command in the home of its user, as `play run` does, and gives its exit code. Nothing is checked and
   * nothing proved: for what is only looked at there are questions, for what changes a host playbooks. Throws Unreachable,
   * PlayError.
   */
  shell(host: string, command: string, options?: ShellOptions): Promise<number>;
  /** Data with every secret in its texts masked: what a host said may hold one. */
  mask<T>(data: T): T;
  /** Lines as they may be printed: each ended, secrets masked, control characters written out. */
  printable(...lines: readonly string[]): string;
  /** Ends all connections; nothing keeps the process up then. What is under way fails. */
  close(): Promise<void>;
}
