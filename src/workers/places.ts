/** So many hosts are worked on at once. Whoever only waits, gives its place away. */
export class Places {
  readonly #most: number;
  #taken = 0;
  #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Waits until there is one to be had, without taking it. */
  async free(): Promise<void> {
    while (this.#taken >= this.#most) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** @returns what gives it back; a second call does nothing */
  async take(): Promise<() => void> {
    // Looked at once more: of all that waited, another may have been first.
    while (this.#taken >= this.#most) await this.free();
    this.#taken++;
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#taken--;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const resolve of waiting) resolve();
    };
  }
}
