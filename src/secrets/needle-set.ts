import type { Needle } from './needles.ts';

export interface Found {
  readonly from: number;
  readonly to: number;
  readonly needle: Needle;
}

const bits = 18;

/**
 * Finds many texts in one pass: the four bytes at each place are looked up in a table, and only where some text begins
 * with them it is compared. The cost hangs on the bytes searched and hardly on the number of texts.
 */
export class NeedleSet {
  readonly #known = new Set<string>();
  /**
   * A bit for each hash of four bytes that some text begins with: small enough to stay in the processor's nearest
   * cache.
   */
  readonly #bits = new Uint8Array(1 << (bits - 3));
  readonly #byHash = new Map<number, Needle[]>();
  /** What some text begins with, one to three bytes: the end of what is searched may be the start of one. */
  readonly #starts = new Set<number>();

  add(needle: Needle): void {
    const { bytes } = needle;
    const key = Buffer.from(bytes).toString('latin1');
    if (bytes.length < 4 || this.#known.has(key)) return;
    this.#known.add(key);
    const at = hash(wordAt(bytes, 0));
    this.#bits[at >>> 3] = (this.#bits[at >>> 3] ?? 0) | (1 << (at & 7));
    const list = this.#byHash.get(at);
    if (list) list.push(needle);
    else this.#byHash.set(at, [needle]);
    for (const size of [1, 2, 3]) this.#starts.add(startKey(bytes, 0, size));
  }

  /**
   * @param read what each byte counts as
   * @returns where the first text begins that `bytes` may end in the middle of; `length` when none does
   */
  find(bytes: Uint8Array, length: number, read: Uint8Array, onFound: (found: Found) => void): number {
    const set = this.#bits;
    let cut = length;
    let word = 0;
    for (let last = 0; last < length; last++) {
      word = (word >>> 8) | ((read[bytes[last] ?? 0] ?? 0) << 24);
      const key = hash(word);
      if (((set[key >>> 3] ?? 0) & (1 << (key & 7))) === 0 || last < 3) continue;
      const at = last - 3;
      for (const needle of this.#byHash.get(key) ?? []) {
        const end = at + needle.bytes.length;
        if (!matches(bytes, at, Math.min(end, length), read, needle.bytes)) continue;
        if (end <= length) onFound({ from: at, to: end, needle });
        else cut = Math.min(cut, at);
      }
    }
    const rest = bytes.subarray(Math.max(0, length - 3), length).map((byte) => read[byte] ?? 0);
    for (let at = 0; at < rest.length; at++)
      if (this.#starts.has(startKey(rest, at, rest.length - at))) return Math.min(cut, length - rest.length + at);
    return cut;
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}

/** Knuth's multiplicative hash. */
function hash(word: number): number {
  return Math.imul(word, 0x9e3779b1) >>> (32 - bits);
}

function startKey(bytes: Uint8Array, at: number, size: number): number {
  let key = size;
  for (let next = at; next < at + size; next++) key = key * 256 + (bytes[next] ?? 0);
  return key;
}

function matches(bytes: Uint8Array, at: number, end: number, read: Uint8Array, wanted: Uint8Array): boolean {
  for (let next = at; next < end; next++) if (read[bytes[next] ?? 0] !== wanted[next - at]) return false;
  return true;
}
