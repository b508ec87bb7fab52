import type { Location } from '../errors/index.ts';
import type { Secret } from '../secrets/index.ts';
import type { TaskDefaults } from './defaults.ts';

/**
 * What the inventory says about one host, as roles and templates see it. It has no facts, which are known only during
 * the run.
 */
export interface HostView {
  /** Its name in the inventory. */
  readonly name: string;
  /** Every group it is in, parents included, sorted. */
  readonly groups: readonly string[];
  /** All variables of the inventory for this host. */
  readonly vars: Readonly<Record<string, unknown>>;
  /**
   * Whether a throwaway host of `--sandbox` stands in for it. Use this only to leave out what must not be in a sandbox,
   * such as real passwords: with any other difference, the sandbox no longer shows what a real run does.
   */
  readonly isSandbox: boolean;
  /** On a throwaway host: archives of images that stand in for those it cannot pull, by image name. */
  readonly standInImages: Readonly<Record<string, string>>;
  /** On a throwaway host: the folder on this machine where `secretOf` keeps the secrets it generated. */
  readonly sandboxSecrets?: string;
}

/** What a function that returns the tasks of a role or play is given. */
export interface TaskContext<V = Readonly<Record<string, unknown>>> {
  /** The host the tasks are for. */
  readonly host: HostView;
  /** The role's declared variables, checked and typed. */
  readonly vars: V;
  /** The hosts of every group, including those outside `--limit`. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** The static variables of every host, including those outside `--limit`. */
  readonly hostvars: Readonly<Record<string, HostView['vars']>>;
  /**
   * The static variables and groups of another host, which may be outside `--limit`.
   * @throws PlayError for an unknown host
   */
  hostOf(name: string): HostView;
  /** The hosts of this play, in order. */
  readonly playHosts: readonly string[];
}

/** The surroundings of a task: what `prepare` may use besides the options, before any connection is made. */
export interface ResourceScope extends TaskContext {
  /** The role's name, or null for tasks written in the play itself. */
  readonly role: string | null;
  /** The folder that contains `templates/` and `files/`: the role's, else the playbook's. */
  readonly dir: string;
  /** Options that the role, or else the play, sets once for all its tasks. */
  readonly defaults: TaskDefaults;
  /** The `environment` of the task and everything around it; steps get it automatically. Default: nothing. */
  readonly environment?: Readonly<Record<string, string | Secret>>;
  /**
   * Decrypts an encrypted file of the role; undefined if it is not encrypted. @throws PlayError if no password or
   * identity opens it
   */
  readonly openVault: (bytes: Buffer, where: Location) => Buffer | undefined;
}
