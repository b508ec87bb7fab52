import { BoundaryReader } from './boundary-reader.ts';
import type { LaneReply } from './types.ts';

/** What a lane answered: a reply, or why it gives up. */
export type Answer = { readonly id: number; readonly reply: LaneReply } | { readonly id: number; readonly gaveUp: string };

const LINE_FEED = 0x0a;

/**
 * The stream of replies: `stdout BOUNDARY stderr BOUNDARY id code LF`, one after the other. Chunks are kept in lists and
 * joined once, so time is linear in the bytes.
 *
 * @param limitOf the longest output wanted for a request; the lane sends one byte more when there was more
 */
export class ReplyParser {
  readonly #reader: BoundaryReader;
  readonly #limitOf: (id: number) => number;
  readonly #onAnswer: (answer: Answer) => void;
  #sections: [Buffer[], Buffer[], Buffer[]] = [[], [], []];
  #section: 0 | 1 | 2 = 0;

  constructor(boundary: Buffer, limitOf: (id: number) => number, onAnswer: (answer: Answer) => void) {
    this.#limitOf = limitOf;
    this.#onAnswer = onAnswer;
    this.#reader = new BoundaryReader(boundary, (bytes) => this.#take(bytes), () => this.#next());
  }

  push(chunk: Buffer): void {
    this.#reader.push(chunk);
  }

  #take(bytes: Buffer): void {
    if (this.#section < 2) {
      this.#sections[this.#section].push(bytes);
      return;
    }
    const end = bytes.indexOf(LINE_FEED);
    if (end < 0) {
      this.#sections[2].push(bytes);
      return;
    }
    this.#sections[2].push(bytes.subarray(0, end));
    this.#finish();
    if (end + 1 < bytes.length) this.#take(bytes.subarray(end + 1));
  }

  #next(): void {
    if (this.#section < 2) this.#section++;
  }

  #finish(): void {
    const [stdout, stderr, line] = this.#sections.map((chunks) => Buffer.concat(chunks));
    this.#sections = [[], [], []];
    this.#section = 0;
    const [, id, code, why] = /^(\d+) (\S+) ?(.*)$/.exec(line?.toString() ?? '') ?? [];
    if (stdout === undefined || stderr === undefined || id === undefined || code === undefined) {
      this.#onAnswer({ id: -1, gaveUp: 'it answered out of step' });
    } else if (code === '!') {
      this.#onAnswer({ id: Number(id), gaveUp: why ?? '' });
    } else {
      const limit = this.#limitOf(Number(id));
      const truncated = stdout.length > limit || stderr.length > limit;
      const skipped = code === 'skip';
      const reply = { code: skipped ? -1 : Number(code), stdout: stdout.subarray(0, limit), stderr: stderr.subarray(0, limit), truncated, skipped };
      this.#onAnswer({ id: Number(id), reply });
    }
  }
}
