/** What travels at once: messages numbered from `at` on, and the last one that was heard from the other side. */
export interface Frame {
  readonly ack: number;
  readonly at: number;
  readonly bodies: readonly unknown[];
}

interface Posted {
  readonly body: unknown;
  readonly size: number;
}

/** Bytes of one frame, about: Redis and both sides keep one whole. */
const mostBytes = 512 * 1024;
/** Milliseconds until what was not acknowledged is sent again, and until a silent side says that it is there. */
const resendAfter = 1500;
const beatAfter = 2000;

/**
 * One end of a connection between two processes over something that may lose, repeat and mix up what it carries: messages
 * come once and in order (go-back-N), and each side knows when it last heard of the other. `tick` has to be called about
 * every second.
 */
export class Link {
  readonly #send: (frame: Frame) => boolean;
  readonly #hear: (body: unknown) => void;
  #unacked: Posted[] = [];
  /** The number of the first of these. */
  #first = 1;
  /** How many of these are on their way. */
  #sent = 0;
  #heard = 0;
  #owesAck = false;
  #isScheduled = false;
  #isClosed = false;
  #lastSent = 0;
  /** Since when nothing of what is on its way was acknowledged. */
  #stuckSince = 0;
  #waiting: { readonly number: number; readonly done: () => void }[] = [];
  /** When something came from the other side, by `Date.now()`. */
  lastHeard = Date.now();

  /** @param send false: it cannot be sent now @param hear is given each message once */
  constructor(send: (frame: Frame) => boolean, hear: (body: unknown) => void) {
    this.#send = send;
    this.#hear = hear;
  }

  post(body: unknown): void {
    if (this.#isClosed) return;
    if (this.#unacked.length === 0) this.#stuckSince = Date.now();
    this.#unacked.push({ body, size: JSON.stringify(body).length });
    this.#schedule();
  }

  /** Waits until the other side has taken all that was posted by now. Never ends where that does not come. */
  settled(): Promise<void> {
    const number = this.#first + this.#unacked.length - 1;
    if (this.#unacked.length === 0) return Promise.resolve();
    return new Promise((done) => this.#waiting.push({ number, done }));
  }

  receive({ ack, at, bodies }: Frame): void {
    if (this.#isClosed) return;
    this.lastHeard = Date.now();
    this.#take(ack);
    for (const [i, body] of bodies.entries()) {
      if (at + i !== this.#heard + 1) continue;
      this.#heard++;
      this.#hear(body);
    }
    if (bodies.length > 0) {
      this.#owesAck = true;
      this.#schedule();
    }
  }

  tick(): void {
    if (this.#isClosed) return;
    const now = Date.now();
    if (this.#unacked.length > 0 && now - this.#stuckSince >= resendAfter) {
      this.#stuckSince = now;
      this.#sent = 0;
      this.#flush();
    } else if (now - this.#lastSent >= beatAfter) {
      this.#owesAck = true;
      this.#flush();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#unacked = [];
  }

  #take(ack: number): void {
    const count = Math.min(this.#unacked.length, Math.max(0, ack - this.#first + 1));
    if (count === 0) return;
    this.#unacked.splice(0, count);
    this.#first += count;
    this.#stuckSince = Date.now();
    this.#sent = Math.max(0, this.#sent - count);
    const done = this.#waiting.filter(({ number }) => number < this.#first);
    this.#waiting = this.#waiting.filter(({ number }) => number >= this.#first);
    for (const one of done) one.done();
  }

  /** What is posted in one turn of the loop travels together. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#isClosed) return;
    while (this.#sent < this.#unacked.length || this.#owesAck) {
      const bodies: unknown[] = [];
      for (let size = 0; size < mostBytes;) {
        const next = this.#unacked[this.#sent + bodies.length];
        if (next === undefined) break;
        bodies.push(next.body);
        size += next.size;
      }
      if (!this.#send({ ack: this.#heard, at: this.#first + this.#sent, bodies })) return;
      this.#sent += bodies.length;
      this.#owesAck = false;
      this.#lastSent = Date.now();
    }
  }
}
