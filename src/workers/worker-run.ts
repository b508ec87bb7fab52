import { setMaxListeners } from 'node:events';
import { MarkTable, type Ask, type Event, type LoggedEnd } from '../engine/index.ts';
import { PlayError } from '../errors/index.ts';
import { masked } from '../report/index.ts';
import { HostPool, prepareHost, type PreparedRun, type RunOptions, type Workplace } from '../run/index.ts';
import type { Redactor } from '../secrets/index.ts';
import { Link, type Frame } from './link.ts';
import type { PartOrder, RunInputs, ToRun, ToWorker } from './messages.ts';
import type { Places } from './places.ts';
import type { Exchange } from './redis.ts';
import { lastWait, within } from './within.ts';
import { WorkerSeat } from './worker-seat.ts';

/** A run as it was made ready here: its tasks are those of the run, its secrets are this machine's. */
export interface OpenedRun {
  readonly prepared: PreparedRun;
  readonly redactor: Redactor;
  readonly options: Omit<RunOptions, 'listener' | 'signal' | 'ask' | 'earlier' | 'seatOf' | 'elsewhere' | 'conduct'>;
}

export interface WorkerRunOptions {
  readonly exchange: Exchange;
  /** This worker, and its link to this run: a run takes back who was lost by another link alone. */
  readonly link: string;
  /** What the run is known by in Redis. */
  readonly run: string;
  readonly name: string;
  readonly places: Places;
  /** @throws PlayError where this worker cannot work for it */
  readonly open: (inputs: RunInputs) => Promise<OpenedRun>;
  /** Told of what is begun and ended, for the log of the worker. */
  readonly say: (text: string) => void;
}

/** What became of the question for a host. */
export type Claim = 'given' | 'dropped';

/** Seconds of silence after which a run that has told us nothing yet counts as gone. */
const firstPatience = 10;

/** A run that this worker works for. */
export class WorkerRun {
  readonly #options: WorkerRunOptions;
  readonly #link: Link;
  readonly #seats = new Map<string, WorkerSeat>();
  readonly #hosts = new Map<string, WorkerSeat>();
  readonly #claims = new Map<string, { readonly leave: () => void; readonly done: (claim: Claim) => void }>();
  readonly #marks = new MarkTable();
  readonly #end = new AbortController();
  readonly #working = new Set<Promise<void>>();
  readonly #prepared = new Set<string>();
  #inputs: RunInputs | undefined;
  #opening: Promise<Workplace> | undefined;
  #place: Workplace | undefined;
  /** Nothing more is to be done for it. */
  isOver = false;
  /** By when the last word of ours must have been heard. */
  #leavesAt: number | undefined;
  /** It could not be opened here: its hosts are left to others for a moment. */
  hasRefused = false;

  constructor(options: WorkerRunOptions) {
    this.#options = options;
    // Each host listens for the end.
    setMaxListeners(0, this.#end.signal);
    const { exchange, link, run } = options;
    this.#link = new Link(
      (frame) => exchange.send(link, run, frame),
      (body) => this.#hear(body as ToWorker),
    );
  }

  get link(): string {
    return this.#options.link;
  }

  /** Whether it has said what it is made of. */
  get wasKnown(): boolean {
    return this.#inputs !== undefined;
  }

  receive(frame: Frame): void {
    this.#link.receive(frame);
  }

  /** Asks whether we may have a host. @param leave gives back the place that was taken for it */
  claim(seat: string, leave: () => void): Promise<Claim> {
    // The queue gives a job a second time where the answer takes long.
    if (this.#claims.has(seat) || this.#seats.has(seat)) {
      leave();
      return Promise.resolve('dropped');
    }
    return new Promise((done) => {
      this.#claims.set(seat, { leave, done });
      this.#post({ is: 'claim', seat, worker: this.#options.name });
    });
  }

