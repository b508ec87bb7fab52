/**
 * Handlers that start services, one behind the other: each service is watched while those behind it are started. What
 * fails or dies at once still stops those behind it; only the last look at each comes when all have been started.
 */
import type { LaneReply } from '../connection/index.ts';
import type { Step } from '../contract/index.ts';
import { hasToBeConfirmed } from './commit-confirm/auto.ts';
import type { HostContext } from './host-context.ts';
import type { TaskKind } from './host-run-input.ts';
import type { PendingChange } from './pack.ts';
import { samePlace, type Place } from './place.ts';
import { failureOfStep, type Sent } from './sender.ts';
import type { Outcome } from './turn-outcome.ts';
import type { Turn } from './turn.ts';

/** What was told once it is known how the changes before it came out. */
type Entry =
  | { readonly is: 'made'; readonly turn: Turn; readonly sent: Sent; readonly look: Step | undefined }
  | { readonly is: 'told'; readonly tell: () => void };

/** What it needs of the list of tasks. */
interface Listing {
  readonly report: (turn: Turn, outcome: Outcome) => boolean;
}

/** The change with the first parts of its steps alone; undefined where it goes as a whole. */
export function firstPart(context: HostContext, kind: TaskKind, change: PendingChange): PendingChange | undefined {
  const { plan, listed, place } = change;
  // What has to be proven, confirmed or put back is not left open.
  if (kind !== 'handler' || !plan.again || plan.imperative !== undefined || context.guard !== undefined)
    return undefined;
  if (!plan.steps.some(({ inParts }) => inParts) || hasToBeConfirmed(context, listed, place, plan)) return undefined;
  return { ...change, isOpen: true, plan: { ...plan, steps: plan.steps.map((step) => step.inParts?.first ?? step) } };
}

export class LastLooks {
  readonly #context: HostContext;
  readonly #listing: Listing;
  #entries: Entry[] = [];

  constructor(context: HostContext, listing: Listing) {
    this.#context = context;
    this.#listing = listing;
  }

  /** @param change as it was planned, with whole steps */
  made(turn: Turn, { plan }: PendingChange, sent: Sent): void {
    const looks = plan.steps.flatMap(({ inParts }, i) => {
      const output = sent.outputs[i];
      const look = output && inParts?.look(output);
      return look ? [look] : [];
    });
    this.#entries.push({ is: 'made', turn, sent, look: looks.at(-1) });
  }

  /** Tells something once the changes before it are told. */
  behind(tell: () => void): void {
    if (this.#entries.length === 0) tell();
    else this.#entries.push({ is: 'told', tell });
  }

  /** Looks, and reports all in their order. @returns false when one of them did not last */
  async settle(): Promise<boolean> {
    const entries = this.#entries;
    const replies = await this.#look(entries);
    this.#entries = [];
    const paid = entries.flatMap((one) =>
      one.is === 'made' && (replies.get(one)?.code ?? 0) === 0
        ? (this.#context.handlers.paidBy(one.turn.listed, [])?.id ?? [])
        : [],
    );
    await this.#context.clearRecords(this.#context.handlers.cancel(paid));
    let isWell = true;
    for (const one of entries) {
      if (one.is === 'told') one.tell();
      else isWell = this.#report(one, replies.get(one)) && isWell;
    }
    return isWell;
  }

  /** The host is lost: what was made is told, with what nobody has seen. */
  giveUp(): void {
    const message = 'whether it stays up was not seen any more';
    for (const one of this.#entries.splice(0))
      if (one.is === 'told') one.tell();
      else this.#listing.report(one.turn, one.turn.sent(one.look ? { ...one.sent, message } : one.sent));
  }

  #report({ turn, sent, look }: Entry & { is: 'made' }, reply: LaneReply | undefined): boolean {
    if (look === undefined || reply === undefined || reply.code === 0)
      return this.#listing.report(turn, turn.sent(sent));
    const { place, plan } = sent.change;
    place.session.state.expire([], plan.touches);
    return this.#listing.report(turn, turn.sent({ ...sent, failure: { ...failureOfStep(look, reply), reply } }));
  }

  async #look(entries: readonly Entry[]): Promise<ReadonlyMap<Entry, LaneReply>> {
    const open = entries.flatMap((one) =>
      one.is === 'made' && one.look ? [{ one, look: one.look, place: one.sent.change.place }] : [],
    );
    const places: Place[] = [];
    for (const { place } of open) if (!places.some((known) => samePlace(known, place))) places.push(place);
    const replies = new Map<Entry, LaneReply>();
    for (const place of places) {
      const here = open.filter((one) => samePlace(one.place, place));
      // Each is looked at, whatever became of the others.
      const requests = here.map(({ look: { script, args = [] } }) => ({ script, args }));
      const came = await place.session.exchange(place.account, requests, []);
      for (const [i, { one }] of here.entries()) if (came[i]) replies.set(one, came[i]);
    }
    return replies;
  }
}
