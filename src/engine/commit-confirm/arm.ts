import type { LaneReply, LaneRequest } from '../../connection/index.ts';
import type { HostContext } from '../host-context.ts';
import type { PendingChange } from '../pack.ts';
import { samePlace, type Place } from '../place.ts';
import type { FailureSource } from '../task-event.ts';

/** What goes ahead of changes in their exchange; or why nothing may be changed. */
export interface Armed {
  readonly requests: readonly LaneRequest[];
  readonly failure?: FailureSource;
}

/** Saves what is put back unless the changes are confirmed: with them where that is the same lane, otherwise before. */
export async function armFor(context: HostContext, pending: readonly PendingChange[], place: Place): Promise<Armed> {
  const { guard } = context;
  const requests =
    guard?.arm(
      pending,
      pending.flatMap(({ listed }) => context.written.take(listed)),
    ) ?? [];
  if (guard === undefined || requests.length === 0 || samePlace(guard.place, place)) return { requests };
  const replies = await guard.place.session.exchange(guard.place.account, requests, []);
  const bad = replies.find(({ code }) => code !== 0);
  return { requests: [], ...(bad ? { failure: notSaved(context, bad) } : {}) };
}

export function notSaved({ guard }: HostContext, reply: LaneReply): FailureSource {
  guard?.disarm();
  return {
    what: 'What is there now could not be saved, so nothing was changed',
    hint: 'It would have to be put back unless a new login confirms the change. commitConfirmed: false does without.',
    reply,
    nothingDone: true,
  };
}
