/** From this size on a chunk is kept as it is, not copied. */
const large = 16_384;
const block = 65_536;

/**
 * Bytes that arrive in pieces. Many small ones cost no more memory than their bytes: a host may send them one by one.
 */
export class Pile {
  #blocks: Buffer[] = [];
  #open: Buffer = Buffer.alloc(0);
  #used = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(bytes: Buffer): void {
    this.#length += bytes.length;
    if (bytes.length >= large || this.#length === bytes.length) {
      this.#close();
      this.#blocks.push(bytes);
      return;
    }
    if (this.#used + bytes.length > this.#open.length) this.#enlarge(bytes.length);
    this.#used += bytes.copy(this.#open, this.#used);
  }

  /** All of it, as one buffer; nothing is left. */
  take(): Buffer {
    this.#close();
    const [only = Buffer.alloc(0), ...more] = this.#blocks;
    const all = more.length === 0 ? only : Buffer.concat(this.#blocks);
    this.#blocks = [];
    this.#length = 0;
    return all;
  }

  #enlarge(by: number): void {
    const size = Math.max(1024, this.#open.length * 2, this.#used + by);
    if (size <= block) {
      const larger = Buffer.allocUnsafeSlow(size);
      this.#open.copy(larger, 0, 0, this.#used);
      this.#open = larger;
      return;
    }
    this.#close();
    this.#open = Buffer.allocUnsafeSlow(block);
  }

  #close(): void {
    if (this.#used > 0) this.#blocks.push(Buffer.from(this.#open.subarray(0, this.#used)));
    this.#open = Buffer.alloc(0);
    this.#used = 0;
  }
}
