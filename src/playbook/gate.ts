import * as v from 'valibot';
import type { TaskContext } from '../contract/index.ts';
import type { TaskItem } from './block.ts';
import { common, isBatch, isPlainObject, kind, type Kinds } from './keywords.ts';

/**
 * Checks that must pass for a roll-out to continue. A gate's tasks run whatever `--tags` selects; if one fails, the
 * play stops before its next batch.
 *
 * @example gate: { after: () => [uri({ url: 'http://127.0.0.1/health' })], retries: 12, delay: 5 }
 */
export interface Gate {
  /** Checks that run on each host before its tasks. */
  readonly before?: (context: TaskContext) => readonly TaskItem[];
  /** Checks that run on each host after its tasks and the handlers they notified. */
  readonly after?: (context: TaskContext) => readonly TaskItem[];
  /**
   * How often each task of the gate is retried while it fails, even after a lost connection. Default 0. A task with
   * `until` has its own `retries`.
   */
  readonly retries?: number;
  /** Seconds between attempts. Default 5. */
  readonly delay?: number;
}

/**
 * The first hosts of a roll-out, watched for a while before the others follow.
 *
 * @example canary: { hosts: 1, soak: 600 }
 */
export interface Canary {
  /**
   * Size of the first batch: a number, or a percentage of all hosts. Default 1. The others follow in batches of
   * `serial`.
   */
  readonly hosts?: number | string;
  /** How long to watch them, in seconds: `gate.after` is run repeatedly, and the play stops if it fails. */
  readonly soak: number;
  /** Seconds between checks. Default 30. */
  readonly interval?: number;
}

/** How a task of a gate is run. */
export interface ListedGate {
  /** `healthy`: within the play, of a transaction. */
  readonly when: 'before' | 'after' | 'healthy';
  readonly retries: number;
  readonly delay: number;
}

/** What is inside of a gate is of the gate. */
export function gateOf({ gate }: { readonly gate?: ListedGate }): { readonly gate?: ListedGate } {
  return gate === undefined ? {} : { gate };
}

const gateFields: Kinds<Gate> = {
  before: common.tasks,
  after: common.tasks,
  retries: common.retries,
  delay: common.pause,
};
const canaryFields: Kinds<Canary> = {
  hosts: kind(isBatch, "must be a number of hosts, or a percentage ('10%')"),
  soak: common.pause,
  interval: common.seconds,
};

/** An object of these keywords, those in `needed` given. */
const objectOf = (fields: Readonly<Record<string, v.GenericSchema>>, needed: readonly string[], words: string) =>
  kind(
    (value) =>
      isPlainObject(value) &&
      Object.entries(value).every(
        ([key, one]) => one === undefined || (Object.hasOwn(fields, key) && v.is(fields[key] ?? v.never(), one)),
      ) &&
      needed.every((key) => value[key] !== undefined),
    words,
  );

export const gateKind = objectOf(
  gateFields,
  [],
  'must be { before, after, retries, delay }: before and after are functions that return lists of tasks, retries is a whole number, delay seconds',
);
export const canaryKind = objectOf(
  canaryFields,
  ['soak'],
  "must be { hosts, soak, interval }: hosts is a number or a percentage ('10%'), soak and interval are seconds",
);
