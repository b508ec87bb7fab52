import type { Writable } from 'node:stream';

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

/** More than any message holds. */
const LONGEST = 16 * 1024 * 1024;

/** Streams go in pieces, which a reader need not put together. */
const PIECE = 64 * 1024;

const kinds: readonly FrameKind[] = ['j', 'i', 'o', 'e'];

/** Bytes of a stream, uncopied. Without any it is one frame all the same. */
export function frames(kind: FrameKind, bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += PIECE) {
    const piece = bytes.subarray(at, at + PIECE);
    parts.push(header(kind, piece.length), piece);
  }
  return parts;
}

export function messageFrame(message: object): Buffer {
  const bytes = Buffer.from(JSON.stringify(message));
  return Buffer.concat([header('j', bytes.length), bytes]);
}

function header(kind: FrameKind, length: number): Buffer {
  const bytes = Buffer.alloc(HEADER);
  bytes.write(kind, 'latin1');
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

/** Writes parts as one. @returns whether there is room for more */
export function writeParts(socket: Writable, parts: readonly Buffer[], done?: (error?: Error | null) => void): boolean {
  socket.cork();
  let hasRoom = true;
  parts.forEach((part, at) => {
    hasRoom = socket.write(part, at === parts.length - 1 ? done : undefined);
  });
  socket.uncork();
  return hasRoom;
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
    let rest = this.#pending.length === 0 ? chunk : this.#joined(chunk);
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

  /** What was copied is wiped: secrets pass through here. */
  #joined(chunk: Buffer): Buffer {
    const joined = Buffer.concat([this.#pending, chunk]);
    for (const one of [this.#pending, chunk]) one.fill(0);
    return joined;
  }
}
