/**
 * What is waited for, and kept, of a host at the most. Set here and not there: a host may be broken, or somebody's who
 * means us harm.
 */
export interface Limits {
  /** Seconds from the login to a shell: rc files, PAM, sudo. */
  readonly start: number;
  /** Seconds for an answer, beyond the time a request has itself. */
  readonly answer: number;
  /** Seconds for a request that has no time of its own: what a task does. */
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

/** Slower than this nothing is sent or answered, in bytes a second: what an answer of some size may take longer. */
const slowest = 8192;

/** Seconds that what is sent and answered may take by its size. */
export function transferTime(bytes: number): number {
  return bytes / slowest;
}

/** Bytes of answers that are kept at once, of all hosts together; beyond it the host gives way that holds the most. */
const mostHeld = 1024 * mebibyte;

/** Something that keeps what a host sends. */
export interface Holder {
  readonly held: number;
  /** Lets go of all of it. */
  giveUp(why: string): void;
}

/** Who keeps answers that are not complete yet. */
export class HeldBytes {
  readonly #most: number;
  readonly #holders = new Set<Holder>();

  constructor(most = mostHeld) {
    this.#most = most;
  }

  /** To be called when a holder has got more. */
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
