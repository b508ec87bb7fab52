import { randomBytes } from 'node:crypto';
import { MarkTable, type Ask, type Listener, type LoggedEnd } from '../engine/index.ts';
import { said } from '../report/index.ts';
import type { Elsewhere, PartEnd, PartTurn, PreparedRun } from '../run/index.ts';
import type { PartOrder, RunInputs, ToRun, WaitingHost } from './messages.ts';
import { Peers, type Peer } from './peer.ts';
import { Exchange, placeOfRedis, type JobData, type Way } from './redis.ts';
import { Seat, seatId, type Call } from './seat.ts';
import { lastWait, within } from './within.ts';

export interface CrewOptions extends Way {
  readonly prepared: PreparedRun;
  /** What a worker is told of the run, once one is there. */
  readonly inputs: () => RunInputs;
  /** Seconds of silence after which a worker counts as lost. */
  readonly lostAfter: number;
  readonly check: boolean;
  /** How far the run came that this one goes on with. */
  readonly earlier: MarkTable | undefined;
  readonly ask: Ask | undefined;
  /** Hears what is not of one host. */
  readonly notice: (text: string) => void;
}

/** Milliseconds until it is said that nobody takes a host, and between two such words. */
const saidAfter = 10_000;
const saidAgain = 60_000;
/** Milliseconds after which it is looked whether a host still stands in the queue. */
const lookAgain = 5000;
/** Milliseconds that workers have to close their connections. */
const closeWait = 10_000;

type Queue = ReturnType<Exchange['queue']>;

/**
 * The workers of one run. The run decides what is done when; a worker carries out a host's part of a play, and has that host
 * until the run is over, or it is lost. The queue only finds a worker for a host that has none: who has it is decided here,
 * so that what the queue loses or gives twice does no harm.
 */
export class Crew implements Elsewhere {
  readonly #options: CrewOptions;
  readonly #exchange: Exchange;
  readonly #queue: Queue;
  readonly #self = randomBytes(16).toString('hex');
  readonly #peers: Peers;
  readonly #seats = new Map<string, Seat>();
  /** By what they are called at present, in the queue or in a worker. */
  readonly #called = new Map<string, Seat>();
  readonly #marks: MarkTable;
  readonly #timer: NodeJS.Timeout;
  /** What the queue said where it took no host; told once each. */
  readonly #refusals = new Set<string>();
  #changed: string | undefined;
  #sayAt: number | undefined;
  #isOver = false;
  #whenClosed: (() => void) | undefined;

