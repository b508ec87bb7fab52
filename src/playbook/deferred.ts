import type { Facts } from '../probes/index.ts';
import type { Task } from './task.ts';

/** What every task's result has, whatever its resource. */
export interface TaskOutcome {
  /** Whether it changed something; in check mode, whether it would. */
  readonly changed: boolean;
  /** Whether it failed: later tasks can see that thanks to `ignoreErrors`, `rescue` or `always`. */
  readonly failed: boolean;
  /** Whether it was skipped because its `when` was false. */
  readonly skipped: boolean;
}

/** What a function in a task may read once the run is under way. */
export interface RunContext {
  /** Facts about the host, gathered when they are first read. */
  readonly facts: Facts;
  /** The result of an earlier task: `results(check).stdout`. */
  results<R>(task: Task<R>): R & TaskOutcome;
}

/** A value, or a function that returns it once facts and results are known. */
export type Deferrable<T> = T | ((context: RunContext) => T);

/** Options any of which may be given as a function of facts and results. */
export type DeferrableOptions<O> = { [K in keyof O]: Deferrable<O[K]> };
