import type { CommitConfirmed } from '../../playbook/index.ts';
import type { HostVerdict } from '../failure.ts';
import type { HostContext } from '../host-context.ts';
import { failureEvent } from '../task-event.ts';
import { underGuard } from './under-guard.ts';

/** Runs the tasks of a block whose changes stand together, once a new login works, or not at all. */
export async function runConfirmed(
  context: HostContext,
  how: CommitConfirmed,
  work: () => Promise<HostVerdict>,
): Promise<HostVerdict> {
  const guard = context.guardOf(context.records, how, true);
  const owed = context.handlers.recorded();
  const { due } = context.handlers;
  const { came, failure } = await underGuard(context, guard, work, (verdict) => verdict === 'ok');
  const { last } = guard;
  if (context.input.check && guard.isUsed)
    context.notice(`put back unless a new login works within ${guard.within} s: ${guard.what}`);
  if (last === undefined || !guard.isArmed) return came ?? 'failed';
  if (failure === undefined) {
    context.notice(`confirmed by a new login: ${guard.what}`);
    return 'ok';
  }
  // What was put back notified nobody.
  if (failure.nothingDone) context.handlers.forgetSince(due);
  await context.clearRecords(context.handlers.cancelUnnotified(owed));
  if (came !== undefined && came !== 'ok') {
    context.notice(failure.nothingDone ? `put back, as not all of it was done: ${guard.what}` : failure.what);
    return came;
  }
  context.tell(failureEvent(context.base(last, 'task'), failure));
  return 'failed';
}