  /** @returns false once there is nothing left of it here */
  tick(): boolean {
    if (this.#leavesAt !== undefined && Date.now() >= this.#leavesAt) {
      this.#link.close();
      return false;
    }
    this.#link.tick();
    if (!this.isOver && this.#isSilent()) void this.#lose();
    return true;
  }

  /** Finishes what is under way, and leaves the hosts to others. */
  async leave(): Promise<void> {
    await Promise.all(this.#working);
    await this.#close(undefined);
    this.#post({ is: 'bye' });
    await within(lastWait, this.#link.settled());
  }

  #isSilent(): boolean {
    const now = Date.now();
    const patience = (this.#inputs === undefined ? firstPatience : this.#inputs.lostAfter * 0.75) * 1000;
    const silent = now - this.#link.lastHeard;
    const { isUp, hearsSince } = this.#options.exchange;
    // While Redis is away nobody can be heard; who is cut off from it stops all the same.
    return (isUp && silent > patience && now - hearsSince > patience) || silent > 3 * patience;
  }

  async #lose(): Promise<void> {
    if (this.#inputs) this.#options.say(`run ${this.#inputs.id}: nothing more was heard from it; its hosts are let go`);
    await this.#close(undefined);
    this.#leavesAt = 0;
  }

  /** @param ends what the run came to on each host; undefined: nobody knows */
  async #close(ends: Readonly<Record<string, LoggedEnd>> | undefined): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    this.#end.abort();
    for (const { leave, done } of this.#claims.values()) {
      leave();
      done('dropped');
    }
    this.#claims.clear();
    for (const seat of this.#seats.values()) seat.rest();
    await Promise.all(this.#working);
    const unknown = { ended: new Date().toISOString(), changed: 0, failed: 0, held: 0, interrupted: false };
    await this.#place?.pool.close((host) => ends?.[host] ?? unknown);
  }

  #post(message: ToRun): void {
    this.#link.post(message);
  }

  #hear(message: ToWorker): void {
    switch (message.is) {
      case 'inputs':
        this.#inputs = message.inputs;
        return;
      case 'go':
        return this.#given(message);
      case 'drop': {
        const claim = this.#claims.get(message.seat);
        this.#claims.delete(message.seat);
        claim?.leave();
        claim?.done('dropped');
        return;
      }
      case 'part': {
        const seat = this.#seats.get(message.seat);
        if (!seat || this.isOver) return;
        const work = this.#work(seat, message.order).finally(() => this.#working.delete(work));
        this.#working.add(work);
        return;
      }
      case 'abort':
        return this.#seats.get(message.seat)?.abort();
      case 'answer':
        return this.#seats.get(message.seat)?.answer(message.id, message.value);
      case 'over':
        void this.#close(message.ends).then(() => {
          this.#post({ is: 'closed' });
          this.#options.say(`run ${this.#inputs?.id ?? ''}: over`);
          this.#leavesAt = Date.now() + 5000;
        });
        return;
      default:
        message satisfies never;
    }
  }

  #given({ seat: id, host, former }: Extract<ToWorker, { is: 'go' }>): void {
    const claim = this.#claims.get(id);
    this.#claims.delete(id);
    if (!claim) return;
    const desk = {
      places: this.#options.places,
      marks: this.#marks,
      post: (message: ToRun) => this.#post(message),
      heard: () => this.#heard(),
      signal: this.#end.signal,
    };
    const seat = new WorkerSeat({ id, host, former }, desk, claim.leave);
    this.#seats.set(id, seat);
    this.#hosts.set(host, seat);
    claim.done('given');
  }

  async #work(seat: WorkerSeat, order: PartOrder): Promise<void> {
    let place: Workplace;
    try {
      place = await this.#opened();
      if (!this.#prepared.has(seat.host)) prepareHost(place.prepared, seat.host);
      this.#prepared.add(seat.host);
      this.hasRefused = false;
    } catch (thrown) {
      seat.rest();
      this.#seats.delete(seat.id);
      this.hasRefused = true;
      // Somebody may set it right meanwhile.
      if (this.#place === undefined) this.#opening = undefined;
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      const hint = thrown instanceof PlayError ? thrown.hint : undefined;
      this.#options.say(`run ${this.#inputs?.id ?? ''}: refused: ${why}`);
      return this.#post({ is: 'refuse', seat: seat.id, why, hint });
    }
    await seat.work(order, place).catch((thrown: unknown) => {
      if (!this.#end.signal.aborted) throw thrown;
    });
  }

  #opened(): Promise<Workplace> {
    if (this.#inputs === undefined) throw new PlayError('the run did not say what it consists of');
    return (this.#opening ??= this.#open(this.#inputs));
  }

  /** Ends where the run is gone: what waits for it is not begun. */
  #heard(): Promise<void> {
    const { signal } = this.#end;
    const gone = (): PlayError => new PlayError('the run that this worker works for is gone');
    if (signal.aborted) return Promise.reject(gone());
    return new Promise((done, fail) => {
      const onEnd = (): void => fail(gone());
      signal.addEventListener('abort', onEnd, { once: true });
      void this.#link.settled().then(() => {
        signal.removeEventListener('abort', onEnd);
        done();
      });
    });
  }

  async #open(inputs: RunInputs): Promise<Workplace> {
    const { prepared, redactor, options } = await this.#options.open(inputs);
    const ask: Ask = (question) =>
      this.#hosts.get(question.host ?? '')?.ask(question.text) ?? Promise.resolve(undefined);
    const whole: RunOptions = {
      ...options,
      listener: (event) => this.#tell(event, redactor),
      signal: this.#end.signal,
      ask,
      earlier: this.#marks,
      seatOf: (host) => this.#hosts.get(host),
    };
    const pool = new HostPool(prepared.request, whole);
    this.#place = { prepared, options: whole, pool, guarded: new Set() };
    this.#options.say(`run ${inputs.id}: ${inputs.command} (${inputs.by})`);
    return this.#place;
  }

  #tell(event: Event, redactor: Redactor): void {
    const host = 'host' in event ? event.host : undefined;
    // Of a host that only tasks are delegated to, it is told with whichever host it is for.
    const seat = this.#hosts.get(host ?? '') ?? [...this.#hosts.values()].at(-1);
    if (seat) this.#post({ is: 'event', seat: seat.id, call: seat.call, event: masked(event, redactor) });
  }
}
