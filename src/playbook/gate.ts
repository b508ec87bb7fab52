import * as v from 'valibot';
import type { TaskContext } from '../contract/index.ts';
import type { TaskItem } from './block.ts';
import { common, isBatch, isPlainObject, kind, type Kinds } from './keywords.ts';

/**
 * What must hold for a roll-out to go on. A gate's tasks run whatever `--tags` selects; one that fails stops the
 * play before its next batch.
 *
 * @example gate: { after: () => [uri({ url: 'http://127.0.0.1/health' })], retries: 12, delay: 5 }
 */
export interface Gate {
  /** Run on each host before its tasks. */
  readonly before?: (context: TaskContext) => readonly TaskItem[];
  /** Run on each host after its tasks and the handlers they notified. */
  readonly after?: (context: TaskContext) => readonly TaskItem[];
  /**
   * How often each task of the gate is run again while it fails, even if the connection was lost meanwhile. Default
   * 0. A
   * task with `until` has its own.
   */
  readonly retries?: number;
  /** Seconds between tries; default 5. */
  readonly delay?: number;
}

/**
 * The first hosts of a roll-out, watched for a while before the others follow.
 *
 * @example canary: { hosts: 1, soak: 600 }
 */
export interface Canary {
  /** Size of the first batch: a number, or a percentage of all hosts. Default 1. The others follow by `serial`. */
  readonly hosts?: number | string;
  /** Seconds for which they are watched: `gate.after` is run again and again, and stops the play when it fails. */
  readonly soak: number;
  /** Seconds between two checks; default 30. */
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
