import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { readResult, writeResult, type Ask, type Listener } from '../engine/index.ts';
import type { ListedItem } from '../playbook/index.ts';
import { stepsOf, type PartEnd, type PartTurn } from '../run/index.ts';
import type { Need, PartOrder, ToRun, ToWorker, WrittenOnce } from './messages.ts';
import type { Peer } from './peer.ts';

/** A host's part of a play that a worker is to carry out. */
export interface Call {
  readonly part: PartTurn;
  readonly tell: Listener;
  readonly done: (end: PartEnd) => void;
}

/** What a host needs of the run while a worker has it. */
export interface SeatWays {
  readonly ask: Ask | undefined;
  readonly post: (peer: Peer, message: ToWorker) => void;
  readonly orderOf: (part: PartTurn, call: number) => PartOrder;
}

/** What a host is called while one worker has it, or waits for one. Never a number: BullMQ refuses these as ids of jobs. */
export function seatId(random: Buffer = randomBytes(8)): string {
  return `s${random.toString('hex')}`;
}

/**
 * A host in the hands of workers, one after another should one be lost. What it waits for among the other hosts is waited for
 * here: only the run knows of them all.
 */
export class Seat {
  readonly host: string;
  /** What its present worker has it as; another one each time it is given away. */
  id = '';
  /** The same of workers that had it and were lost. */
  readonly #former: string[] = [];
  peer: Peer | undefined;
  /** When it was put into the queue; undefined: it is not waiting. */
  queuedAt: number | undefined;
  readonly #ways: SeatWays;
  #call: Call | undefined;
  #number = 0;
  /** Parts that were done; check mode needs them again where the worker is lost that knows what they would have left. */
  readonly #past: Call[] = [];
  /** Those of them that the present worker has to go through first. */
  #replays: Call[] = [];
  /** How to give back what is held for it, by the need's number. */
  readonly #held = new Map<number, () => void>();
  readonly #turns = new Map<string, (result: Extract<ToRun, { is: 'settled' }>['result']) => void>();

  constructor(host: string, ways: SeatWays) {
    this.host = host;
    this.#ways = ways;
  }

  get isBusy(): boolean {
    return this.#call !== undefined;
  }

