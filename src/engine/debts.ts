/** What a change will owe is on record on the host before it is made, and off it once it was paid. */
import { recordsSubject } from '../probes/index.ts';
import type { HostContext } from './host-context.ts';
import { recordEntered, recordOwed, settleOwed, type Owed } from './owed.ts';
import { packSteps, type Packed, type PendingChange } from './pack.ts';
import { samePlace, type Place } from './place.ts';
import type { Sent } from './sender.ts';

/** What handlers pay with their own end: a run killed after one of them need not run it again. */
export function debtsPaid(
  { handlers }: HostContext,
  pending: readonly PendingChange[],
): ReadonlyMap<PendingChange, Owed> {
  const notified = pending.flatMap(({ listed }) => listed.notify);
  return new Map(
    pending.flatMap((change) => {
      const debt = change.isOpen ? undefined : handlers.paidBy(change.listed, notified);
      return debt === undefined ? [] : [[change, debt] as const];
    }),
  );
}

/** The steps of each handler, followed by the request that removes its debt from the records. */
export function packPaying(
  { handlers }: HostContext,
  changes: readonly PendingChange[],
  paid: ReadonlyMap<PendingChange, Owed>,
): Packed[] {
  return changes.flatMap((change) => {
    const debt = paid.get(change);
    return [
      ...packSteps(change.plan.steps),
      ...(debt === undefined
        ? []
        : [{ request: { ...settleOwed(handlers.filesOf([debt.id])), afterSuccess: true }, steps: 0 }]),
    ];
  });
}

/** Marks what was paid. A handler that ran to its end but did not hold is owed anew. */
export async function settlePaid(
  context: HostContext,
  sent: readonly Sent[],
  paid: ReadonlyMap<PendingChange, Owed>,
): Promise<void> {
  if (paid.size === 0) return;
  context.records.session.state.expire([], [recordsSubject]);
  const ended = sent
    .filter(({ failure }) => failure?.reply === undefined)
    .flatMap((one) => ({ failure: one.failure, debt: paid.get(one.change) }));
  const due = ended.flatMap(({ failure, debt }) => (failure !== undefined && debt !== undefined ? [debt] : []));
  context.handlers.cancel(
    ended.flatMap(({ failure, debt }) => (failure === undefined && debt !== undefined ? [debt.id] : [])),
  );
  if (due.length > 0) await context.records.session.exchange(context.records.account, [recordOwed(due)], []);
}

/**
 * Takes back what was recorded for changes that were not made: those behind the one that failed, that one too if it is
 * all or nothing, and those that turned out to change nothing.
 */
export async function forgive(
  context: HostContext,
  debts: readonly Owed[],
  pending: readonly PendingChange[],
  sent: readonly Sent[],
): Promise<void> {
  const made = sent.filter((one) => !isUntouched(one));
  if (made.length === pending.length) return;
  const due = new Set(made.flatMap(({ change }) => change.listed.notify.map((handler) => handler.id)));
  await context.clearRecords(context.handlers.cancel(debts.map((one) => one.id).filter((id) => !due.has(id))));
}

function isUntouched({ change, failure, made }: Sent): boolean {
  if (failure === undefined) return made?.length === 0;
  const work = change.plan.steps.filter((step) => step.looks === undefined);
  return failure.nothingDone ?? (failure.reply !== undefined && work.length === 1 && work[0]?.atomic === true);
}

/**
 * Records what the changes will owe, and what the blocks around them will: in the same exchange where that uses the same
 * lane, otherwise before it.
 */
export async function record(
  context: HostContext,
  debts: readonly Owed[],
  entered: readonly Owed[],
  place: Place,
): Promise<ReturnType<typeof recordOwed>[]> {
  for (const { id, always: names = [] } of entered) context.tellCleanup({ id, names }, 'owed');
  const requests = [
    ...(debts.length > 0 ? [recordOwed(debts)] : []),
    ...(entered.length > 0 ? [recordEntered(entered)] : []),
  ];
  if (requests.length === 0 || samePlace(context.records, place)) return requests;
  await context.records.session.exchange(context.records.account, requests, []);
  return [];
}
