/**
 * Splits a stream of chunks at a boundary that may straddle chunks. Every byte is looked at once; the pieces between
 * are passed on as they come.
 */
export class BoundaryReader {
  readonly #boundary: Buffer;
  readonly #onBytes: (bytes: Buffer) => void;
  readonly #onBoundary: () => void;
  #held: Buffer = Buffer.alloc(0);

  constructor(boundary: Buffer, onBytes: (bytes: Buffer) => void, onBoundary: () => void) {
    this.#boundary = boundary;
    this.#onBytes = onBytes;
    this.#onBoundary = onBoundary;
  }

  push(chunk: Buffer): void {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    for (let at = rest.indexOf(this.#boundary); at >= 0; at = rest.indexOf(this.#boundary)) {
      if (at > 0) this.#onBytes(rest.subarray(0, at));
      rest = rest.subarray(at + this.#boundary.length);
      this.#onBoundary();
    }
    // Only what may be the beginning of a boundary is held back: live output appears at once.
    const keep = this.#startOfBoundary(rest);
    if (rest.length > keep) this.#onBytes(rest.subarray(0, rest.length - keep));
    this.#held = Buffer.from(rest.subarray(rest.length - keep));
  }

  /** How many bytes at the end of `bytes` are the beginning of the boundary. */
  #startOfBoundary(bytes: Buffer): number {
    const first = this.#boundary[0] ?? 0;
    const from = Math.max(0, bytes.length - this.#boundary.length + 1);
    for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
      const length = bytes.length - at;
      if (bytes.compare(this.#boundary, 0, length, at) === 0) return length;
    }
    return 0;
  }
}
