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

/** A play: which hosts, and what they should be. */
export interface PlaySpec extends PlayKeywords {
  /** Default: the hosts pattern. */
  readonly name?: string;
  /** A host pattern as for `-l`, or a list of them. */
  readonly hosts: string | readonly string[];
  /** Become root (or `becomeUser`) for every task. Default false, or the inventory's `ansible_become`. */
  readonly become?: boolean;
  /**
   * Whom to become; implies `become: true` unless that is given as false. Default `root`, or the inventory's
   * `ansible_become_user`.
   */
  readonly becomeUser?: string;
  /** Tags of every task of the play. */
  readonly tags?: string | readonly string[];
  /** Variables for the roles of this play; above inventory, below `-e`. */
  readonly vars?: Readonly<Record<string, unknown>>;
  /** Options for tasks, unless they or their role give them, such as `{ owner: 'root', mode: '0644' }`. */
  readonly defaults?: TaskDefaults;
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
  /**
   * The order in which hosts are taken: the inventory's, by name, either of these reversed, or a different one in
   * each run. `playHosts` stays in the inventory's order. Default `inventory`.
   */
  readonly order?: (typeof hostOrders)[number];
  /**
   * `free`: each host goes on as fast as it can, to the end of the play. `linear`: none begins a task before all
   * hosts of its batch have finished the previous ones, which costs an exchange per task. Default `free`.
   */
  readonly strategy?: (typeof strategies)[number];
  /**
   * Hosts that may vanish, as spot machines do: they count as `gone` and not as unreachable. `true`: all but one; or a
   * number of hosts, or a percentage of the play's. Each one beyond that is unreachable. Default false.
   */
  readonly gone?: boolean | number | string;
  /** What must hold on each host before its tasks and after its handlers, or the play stops before its next batch. */
  readonly gate?: Gate;
  /** A first batch that is watched before the others follow. Default: none. */
  readonly canary?: Canary;
  /** The play ends when more than this percentage of a batch's hosts have failed. */
  readonly maxFailPercentage?: number;
  /** The play ends on every host as soon as one has failed. */
  readonly anyErrorsFatal?: boolean;
  /** Run due handlers even on hosts where a task failed, as `--force-handlers` does for every play. */
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
 * @throws PlayError when a play names no hosts, or its tasks or roles are of the wrong kind
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
