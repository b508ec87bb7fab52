import type { Become, Connection, SecretText, Target } from '../connection/index.ts';
import type {
  Ask,
  BackupRule,
  ChangeLog,
  Earlier,
  Listener,
  LoggedEnd,
  Refusal,
  TaskEvent,
  WindowRule,
} from '../engine/index.ts';
import type { Location } from '../errors/index.ts';
import type { Inventory, OnWarning } from '../inventory/index.ts';
import type { HostTasks, Playbook, PlaySpec, TagSelection } from '../playbook/index.ts';
import type { PartEnd, PartTurn } from './host-part.ts';
import type { HostSeat, RunLock } from './lock.ts';

/** What a host's variables say about becoming another user. */
export interface HostBecome {
  readonly become?: Placed<boolean>;
  readonly user?: Placed<string>;
  readonly method?: Become['method'];
  readonly password?: SecretText;
}

/** A variable's value and where it is written. */
export interface Placed<T> {
  readonly value: T;
  readonly at: Location | string;
}

/** What the command line says about a run, read and checked. */
export interface RunRequest {
  /** The tasks are only listed: no file is read, no template rendered, and no secret asked for. */
  readonly isListing?: boolean;
  /** Tasks are made ready host by host, by `prepareHost`. Default: all at once. */
  readonly isLazy?: boolean;
  /** Told the hosts of all plays as soon as they are known: no file of theirs is read then. */
  readonly onHosts?: (hosts: readonly string[]) => void;
  readonly playbook: Playbook;
  /** The playbook's file: its folder is where `templates/` and `files/` of plain tasks are. */
  readonly file: string;
  readonly inventory: Inventory;
  /** `-l`: a pattern; undefined means every host of each play. */
  readonly limit: string | undefined;
  /** Called for a part of the limit that matches nothing. */
  readonly onWarning?: OnWarning;
  readonly tags: TagSelection;
  /** `--start-at-task`: a task's name or a glob for it; what comes before it is left out. */
  readonly startAtTask?: string;
  /** Variables above all others that code sets, besides those that the inventory was opened with (`-e`). Default: none. */
  readonly extraVars?: Readonly<Record<string, unknown>>;
  /** `-b`, `--become-user`: for plays that do not say. */
  readonly become: boolean;
  readonly becomeUser: string;
  readonly becomeMethod: Become['method'];
  readonly becomePassword: SecretText | undefined;
  /** What a host's own variables say about it; overrides the four options before. Default: nothing. */
  readonly becomeOf?: (host: string, inventory: Inventory) => HostBecome;
  /** `--sandbox`: throwaway hosts stand in for the real ones. Default false. */
  readonly sandbox?: boolean;
  /** Archives of the images that stand in for others on throwaway hosts, by image. */
  readonly standInImages?: Readonly<Record<string, string>>;
  /** On throwaway hosts: the folder of this machine for secrets that are made up for them. */
  readonly sandboxSecrets?: string;
}

/** One play with the task list of each of its hosts: everything known before anything is connected. */
export interface PreparedPlay {
  readonly spec: PlaySpec;
  readonly name: string;
  /** In the order in which they are taken, after the limit. */
  readonly hosts: readonly string[];
  /** Tasks that the tags select, and all handlers. */
  readonly selected: ReadonlyMap<string, HostTasks>;
  /** Tasks before selection by tags: what `--list-tags` shows. */
  readonly all: ReadonlyMap<string, HostTasks>;
}

export interface PreparedRun {
  /** With the inventory as the last play finds it: tasks of the plays may have added hosts (`addHost`). */
  readonly request: RunRequest;
  readonly plays: readonly PreparedPlay[];
}

/** What whoever conducts a run may do with its plays, as often and in which order they want. */
export interface Stage {
  readonly plays: readonly PreparedPlay[];
  /**
   * Runs a play on those of its hosts that did not fail yet. @returns false where one failed or is held, or it was
   * interrupted
   */
  run(play: PreparedPlay): Promise<boolean>;
  /** Whether no host of it failed, and one is held: what is to be done there is not done. */
  isHeld(play: PreparedPlay): boolean;
  /**
   * The same for what is done whatever came before: neither interrupted, nor left out on hosts that failed; those that
   * were lost are connected anew.
   */
  clean(play: PreparedPlay): Promise<boolean>;
}

/** Where hosts are worked on, when not from this process. */
export interface Elsewhere {
  /** Carries out a host's part of a play. Never rejects. @param tell hears what happens on the way */
  run(part: PartTurn, tell: Listener): Promise<PartEnd>;
  /** The run is over. @param endOf what it came to on a host */
  close(endOf: (host: string) => LoggedEnd): Promise<void>;
}

/** How a prepared run is carried out. */
export interface RunOptions {
  readonly check: boolean;
  /** Hosts at once; default 50. */
  readonly forks: number;
  /** How each host is reached: from the inventory, or the sandbox's. Called once for each host. */
  readonly target: (host: string) => Target;
  readonly connect: (target: Target) => Promise<Connection>;
  readonly listener: Listener;
  /** Aborted by Ctrl-C: the write in progress is finished, nothing new is started. */
  readonly signal?: AbortSignal;
  /** Locks each host for this run while it changes it. Default: hosts are not locked. */
  readonly lock?: RunLock;
  /** What hosts are told of each change. Default: nothing. */
  readonly log?: ChangeLog;
  /** Compare what comes with what check mode would have said (event `foretold`). Default false. */
  readonly foretells?: boolean;
  /** Work also on hosts and units that an operator holds (`--ignore-hold`). Default false. */
  readonly ignoreHold?: boolean;
  /** What to do at the time of a critical job of a host. Default: nothing is changed there, at once. */
  readonly window?: WindowRule;
  /** Run due handlers even on hosts where a task failed (`--force-handlers`). */
  readonly forceHandlers?: boolean;
  /** Asked before each change (`--ask`); false leaves it out. */
  readonly confirm?: (event: TaskEvent) => Promise<boolean>;
  /** Looks at each change that is due before it is sent: what it refuses fails, and is not made. */
  readonly refuse?: (event: TaskEvent) => Refusal | undefined;
  /** How tasks ask the operator (`pause`, `confirm`). Default: nobody can be asked, and they fail. */
  readonly ask?: Ask;
  /** The command of this run for these hosts alone, for who goes on with a roll-out. Default: with `-l`. */
  readonly commandFor?: (hosts: readonly string[]) => string;
  /** Decides which plays are run, and in which order. Default: all, one after another, up to the first that nobody survives. */
  readonly conduct?: (stage: Stage) => Promise<void>;
  /** How far the run came that this one goes on with. Default: it begins at the beginning. */
  readonly earlier?: Earlier;
  /** What hosts keep of files before they are changed. Default: nothing but what transactions need. */
  readonly backups?: BackupRule;
  /** Of a worker: what a host's lanes are known by. Default: the run has all its hosts itself. */
  readonly seatOf?: (host: string) => HostSeat | undefined;
  /** Who runs it, for the records on the hosts. Default: who started this process. */
  readonly by?: string;
  /** Other processes that carry out the hosts' parts. Default: this one does. */
  readonly elsewhere?: Elsewhere;
  /** Told when a host has been through a play, whatever came of it. */
  readonly onThrough?: (host: string, play: PreparedPlay) => void;
  /** Emit `sent` events (`-vvv`). */
  readonly trace?: boolean;
}
