/** A change that could close our own way in has to be confirmed, though nobody said so. */
import type { Plan } from '../../contract/index.ts';
import type { ListedTask } from '../../playbook/index.ts';
import type { HostContext } from '../host-context.ts';
import type { PendingChange } from '../pack.ts';
import type { Place } from '../place.ts';
import type { Sent } from '../sender.ts';
import { standardWithin } from './guard.ts';
import { underGuard } from './under-guard.ts';
import { closesOurWay } from './ways-in.ts';

export function hasToBeConfirmed(
  { guard }: HostContext,
  listed: ListedTask,
  place: Place,
  plan: Plan<unknown>,
): boolean {
  return guard?.place.session !== place.session && closesOurWay(plan, listed, place);
}

/** What is shown for a change that has to be confirmed, in check mode and in a run alike. */
const told = `confirmed by a new login within ${standardWithin} s, else put back`;

/** Check mode: that a change would have to be confirmed; undefined where it would not. */
export function confirmedLater(
  context: HostContext,
  listed: ListedTask,
  place: Place,
  plan: Plan<unknown>,
): string | undefined {
  context.guard?.foresee(listed, place);
  return hasToBeConfirmed(context, listed, place, plan) ? told : undefined;
}

/** Sends one change, which stands only once a new login works. */
export async function sendConfirmed(
  context: HostContext,
  change: PendingChange,
  send: () => Promise<readonly Sent[]>,
): Promise<readonly Sent[]> {
  const before = context.handlers.recorded();
  // sshd is signalled, and then reads its configuration.
  const isWhole = change.plan.closes?.some(({ by }) => by === 'ssh') ?? false;
  const guard = context.guardOf(change.place, {}, isWhole);
  const started = Date.now();
  const { came = [], failure } = await underGuard(context, guard, send, ([sent]) => sent?.failure === undefined);
  const [sent] = came;
  if (failure === undefined) return sent === undefined || !guard.isArmed ? came : [{ ...sent, message: told }];
  await context.clearRecords(context.handlers.cancelNew(change.listed.notify, before));
  if (sent?.failure !== undefined && failure.nothingDone)
    return [{ ...sent, failure: { ...sent.failure, nothingDone: true }, message: 'what it had changed was put back' }];
  const seconds = (Date.now() - started) / 1000;
  return [{ change, seconds, outputs: sent?.outputs ?? [], result: change.plan.result, failure }];
}
