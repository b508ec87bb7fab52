import { PlayError, type Location } from '../errors/index.ts';
import { callSite, placeOf } from './call-site.ts';
import type { Handler } from './handler.ts';
import { RoleUse } from './role.ts';
import type { TaskContext } from './scope.ts';
import type { SharedKeywords } from './task.ts';
import type { TaskItem } from './block.ts';

/** What a play may say for all its tasks, besides `tags` and `become`. */
export type PlayKeywords = Pick<SharedKeywords, 'environment' | 'ignoreErrors' | 'ignoreUnreachable' | 'noLog' | 'timeout'>;

/** A play: which hosts, and what they shall be. */
export interface PlaySpec extends PlayKeywords {
  /** Default: the hosts pattern. */
  readonly name?: string;
  /** A host pattern as for `-l`, or a list of them. */
  readonly hosts: string | readonly string[];
  /** Become root (or `becomeUser`) for every task. Default false, or the inventory's `ansible_become`. */
  readonly become?: boolean;
  readonly becomeUser?: string;
  /** Tags of every task of the play. */
  readonly tags?: string | readonly string[];
  /** Variables for the roles of this play; above inventory, below `-e`. */
  readonly vars?: Readonly<Record<string, unknown>>;
  /** Run before the roles; then the handlers that are due. */
  readonly preTasks?: (context: TaskContext) => readonly TaskItem[];
  /** Run in order, before `tasks`. A role listed again with the same arguments and keywords runs once. */
  readonly roles?: readonly RoleUse[];
  /** Tasks of the play itself, as a function of variables and inventory. */
  readonly tasks?: (context: TaskContext) => readonly TaskItem[];
  /** Run after `tasks` and the handlers that were due by then. */
  readonly postTasks?: (context: TaskContext) => readonly TaskItem[];
  /** Hosts at a time: a number, `'30%'`, or a list of these, the last of which repeats. Default: all. */
  readonly serial?: number | string | readonly (number | string)[];
  /** The play ends when more than this share of a batch's hosts failed, in percent. */
  readonly maxFailPercentage?: number;
  /** The play ends on every host as soon as one failed. */
  readonly anyErrorsFatal?: boolean;
  readonly handlers?: readonly Handler[];
  /** Run the handlers that are due also on hosts where a task failed, as `--force-handlers` does for every play. */
  readonly forceHandlers?: boolean;
}

/** A playbook: plays in order. The default export of a playbook file. */
export class Playbook {
  readonly plays: readonly PlaySpec[];
  readonly #at: () => Location | undefined;
  constructor(plays: readonly PlaySpec[], at: () => Location | undefined) {
    this.plays = plays;
    this.#at = at;
  }
  get at(): Location | undefined {
    return this.#at();
  }
}

/**
 * Declares a playbook; its result is the file's default export.
 *
 * @example export default definePlaybook({ hosts: 'web', become: true, roles: [nginx({ port: 80 })] });
 * @throws PlayError when a play names no hosts, or its tasks or roles are not what they must be
 */
export function definePlaybook(plays: PlaySpec | readonly PlaySpec[]): Playbook {
  const at = callSite(definePlaybook);
  const list: readonly PlaySpec[] = Array.isArray(plays) ? plays : [plays];
  for (const play of list) {
    const wrong = whatIsWrong(play);
    if (wrong) throw new PlayError(wrong.what, { ...placeOf({ at: at() }), hint: wrong.hint });
  }
  return new Playbook(list, at);
}

/** What types alone catch only where they are checked. */
function whatIsWrong({ hosts, tasks, roles = [] }: PlaySpec): { readonly what: string; readonly hint: string } | undefined {
  if (typeof hosts !== 'string' && !Array.isArray(hosts)) return { what: 'A play has no hosts', hint: "Give it a pattern: hosts: 'web'" };
  if (tasks !== undefined && typeof tasks !== 'function') return { what: 'The tasks of a play are not a function', hint: 'Write tasks: () => [ ... ]: the list is made for each host.' };
  if (roles.some((use) => !(use instanceof RoleUse))) return { what: 'The roles of a play hold something that is not a role in use', hint: 'Call the role: roles: [nginx()] or roles: [nginx({ port: 80 })].' };
  return undefined;
}