  /** Begins a part; it is sent once a worker has the host. */
  begin(call: Call): void {
    this.#call = call;
    // Each host of a batch listens to the same one.
    setMaxListeners(0, call.part.signal);
    call.part.signal.addEventListener('abort', this.#abort, { once: true });
    if (this.peer) this.#order(call);
  }

  /** A worker has it from now on. */
  give(peer: Peer, id: string, replays: boolean): void {
    this.peer = peer;
    this.id = id;
    this.queuedAt = undefined;
    this.#ways.post(peer, { is: 'go', seat: id, host: this.host, former: this.#former });
    this.#replays = replays ? [...this.#past] : [];
    const first = this.#replays[0] ?? this.#call;
    if (first) this.#order(first);
    if (this.#call?.part.signal.aborted) this.#abort();
  }

  /** Its worker is lost. */
  take(): void {
    this.#former.push(this.id);
    this.peer = undefined;
    this.#letGo();
    if (this.#call?.part.signal.aborted) this.giveUp({ is: 'interrupted' });
  }

  /** What its worker says. */
  hear(message: Exclude<ToRun, { is: 'claim' | 'refuse' | 'closed' | 'bye' }>): void {
    switch (message.is) {
      case 'event':
        if (message.call === this.#number && this.#replays.length === 0) this.#tell(message.event);
        return;
      case 'need':
        if (message.call === this.#number) void this.#meet(message.id, message.need);
        return;
      case 'left':
        this.#held.get(message.id)?.();
        this.#held.delete(message.id);
        return;
      case 'settled':
        this.#turns.get(message.key)?.(message.result);
        this.#turns.delete(message.key);
        return;
      case 'end':
        if (message.call === this.#number) this.#end(message.end);
        return;
      default:
        message satisfies never;
    }
  }

  /** Ends a part that no worker has, and none will. */
  giveUp(end: PartEnd): void {
    this.#replays = [];
    this.#end(end);
  }

  readonly #abort = (): void => {
    if (this.peer) this.#ways.post(this.peer, { is: 'abort', seat: this.id });
    // Nothing of it was begun.
    else if (this.#call) this.giveUp({ is: this.#former.length === 0 ? 'passed' : 'interrupted' });
  };

  #order({ part }: Call): void {
    if (!this.peer) return;
    this.#number++;
    this.#ways.post(this.peer, { is: 'part', seat: this.id, order: this.#ways.orderOf(part, this.#number) });
  }

  #end(end: PartEnd): void {
    this.#letGo();
    if (this.#replays.length > 0) {
      this.#replays.shift();
      const next = this.#replays[0] ?? this.#call;
      if (next) this.#order(next);
      return;
    }
    const call = this.#call;
    if (!call) return;
    this.#call = undefined;
    call.part.signal.removeEventListener('abort', this.#abort);
    this.#past.push(call);
    call.done(end);
  }

  /** A worker may tell what happens on its host, and of nothing else. */
  #tell(event: Extract<ToRun, { is: 'event' }>['event']): void {
    const call = this.#call;
    if (!call) return;
    const { host } = this;
    switch (event.event) {
      case 'task':
      case 'handler': {
        const { changes, review: _, ...rest } = event;
        return call.tell({ ...rest, host, changes: [], shownChanges: changes });
      }
      case 'connected':
      case 'working':
      case 'sent':
      case 'notice':
      case 'held':
      case 'always':
      case 'foretold':
        return call.tell({ ...event, host: event.event === 'connected' || event.event === 'sent' ? event.host : host });
      case 'mark':
        if (event.is !== 'over') call.tell({ ...event, host, part: call.part.part ?? event.part });
        return;
      default:
    }
  }

  async #meet(id: number, need: Need): Promise<void> {
    const { peer, id: seat } = this;
    const call = this.#replays[0] ?? this.#call;
    if (!peer || !call) return;
    const value = await this.#wait(call, id, need);
    if (this.id === seat && !peer.isLost) this.#ways.post(peer, { is: 'answer', seat, id, value });
  }

  async #wait({ part }: Call, id: number, need: Need): Promise<unknown> {
    // What was gone through once waits for nobody the second time.
    const isAgain = this.#replays.length > 0;
    switch (need.for) {
      case 'once': {
        if (isAgain) return null;
        const turn = await part.once.turn(need.key, this.host);
        if (!turn.isMine) {
          const { result } = turn.came;
          return { ...turn.came, result: result === undefined ? null : writeResult(result) } satisfies WrittenOnce;
        }
        this.#turns.set(need.key, ({ result, ...came }) =>
          turn.settle({ ...came, result: result === null ? undefined : readResult(result) }),
        );
        return null;
      }
      case 'place':
        if (!isAgain) await this.#place(part, id, need.key, need.most);
        return null;
      case 'pace':
        if (!isAgain) await this.#pace(part, need.at);
        return null;
      case 'operator':
        return (
          (await this.#ways.ask?.({ host: this.host, text: need.text }, part.signal).catch(() => undefined)) ?? null
        );
      default:
        return need satisfies never;
    }
  }

  #place(part: PartTurn, id: number, key: string, most: number): Promise<void> {
    const { id: seat } = this;
    return new Promise((entered) => {
      void part.throttled(
        key,
        most,
        () =>
          new Promise<void>((leave) => {
            entered();
            // Its worker was lost while it waited.
            if (this.id !== seat || this.peer === undefined) leave();
            else this.#held.set(id, leave);
          }),
      );
    });
  }

  async #pace({ pace, play }: PartTurn, at: Extract<Need, { for: 'pace' }>['at']): Promise<void> {
    if (at === 'handlers' || typeof at === 'object') return await pace?.(at);
    const item = (play.selected.get(this.host)?.items ?? []).flatMap(stepsOf)[at];
    if (item !== undefined) await pace?.({ item: item satisfies ListedItem });
  }

  #letGo(): void {
    for (const leave of this.#held.values()) leave();
    this.#held.clear();
    this.#turns.clear();
  }
}
