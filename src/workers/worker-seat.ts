import { readResult, writeResult, type MarkTable, type OnceResult, type OnceTurn, type Step } from '../engine/index.ts';
import { PlayError } from '../errors/index.ts';
import {
  runPart,
  stepsOf,
  watchingPlay,
  type HostSeat,
  type PartEnd,
  type PreparedPlay,
  type Workplace,
} from '../run/index.ts';
import type { Need, PartOrder, ToRun, WrittenOnce } from './messages.ts';
import type { Places } from './places.ts';

/** What a host has of the run that its worker works for. */
export interface SeatDesk {
  readonly places: Places;
  readonly marks: MarkTable;
  readonly post: (message: ToRun) => void;
  /** Waits until the run has heard all that was posted; rejects once the run is lost. */
  readonly heard: () => Promise<void>;
  /** Aborted once the run is over or lost. */
  readonly signal: AbortSignal;
}

/** A host that this worker has, from when it was given to the end of the run. */
export class WorkerSeat implements HostSeat {
  readonly id: string;
  readonly host: string;
  readonly former: readonly string[];
  readonly #desk: SeatDesk;
  readonly #needs = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  #leave: (() => void) | undefined;
  #abort = new AbortController();
  #call = 0;
  #need = 0;

  /** @param leave gives back the place that was taken for it */
  constructor(given: HostSeat & { readonly host: string }, desk: SeatDesk, leave: () => void) {
    this.id = given.id;
    this.host = given.host;
    this.former = given.former;
    this.#desk = desk;
    this.#leave = leave;
    desk.signal.addEventListener('abort', () => this.#giveUpWaiting(), { once: true });
  }

  /** The part that is under way, for what is told of it. */
  get call(): number {
    return this.#call;
  }

  /** Finishes what is being written, and begins nothing more. */
  abort(): void {
    this.#abort.abort();
  }

  answer(id: number, value: unknown): void {
    this.#needs.get(id)?.resolve(value);
    this.#needs.delete(id);
  }

  /** Gives its place away where it has nothing to do. */
  rest(): void {
    this.#leave?.();
    this.#leave = undefined;
  }

  /** Carries out a part, and tells what it came to. */
  async work(order: PartOrder, place: Workplace): Promise<void> {
    const { call, play: index, watches, marks, changed } = order;
    const whole = place.prepared.plays[index];
    if (whole === undefined) throw new Error('the run has a play that this worker does not have');
    this.#call = call;
    this.#abort = new AbortController();
    await this.#sit();
    const part = watches ? undefined : index;
    if (part !== undefined) this.#desk.marks.take(part, marks);
    if (changed !== undefined) place.pool.shared.changed ??= changed;
    const end = await runPart(
      {
        host: this.host,
        play: watches ? watchingPlay(whole) : whole,
        part,
        watched: watches ? whole : undefined,
        signal: AbortSignal.any([this.#desk.signal, this.#abort.signal]),
        once: { turn: (key) => this.#turn(key) },
        throttled: (key, most, job) => this.#throttled(key, most, job),
        ...(whole.spec.strategy === 'linear' && !watches ? { pace: this.#paceIn(whole) } : {}),
        isSpare: () => whole.spec.gone !== undefined && whole.spec.gone !== false,
        marksKept: () => this.#desk.heard(),
      },
      place,
    );
    this.rest();
    this.#desk.post({ is: 'end', seat: this.id, call, end: plain(end), changed: place.pool.shared.changed });
  }

  async ask(text: string): Promise<string | undefined> {
    const answer = await this.#wait({ for: 'operator', text });
    return typeof answer === 'string' ? answer : undefined;
  }

  async #turn(key: string): Promise<OnceTurn> {
    const came = (await this.#wait({ for: 'once', key })) as WrittenOnce | null;
    if (came !== null)
      return { isMine: false, came: { ...came, result: came.result === null ? undefined : readResult(came.result) } };
    const settle = (result: OnceResult): void => {
      const written = { ...result, result: result.result === undefined ? null : writeResult(result.result) };
      this.#desk.post({ is: 'settled', seat: this.id, key, result: written });
    };
    return { isMine: true, settle };
  }

  async #throttled<T>(key: string, most: number, job: () => Promise<T>): Promise<T> {
    const id = this.#need + 1;
    await this.#wait({ for: 'place', key, most });
    try {
      return await job();
    } finally {
      this.#desk.post({ is: 'left', seat: this.id, id });
    }
  }

  #paceIn(play: PreparedPlay): (step: Step) => Promise<void> {
    const steps = (play.selected.get(this.host)?.items ?? []).flatMap(stepsOf);
    return async (step) => {
      if (step === 'handlers') return void (await this.#wait({ for: 'pace', at: 'handlers' }));
      const at = 'handler' in step ? step : steps.findIndex((one) => one === step.item);
      await this.#wait({ for: 'pace', at });
    };
  }

  /** Asks the run, and meanwhile leaves the place to others. */
  async #wait(need: Need): Promise<unknown> {
    const id = ++this.#need;
    if (this.#desk.signal.aborted) throw runIsGone();
    this.rest();
    const answer = new Promise((resolve, reject) => this.#needs.set(id, { resolve, reject }));
    this.#desk.post({ is: 'need', seat: this.id, call: this.#call, id, need });
    const value = await answer;
    await this.#sit();
    return value;
  }

  /** Takes a place, where it has none. */
  async #sit(): Promise<void> {
    if (this.#leave) return;
    const leave = await this.#desk.places.take();
    // Something else that it waited for may have come meanwhile.
    if (this.#leave) leave();
    else this.#leave = leave;
  }

  #giveUpWaiting(): void {
    for (const { reject } of this.#needs.values()) reject(runIsGone());
    this.#needs.clear();
  }
}

function runIsGone(): PlayError {
  return new PlayError('the run that this worker works for is gone');
}

/** As it travels: what cannot be written down is left out. */
function plain(end: PartEnd): PartEnd {
  return JSON.parse(JSON.stringify(end)) as PartEnd;
}
