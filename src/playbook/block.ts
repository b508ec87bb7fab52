import { PlayError, type Location } from '../errors/index.ts';
import { callSite, placeOf } from './call-site.ts';
import type { Deferrable } from './deferred.ts';
import { checkKeywords, common, shared, type Kinds } from './keywords.ts';
import type { RoleUse } from './role.ts';
import type { SharedKeywords } from './task.ts';
import type { Task } from './task.ts';

/** What a list of tasks may contain. A role in such a list runs at that point, each time it is listed. */
export type TaskItem = Task | Block | RoleUse;

/** Keywords of a block; its tasks inherit them. */
export interface BlockKeywords extends SharedKeywords {
  /** What the block is for. It appears only in the playbook. */
  readonly name?: string;
  /** A condition for each task inside, in addition to the task's own. */
  readonly when?: Deferrable<boolean>;
  /** Tasks that run if a task of the block fails; if they all succeed, the failure counts as rescued. */
  readonly rescue?: readonly TaskItem[];
  /**
   * Tasks that run in any case, after the block and `rescue`: even after Ctrl-C, and over a new connection if the host
   * was lost during the block. If the run is killed, the next one starts with them.
   */
  readonly always?: readonly TaskItem[];
}

const blockKinds: Kinds<BlockKeywords> = {
  ...shared,
  name: common.name,
  when: common.condition,
  rescue: common.items,
  always: common.items,
};

/** What makes a transaction of a block. */
export interface Trial {
  /** Checks all that is new before it is in place. */
  readonly validate: Task | undefined;
  /** What must hold once it is in place. */
  readonly healthy: readonly TaskItem[];
  /** How often each task of `healthy` is tried again, and how many seconds apart. */
  readonly retries: number;
  readonly delay: number;
}

/** Tasks that share keywords, and what to do when one fails. */
export class Block {
  readonly tasks: readonly TaskItem[];
  readonly keywords: BlockKeywords;
  /** Set for a transaction. */
  readonly trial: Trial | undefined;
  readonly #at: () => Location | undefined;

  constructor(tasks: readonly TaskItem[], keywords: BlockKeywords, at: () => Location | undefined, trial?: Trial) {
    this.tasks = tasks;
    this.keywords = keywords;
    this.trial = trial;
    this.#at = at;
  }
  get at(): Location | undefined {
    return this.#at();
  }
}

/**
 * Groups tasks that share keywords, with `rescue` and `always` as in Ansible. After a lost connection or Ctrl-C,
 * `always` runs but `rescue` does not.
 *
 * @example block([apt({ name: 'app', state: 'latest' })], { rescue: [systemd({ name: 'app', state: 'restarted' })] })
 */
export function block(tasks: readonly TaskItem[], keywords: BlockKeywords = {}): Block {
  const at = callSite(block);
  const given: unknown = tasks;
  if (!Array.isArray(given))
    throw new PlayError('A block needs a list of tasks', {
      ...placeOf({ at: at() }),
      hint: 'Write block([ ... ], { ... }).',
    });
  checkKeywords(keywords, { of: 'a block', kinds: blockKinds, at });
  return new Block(tasks, keywords, at);
}
