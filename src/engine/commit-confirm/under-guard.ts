import { Unreachable } from '../../connection/index.ts';
import { PlayError } from '../../errors/index.ts';
import type { HostContext } from '../host-context.ts';
import type { FailureSource } from '../task-event.ts';
import type { Guard } from './guard.ts';

/** What became of work under a guard. */
export interface Guarded<T> {
  /** What it came to; undefined where the host was lost in it. */
  readonly came: T | undefined;
  /** Why what it changed does not stand; undefined where it does, or where nothing was changed. */
  readonly failure: FailureSource | undefined;
}

/**
 * Does work whose changes stand only once a new login works. What fails in the midst is put back at once, as is what a lost
 * connection left open.
 *
 * @param isGood whether what it came to may stand
 * @throws what the work threw, where nothing was changed or the host cannot be reached again
 */
export async function underGuard<T>(
  context: HostContext,
  guard: Guard,
  work: () => Promise<T>,
  isGood: (came: T) => boolean,
): Promise<Guarded<T>> {
  const outer = context.guard;
  context.guard = guard;
  let came: T;
  try {
    came = await work();
  } catch (error) {
    if (!guard.isArmed || !(error instanceof PlayError)) throw error;
    const failure = await guard.putBack(error.message);
    if (!(error instanceof Unreachable)) throw error;
    return { came: undefined, failure };
  } finally {
    context.guard = outer;
  }
  if (!guard.isArmed) return { came, failure: undefined };
  return {
    came,
    failure: isGood(came)
      ? await guard.confirm()
      : await guard.putBack(context.signal?.aborted ? 'the run was interrupted' : 'a task of it failed'),
  };
}
