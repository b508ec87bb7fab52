import type { TaskContext, TaskDefaults } from '../contract/index.ts';
import { PlayError, type Location } from '../errors/index.ts';
import type { TaskItem } from './block.ts';
import { callSite, placeOf } from './call-site.ts';
import { canaryKind, gateKind, type Canary, type Gate } from './gate.ts';
import {
  checkKeywords,
  common,
  isBatch,
  isFilled,
  isPlainObject,
  kind,
  listOf,
  oneOf,
  type Kinds,
} from './keywords.ts';
import { RoleUse } from './role.ts';
import type { SharedKeywords } from './task.ts';

/** What a play may set for all its tasks, besides `tags` and `become`. */
export type PlayKeywords = Pick<
  SharedKeywords,
  'environment' | 'ignoreErrors' | 'ignoreUnreachable' | 'noLog' | 'timeout' | 'service'
>;

/** A play: a set of hosts, and the roles and tasks that run on them. */
export interface PlaySpec extends PlayKeywords {
  /** Its name in output and records. Default: the host pattern. */
  readonly name?: string;
  /** A host pattern as for `-l`, or a list of them. */
  readonly hosts: string | readonly string[];
  /** Become root (or `becomeUser`) for every task. Default: the inventory's `ansible_become`, else false. */
  readonly become?: boolean;
  /**
   * The user to become; implies `become: true` unless `become` is false. Default: the inventory's
   * `ansible_become_user`, else `root`.
   */
  readonly becomeUser?: string;
  /** Tags for every task of the play. */
  readonly tags?: string | readonly string[];
  /** Variables for the roles of this play. They override the inventory; `-e` overrides them. */
  readonly vars?: Readonly<Record<string, unknown>>;
  /** Options for its tasks, unless a task or its role sets them: `{ owner: 'root', mode: '0644' }`. */
  readonly defaults?: TaskDefaults;
  /** Tasks that run before the roles, followed by the handlers they notified. */
  readonly preTasks?: (context: TaskContext) => readonly TaskItem[];
  /** Roles, run in order before `tasks`. A role listed twice with the same arguments and keywords runs once. */
  readonly roles?: readonly RoleUse[];
  /** The play's own tasks, as a function of variables and inventory. */
  readonly tasks?: (context: TaskContext) => readonly TaskItem[];
  /** Tasks that run after `tasks` and the handlers notified so far. */
  readonly postTasks?: (context: TaskContext) => readonly TaskItem[];
  /**
   * Hosts per batch: a number, a percentage (`'30%'`), or a list of these, the last of which repeats. Default: all
   * hosts at once.
   */
  readonly serial?: number | string | readonly (number | string)[];
  /**
   * The order in which hosts are processed: as in the inventory, by name, the reverse of either, or shuffled anew in
   * each run. `playHosts` always has the inventory's order. Default `inventory`.
   */
  readonly order?: (typeof hostOrders)[number];
  /**
   * `free`: each host runs to the end of the play at its own pace. `linear`: no host starts a task before all hosts of
   * its batch have finished the previous ones, which costs an exchange per task. Default `free`.
   */
  readonly strategy?: (typeof strategies)[number];
  /**
   * How many hosts may vanish during the play, as spot instances do, and be counted as `gone` instead of unreachable: a
   * number, a percentage of the play's hosts, or `true` for all but one. Any more are unreachable. Default false: none.
   */
  readonly gone?: boolean | number | string;
  /**
   * Checks on each host before its tasks and after its handlers. If one fails, the play stops before its next batch.
   */
  readonly gate?: Gate;
  /** A first batch that is watched for a while before the other hosts follow. Default: none. */
  readonly canary?: Canary;
  /** End the play when more than this percentage of a batch's hosts have failed. */
  readonly maxFailPercentage?: number;
  /** End the play on every host as soon as one has failed. */
  readonly anyErrorsFatal?: boolean;
  /** Run notified handlers even on hosts where a task failed, as `--force-handlers` does for every play. */
  readonly forceHandlers?: boolean;
}

const hostOrders = ['inventory', 'reverseInventory', 'sorted', 'reverseSorted', 'shuffle'] as const;
const strategies = ['free', 'linear'] as const;

export const playKinds: Kinds<PlaySpec> = {
  name: common.name,
  hosts: kind(
    (value) => isFilled(value) || (listOf(value, isFilled) && Array.isArray(value) && value.length > 0),
    "must be a pattern that is not empty, or a list of patterns: 'web', or 'all' for every host",
  ),
  become: common.flag,
  becomeUser: common.account,
  tags: common.tags,
  vars: kind(isPlainObject, 'must be variables by name: { port: 80 }'),
  defaults: common.defaults,
  preTasks: common.tasks,
  roles: kind(
    (value) => listOf(value, (one) => one instanceof RoleUse),
    'must be a list of roles in use, each of them called: roles: [nginx()] or roles: [nginx({ port: 80 })]',
  ),
  tasks: common.tasks,
  postTasks: common.tasks,
  serial: kind(
    (value) => isBatch(value) || (listOf(value, isBatch) && Array.isArray(value) && value.length > 0),
    "must be a number of hosts, a percentage ('30%'), or a list of these",
  ),
  order: oneOf(hostOrders),
  strategy: oneOf(strategies),
  gone: kind(
    (value) => typeof value === 'boolean' || isBatch(value),
    "must be true, false, a number of hosts, or a percentage ('20%')",
  ),
  gate: gateKind,
  canary: canaryKind,
  maxFailPercentage: kind(
    (value) => typeof value === 'number' && value >= 0 && value <= 100,
    'must be a number from 0 to 100',
  ),
  anyErrorsFatal: common.flag,
  forceHandlers: common.flag,
  environment: common.environment,
  ignoreErrors: common.condition,
  ignoreUnreachable: common.flag,
  noLog: common.flag,
  timeout: common.seconds,
  service: common.service,
};

/** A playbook: a list of plays, run in order. The default export of a playbook file. */
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
 * @throws PlayError if a play names no hosts, or its tasks or roles have the wrong type
 */
export function definePlaybook(plays: PlaySpec | readonly PlaySpec[]): Playbook {
  const at = callSite(definePlaybook);
  const list: readonly PlaySpec[] = Array.isArray(plays) ? plays : [plays];
  if (list.length === 0)
    throw new PlayError('The playbook has no plays', {
      ...placeOf({ at: at() }),
      hint: "Give it one: definePlaybook({ hosts: 'web', tasks: () => [ ... ] })",
    });
  for (const play of list) checkKeywords(play, { of: 'a play', kinds: playKinds, needed: ['hosts'], at });
  return new Playbook(list, at);
}
