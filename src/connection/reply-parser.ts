import { BoundaryReader } from './boundary-reader.ts';
import { Pile } from './pile.ts';
import type { LaneReply } from './types.ts';

/** What a lane answered: a reply, or why it gives up. */
export type Answer =
  | { readonly id: number; readonly reply: LaneReply }
  | { readonly id: number; readonly gaveUp: string };

/** The longest output that may come, and what it means when more comes. */
export interface ReplyLimit {
  readonly bytes: number;
  readonly why: string;
}

const LINE_FEED = 0x0a;

export const outOfStep = 'it answered out of step';

/** More than any last line of a reply contains. */
const LONGEST_LINE = 1024;

/** `id code`, for a lane that gives up followed by the reason. Exit codes are those of wait(2). */
const lastLine = /^(\d{1,15}) (?:(\d{1,3})|(skip)|! (.*))$/s;

/**
 * The stream of replies: `stdout BOUNDARY stderr BOUNDARY id code LF`, one after the other. Time and memory are linear
 * in the bytes, however small the pieces. If a host sends more than was asked for, the stream ends: no more of it than
 * that is ever kept.
 *
 * @param limit of the reply that is due; the lane sends one byte more when there was more
 */
export class ReplyParser {
  readonly #reader: BoundaryReader;
  readonly #limit: () => ReplyLimit;
  readonly #onAnswer: (answer: Answer) => void;
  #sections: readonly [Pile, Pile, Pile] = [new Pile(), new Pile(), new Pile()];
  #section: 0 | 1 | 2 = 0;
  #isOver = false;

  constructor(boundary: Buffer, limit: () => ReplyLimit, onAnswer: (answer: Answer) => void) {
    this.#limit = limit;
    this.#onAnswer = onAnswer;
    this.#reader = new BoundaryReader(
      boundary,
      (bytes) => this.#take(bytes),
      () => this.#next(),
    );
  }

  /** Bytes of the reply in progress. */
  get held(): number {
    return this.#sections.reduce((sum, { length }) => sum + length, 0);
  }

  push(chunk: Buffer): void {
    if (!this.#isOver) this.#reader.push(chunk);
  }

  /** Drops what is kept; nothing is read any more. */
  stop(): void {
    this.#isOver = true;
    this.#reset();
  }

  #take(bytes: Buffer): void {
    if (this.#isOver) return;
    if (this.#section < 2) {
      const { bytes: most, why } = this.#limit();
      this.#keep(bytes, most + 1, why);
      return;
    }
    const end = bytes.indexOf(LINE_FEED);
    if (end < 0) {
      this.#keep(bytes, LONGEST_LINE);
      return;
    }
    if (!this.#keep(bytes.subarray(0, end), LONGEST_LINE)) return;
    this.#finish();
    if (end + 1 < bytes.length) this.#take(bytes.subarray(end + 1));
  }

  /** @returns false where that is more than allowed */
  #keep(bytes: Buffer, most: number, why = outOfStep): boolean {
    const section = this.#sections[this.#section];
    if (section.length + bytes.length > most) {
      this.stop();
      this.#onAnswer({ id: -1, gaveUp: why });
      return false;
    }
    section.add(bytes);
    return true;
  }

  #next(): void {
    if (this.#section < 2) this.#section++;
  }

  #reset(): void {
    this.#sections = [new Pile(), new Pile(), new Pile()];
    this.#section = 0;
  }

  #finish(): void {
    const [stdout, stderr, line] = [this.#sections[0].take(), this.#sections[1].take(), this.#sections[2].take()];
    this.#section = 0;
    const [, id, code, skip, why] = lastLine.exec(line.toString()) ?? [];
    if (id === undefined) {
      this.stop();
      this.#onAnswer({ id: -1, gaveUp: outOfStep });
    } else if (why !== undefined) {
      this.#onAnswer({ id: Number(id), gaveUp: why });
    } else {
      const limit = this.#limit().bytes;
      const truncated = stdout.length > limit || stderr.length > limit;
      const reply = {
        code: skip === undefined ? Number(code) : -1,
        stdout: stdout.subarray(0, limit),
        stderr: stderr.subarray(0, limit),
        truncated,
        skipped: skip !== undefined,
      };
      this.#onAnswer({ id: Number(id), reply });
    }
  }
}
