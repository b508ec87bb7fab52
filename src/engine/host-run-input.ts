import type { HostTasks, ListedItem } from '../playbook/index.ts';
import type { BackupRule } from './backups.ts';
import type { ChangeLog } from './change-log.ts';
import type { WindowRule } from './deploy-window.ts';
import type { Results } from './evaluate.ts';
import type { Ask, Listener, Refusal, TaskEvent } from './events.ts';
import type { HostSession } from './host-session.ts';
import type { OnceTurns } from './once.ts';
import type { Earlier } from './resumed.ts';

export type TaskKind = 'task' | 'handler';

/** What a host that keeps pace with others comes to: an item of its list, a handler, or the end of its list. */
export type Step = { readonly item: ListedItem } | { readonly handler: string } | 'handlers';

/** What a host's part of a play is run with. */
export interface HostRunInput {
  readonly session: HostSession;
  readonly play: string;
  /** The playbook's file, by its folder's name and its own. */
  readonly playbook: string;
  /** Which play of this run has the block that a debt is recorded under, for this host. */
  readonly playOf: (cleanup: string) => string | undefined;
  readonly tasks: HostTasks;
  /** The number of the play in the playbook; undefined: nothing of it is marked. */
  readonly part?: number;
  /** How far the run came that this one goes on with. */
  readonly earlier?: Earlier;
  /**
   * Waits until the marks told so far are kept, where whoever keeps them is another process. What they are about is not sent
   * before. Default: they are kept once they are reported.
   */
  readonly marksKept?: () => Promise<void>;
  readonly check: boolean;
  readonly results: Results;
  readonly listener: Listener;
  readonly signal: AbortSignal | undefined;
  /** Compare the run with its own forecast (`forecast.ts`). Default false. */
  readonly foretells?: boolean;
  /** This is a forecast: check mode on a host that is not spoken to. */
  readonly isForecast?: boolean;
  /** Whether the inventory has a host of this name. */
  readonly isKnown: (host: string) => boolean;
  /** `bob@laptop`, for the records on the host. */
  readonly by: string;
  /** What hosts log about each change. Default: nothing. */
  readonly log?: ChangeLog;
  /**
   * Waits for the other hosts before a task or a handler (by its key), or before the last handlers: `strategy: 'linear'`.
   * Default: each host goes on by itself, and neighbouring tasks travel together.
   */
  readonly pace?: (step: Step) => Promise<void>;
  /** The session of another host, connected when first asked for: `delegateTo`. */
  readonly sessionOf: (host: string) => Promise<HostSession>;
  /** The `runOnce` tasks of this play, for all its hosts. */
  readonly once: OnceTurns;
  /** Work also on what is held (`--ignore-hold`). */
  readonly ignoreHold: boolean;
  /** What to do at the time of a critical job. */
  readonly window: WindowRule;
  /** Runs a job while fewer than `most` hosts of the play are at the same one. */
  readonly throttled: <T>(key: string, most: number, job: () => Promise<T>) => Promise<T>;
  /** Run the handlers that are due even where a task failed. */
  readonly forceHandlers: boolean;
  /** `--ask`: asked before a change is made. */
  readonly confirm?: (event: TaskEvent) => Promise<boolean>;
  /** Looks at each change that is due before it is sent, and may refuse it. */
  readonly refuse?: (event: TaskEvent) => Refusal | undefined;
  /** How tasks ask the operator; left out, nobody can be asked. */
  readonly ask?: Ask;
  /** What is kept of files before they are changed. Default: nothing but what a transaction needs. */
  readonly backups?: BackupRule;
  /** What to do where a task lacks something because the run has only some of the play's tasks. */
  readonly hintWhenPartial?: string;
}
