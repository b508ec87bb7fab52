/**
 * What a run and its keeper say to each other over their socket: a kind, a length and that many bytes. One connection
 * carries one conversation, begun by a request; that of a channel goes on with what goes into the remote process and
 * comes out of it.
 */

/** `j` a message, `i` input, `o` output, `e` error output; `i` without bytes ends the input. */
export type FrameKind = 'j' | 'i' | 'o' | 'e';

export interface Frame {
  readonly kind: FrameKind;
  readonly bytes: Buffer;
}

const HEADER = 5;

/** More than any frame holds: input goes in pieces of a stream's size. */
const LONGEST = 64 * 1024 * 1024;

const kinds: readonly FrameKind[] = ['j', 'i', 'o', 'e'];

export function frame(kind: FrameKind, bytes: Uint8Array): Buffer[] {
  const header = Buffer.alloc(HEADER);
  header.write(kind, 'latin1');
  header.writeUInt32BE(bytes.length, 1);
  return bytes.length === 0 ? [header] : [header, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)];
}

export function messageFrame(message: object): Buffer {
  return Buffer.concat(frame('j', Buffer.from(JSON.stringify(message))));
}

/** Takes a stream apart into frames. */
export class FrameReader {
  readonly #onFrame: (frame: Frame) => void;
  #pending: Buffer = Buffer.alloc(0);

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame;
  }

  /** @throws Error where it is no stream of frames */
  push(chunk: Buffer): void {
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (rest.length >= HEADER) {
      const kind = kinds.find((one) => one === rest.toString('latin1', 0, 1));
      const length = rest.readUInt32BE(1);
      if (kind === undefined || length > LONGEST) throw new Error('not a frame');
      if (rest.length < HEADER + length) break;
      const bytes = rest.subarray(HEADER, HEADER + length);
      rest = rest.subarray(HEADER + length);
      this.#onFrame({ kind, bytes });
    }
    this.#pending = rest;
  }
}
