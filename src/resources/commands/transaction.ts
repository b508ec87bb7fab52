import { PlayError } from '../../errors/index.ts';
import {
  Block,
  callSite,
  checkKeywords,
  commonKinds,
  keywordKind,
  placeOf,
  sharedKinds,
  Task,
  type BlockKeywords,
  type Kinds,
  type TaskItem,
} from '../../playbook/index.ts';
import { shell } from './shell.ts';

/** Keywords of a transaction; its tasks inherit those that blocks have. */
export interface TransactionKeywords extends Omit<
  BlockKeywords,
  'rescue' | 'always' | 'delegateTo' | 'runOnce' | 'ignoreUnreachable' | 'commitConfirmed'
> {
  /** What it is for. Default: its first task. */
  readonly name?: string;
  /**
   * A shell command that must exit with 0. It runs before anything is changed and sees all the new files in place;
   * nothing else on the host sees them yet.
   */
  readonly validate?: string;
  /** Tasks that must succeed after the changes and the handlers they notify. */
  readonly healthy?: readonly TaskItem[];
  /** How often each task of `healthy` is retried while it fails. Default 5. */
  readonly retries?: number;
  /** Seconds between attempts. Default 2. */
  readonly delay?: number;
}

const {
  delegateTo: _delegateTo,
  runOnce: _runOnce,
  ignoreUnreachable: _ignoreUnreachable,
  commitConfirmed: _commitConfirmed,
  ...blockKinds
} = sharedKinds;

const kinds: Kinds<TransactionKeywords> = {
  ...blockKinds,
  name: commonKinds.name,
  when: commonKinds.condition,
  validate: keywordKind(
    (value) => typeof value === 'string' && value.trim() !== '',
    "must be a command as shell text: 'nginx -t'",
  ),
  healthy: commonKinds.items,
  retries: commonKinds.retries,
  delay: commonKinds.pause,
};

/**
 * Changes files that only make sense together. They are validated together and put in place together, then the handlers
 * they notify run, and `healthy` is checked. If any of this fails, the old files are put back, the handlers run again,
 * and `healthy` is checked again: the host counts as failed, but is as it was before. If even that fails, the run
 * reports `NOT RESTORED` and starts no further hosts.
 *
 * Only files, links and directories can be put back, so a transaction is for these alone. If nothing has to be changed,
 * nothing is checked.
 *
 * @throws PlayError if it has no tasks, or they run on another host
 * @example
 * transaction(
 *   [
 *     template({ src: 'site.conf.hbs', dest: '/etc/nginx/sites-enabled/site' }, { notify: nginxChanged }),
 *     copy({ src: 'limits.conf', dest: '/etc/nginx/conf.d/limits.conf' }, { notify: nginxChanged }),
 *   ],
 *   { name: 'site of nginx', validate: 'nginx -t', healthy: [uri({ url: 'http://127.0.0.1/health' })] },
 * )
 */
export function transaction(tasks: readonly Task[], keywords: TransactionKeywords = {}): Block {
  const at = callSite(transaction);
  const given: unknown = tasks;
  if (!Array.isArray(given) || !given.every((one) => one instanceof Task))
    throw new PlayError('A transaction is not given a list of tasks', {
      ...placeOf({ at: at() }),
      hint: 'Write transaction([ ... ], { ... }). It takes tasks but no blocks, as it is one itself.',
    });
  const flush = tasks.find(({ body }) => body.resource.flushesHandlers);
  if (flush)
    throw new PlayError('A transaction has flushHandlers() among its tasks', {
      ...placeOf(flush),
      hint: 'The handlers that its tasks notify run at its end; leave it out.',
    });
  checkKeywords(keywords, { of: 'a transaction', kinds, at });
  const { validate, healthy = [], retries = 5, delay = 2, ...block } = keywords;
  return new Block(tasks, block, at, {
    validate:
      validate === undefined ? undefined : shell({ cmd: validate, changes: 'never' }, { name: firstLine(validate) }),
    healthy,
    retries,
    delay,
  });
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
