/**
 * How long we wait for a host, and how much of its output we keep. These limits are set on this side: a host may be
 * broken, or belong to somebody who means us harm.
 */
export interface Limits {
  /** Seconds from the login to a shell: rc files, PAM, sudo. */
  readonly start: number;
  /** Seconds for an answer, in addition to the request's own time. */
  readonly answer: number;
  /** Seconds for a request without a time of its own: what a task does. */
  readonly task: number;
  /** Bytes of the answers to one exchange. */
  readonly bytes: number;
}

const mebibyte = 1024 * 1024;

export const standardLimits: Limits = { start: 60, answer: 60, task: 4 * 3600, bytes: 256 * mebibyte };

/** The limits of a target. */
export function limitsOf({ limits }: { readonly limits?: Partial<Limits> }): Limits {
  return { ...standardLimits, ...limits };
}

/**
 * The slowest rate, in bytes a second, at which we send and receive: it sets how much longer a large answer may take.
 */
const slowest = 8192;

/** Seconds that sending and receiving may take, by size. */
export function transferTime(bytes: number): number {
  return bytes / slowest;
}

/** Bytes of answers kept at once, of all hosts together; beyond that, the host that holds the most is dropped. */
const mostHeld = 1024 * mebibyte;

/** Something that keeps what a host sends. */
export interface Holder {
  readonly held: number;
  /** Drops all of it. */
  giveUp(why: string): void;
}

/** The holders of answers that are not complete yet. */
export class HeldBytes {
  readonly #most: number;
  readonly #holders = new Set<Holder>();

  constructor(most = mostHeld) {
    this.#most = most;
  }

  /** To be called when a holder has received more. */
  grown(holder: Holder): void {
    this.#holders.add(holder);
    if (this.#sum() <= this.#most) return;
    const largest = [...this.#holders].reduce((a, b) => (b.held > a.held ? b : a));
    this.released(largest);
    largest.giveUp(`all hosts together sent more than ${this.#most / mebibyte} MiB at once, and this one most of it`);
  }

  /** To be called when it keeps nothing any more. */
  released(holder: Holder): void {
    this.#holders.delete(holder);
  }

  #sum(): number {
    let sum = 0;
    for (const { held } of this.#holders) sum += held;
    return sum;
  }
}