  private constructor(options: CrewOptions, exchange: Exchange) {
    this.#options = options;
    this.#exchange = exchange;
    this.#queue = exchange.queue();
    this.#marks = options.earlier ?? new MarkTable();
    this.#peers = new Peers(exchange, this.#self, (peer, body) => this.#hear(peer, body as ToRun));
    this.#timer = setInterval(() => this.#tick(), 1000);
    void exchange.listen(this.#self, (from, link, frame) => link === this.#self && this.#peers.receive(from, frame));
  }

  /** @throws PlayError where the queue engine is not installed, or Redis does not answer */
  static async open(options: CrewOptions): Promise<Crew> {
    return new Crew(options, await Exchange.open(options));
  }

  run(part: PartTurn, tell: Listener): Promise<PartEnd> {
    const { host } = part;
    const listener: Listener = (event) => {
      if (event.event === 'mark') this.#marks.add({ ...event, at: new Date().toISOString() });
      tell(event);
    };
    const seat = this.#seats.get(host) ?? this.#newSeat(host);
    return new Promise((done) => {
      seat.begin({ part, tell: listener, done } satisfies Call);
      if (seat.peer === undefined) this.#enqueue(seat);
    });
  }

  async close(endOf: (host: string) => LoggedEnd): Promise<void> {
    this.#isOver = true;
    const closed = new Promise<void>((done) => (this.#whenClosed = done));
    for (const peer of this.#peers.all) {
      const hosts = [...this.#seats.values()].filter((seat) => seat.peer === peer).map(({ host }) => host);
      this.#peers.post(peer, { is: 'over', ends: Object.fromEntries(hosts.map((host) => [host, endOf(host)])) });
    }
    this.#lookClosed();
    await within(closeWait, closed);
    clearInterval(this.#timer);
    const waiting = [...this.#seats.values()].filter((seat) => seat.queuedAt !== undefined);
    await Promise.all(waiting.map((seat) => this.#leaveQueue(seat)));
    await this.#exchange.drop(this.#self);
    await within(lastWait, this.#queue.close());
    await this.#exchange.close();
  }

  #newSeat(host: string): Seat {
    const seat = new Seat(host, {
      ask: this.#options.ask,
      post: (peer, message) => this.#peers.post(peer, message),
      orderOf: (part, call) => this.#orderOf(part, call),
    });
    this.#seats.set(host, seat);
    return seat;
  }

  #orderOf({ host, play, part, watched }: PartTurn, call: number): PartOrder {
    return {
      call,
      play: this.#options.prepared.plays.indexOf(watched ?? play),
      watches: watched !== undefined,
      marks: part === undefined ? [] : this.#marks.tasksOf(part, host),
      changed: this.#changed,
    };
  }

  /** @param delay milliseconds until a worker may have it */
  #enqueue(seat: Seat, delay = 0): void {
    this.#called.delete(seat.id);
    const id = seatId();
    seat.id = id;
    this.#called.set(id, seat);
    seat.queuedAt = Date.now();
    this.#add(id, delay);
  }

  /** What is lost on the way is added again by `#lookAtQueue`. */
  #add(seat: string, delay = 0): void {
    const job: WaitingHost = { run: this.#self, seat };
    const sealed = this.#options.key.seal('job', Buffer.from(JSON.stringify(job))).toString('base64');
    const data: JobData = { sealed };
    this.#queue
      .add('host', data, { jobId: seat, removeOnComplete: true, removeOnFail: true, ...(delay > 0 ? { delay } : {}) })
      .catch((thrown: unknown) => this.#notTaken(thrown));
  }

  /** That Redis is away is told elsewhere; what it refuses while it is there, it may refuse for ever. */
  #notTaken(thrown: unknown): void {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    if (!this.#exchange.isUp || this.#isOver || this.#refusals.has(why)) return;
    this.#refusals.add(why);
    this.#options.notice(
      `Redis at ${placeOfRedis(this.#options.url)} does not accept hosts into the queue: ${said(why)}. The run keeps trying`,
    );
  }

  async #leaveQueue(seat: Seat): Promise<void> {
    if (this.#exchange.isUp) await within(lastWait, this.#queue.remove(seat.id));
  }

  #hear(peer: Peer, message: ToRun): void {
    if (message.is === 'claim') return this.#claimed(peer, message.seat, message.worker);
    if (message.is === 'closed') {
      peer.isClosed = true;
      return this.#lookClosed();
    }
    if (message.is === 'bye') return this.#lose(peer, 'has left');
    const seat = this.#called.get(message.seat);
    if (seat === undefined || seat.peer !== peer || seat.id !== message.seat) return;
    if (message.is === 'refuse') return this.#refused(peer, seat, message.why, message.hint);
    if (message.is === 'end') this.#changed ??= message.changed;
    seat.hear(message);
  }

  #claimed(peer: Peer, id: string, name: string): void {
    peer.name = name;
    const seat = this.#called.get(id);
    if (this.#isOver || seat === undefined || seat.id !== id || seat.peer !== undefined || !seat.isBusy)
      return this.#peers.post(peer, { is: 'drop', seat: id });
    if (!peer.isTold) this.#peers.post(peer, { is: 'inputs', inputs: this.#options.inputs() });
    peer.isTold = true;
    seat.give(peer, id, this.#options.check);
  }

  #refused(peer: Peer, seat: Seat, why: string, hint: string | undefined): void {
    if (peer.refused === undefined) {
      peer.refused = why;
      const more = hint === undefined ? '' : ` (${said(hint)})`;
      this.#options.notice(`the worker ${said(peer.name)} cannot work for this run: ${said(why)}${more}`);
    }
    seat.peer = undefined;
    // It leaves the queue alone for as long, so that others may come first.
    this.#enqueue(seat, 1000);
  }

  #tick(): void {
    const { lostAfter } = this.#options;
    for (const peer of this.#peers.tick(lostAfter * 1000))
      this.#lose(peer, `is lost: nothing heard from it for ${lostAfter} s`);
    const waiting = [...this.#seats.values()].filter((seat) => seat.queuedAt !== undefined);
    void this.#lookAtQueue(waiting);
    this.#sayWaiting(waiting);
  }

  #lose(peer: Peer, why: string): void {
    this.#peers.lose(peer);
    const seats = [...this.#seats.values()].filter((seat) => seat.peer === peer);
    const hosts = seats.filter((seat) => seat.isBusy).map(({ host }) => host);
    if (!this.#isOver && (seats.length > 0 || peer.refused === undefined))
      this.#options.notice(
        `the worker ${said(peer.name)} ${why}${hosts.length === 0 ? '' : `; others go on with ${hosts.join(', ')}`}`,
      );
    for (const seat of seats) {
      seat.take();
      if (seat.isBusy) this.#enqueue(seat);
    }
    this.#lookClosed();
  }

  /** A job may be lost with Redis, or with the worker that had fetched it. */
  async #lookAtQueue(waiting: readonly Seat[]): Promise<void> {
    const now = Date.now();
    if (!this.#exchange.isUp || this.#isOver) return;
    for (const seat of waiting) {
      if (seat.queuedAt === undefined || now - seat.queuedAt < lookAgain) continue;
      seat.queuedAt = now;
      const { id } = seat;
      const job = await this.#queue.getJob(id).catch(() => null);
      if (job === undefined && seat.queuedAt !== undefined && seat.id === id) this.#add(id);
    }
  }

  /** A run that waits says for what, so that nobody thinks it hangs. */
  #sayWaiting(waiting: readonly Seat[]): void {
    const { isUp } = this.#exchange;
    const isTaken = this.#peers.all.some((peer) => peer.refused === undefined);
    if (this.#isOver || (isUp && (waiting.length === 0 || isTaken))) {
      this.#sayAt = undefined;
      return;
    }
    const now = Date.now();
    this.#sayAt ??= now + saidAfter;
    if (now < this.#sayAt) return;
    this.#sayAt = now + saidAgain;
    const where = placeOfRedis(this.#options.url);
    this.#options.notice(
      isUp
        ? `${waiting.length} hosts wait for a worker, but none takes them. Start one in a copy of the project: play worker --redis redis://${where} --worker-key-file FILE`
        : `Redis does not answer at ${where}. The run goes on once it does`,
    );
  }

  #lookClosed(): void {
    if (this.#isOver && this.#peers.all.every((peer) => peer.isClosed)) this.#whenClosed?.();
  }
}
