import type { Facts } from '../probes/index.ts';
import type { Task } from './task.ts';

/** What every task's result has, whatever its resource. */
export interface TaskOutcome {
  /** It changed something; in check mode: it would. */
  readonly changed: boolean;
  /** It failed, and `ignoreErrors`, `rescue` or `always` let later tasks run. */
  readonly failed: boolean;
  /** It was not run: its `when` did not hold. */
  readonly skipped: boolean;
}

/** What a function in a task may read once the run is under way. */
export interface RunContext {
  /** Facts of the host, asked for when read. */
  readonly facts: Facts;
  /** The result of an earlier task: `results(check).stdout`. */
  results<R>(task: Task<R>): R & TaskOutcome;
}

/** A value, or a function that gives it once facts and results are known. */
export type Deferrable<T> = T | ((context: RunContext) => T);

/** Options any of which may be given as a function of facts and results. */
export type DeferrableOptions<O> = { [K in keyof O]: Deferrable<O[K]> };
