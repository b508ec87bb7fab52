import { toBytes } from '../connection/byte-text.ts';

/**
 * Reads answers that tools print one after the other, each ending in the very name that was asked, and silently leave
 * out where there is nothing: matching names in the order asked gives each answer its place, whatever bytes the names
 * hold.
 */
export class RecordReader {
  readonly #text: string;
  #at = 0;

  constructor(stdout: Buffer) {
    // latin1 keeps every byte apart, so that names that are not UTF-8 still match.
    this.#text = stdout.toString('latin1');
  }

  /** The fields before `name`, if the next record is its: `fields` is how many words, each followed by one blank. */
  next(name: string, fields: number, end: string): string[] | undefined {
    const words: string[] = [];
    let at = this.#at;
    for (let i = 0; i < fields; i++) {
      const blank = this.#text.indexOf(' ', at);
      if (blank < 0) return undefined;
      words.push(this.#text.slice(at, blank));
      at = blank + 1;
    }
    const wanted = toBytes(name).toString('latin1') + end;
    if (!this.#text.startsWith(wanted, at)) return undefined;
    this.#at = at + wanted.length;
    return words;
  }
}
