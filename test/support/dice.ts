/** mulberry32: small, and good enough to choose with. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Chance that is the same for the same seed. */
export class Dice {
  readonly #next: () => number;
  constructor(seed: number) {
    this.#next = generator(seed);
  }
  /** From 0 to 1. */
  share(): number {
    return this.#next();
  }
  below(n: number): number {
    return Math.floor(this.#next() * n);
  }
  chance(share: number): boolean {
    return this.#next() < share;
  }
  one<T>(from: readonly T[]): T {
    for (const item of from.slice(this.below(from.length))) return item;
    throw new Error('nothing to choose from');
  }
  some<T>(from: readonly T[], share: number): T[] {
    return from.filter(() => this.chance(share));
  }
}
