import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync, type BigIntStats } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ByteSource } from '../../connection/index.ts';
import type { LargeContent } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';

/** From this size on a file is read while it is sent. Smaller ones are compared, shown and edited as texts. */
export const largeFrom = 8 * 1024 * 1024;

/** How much of a file is read at once. */
const piece = 256 * 1024;

/** What was learned of a file without having all of it in memory. */
export interface Scanned {
  readonly length: number;
  readonly sha256: string;
  /** How it begins. */
  readonly head: Buffer;
  /** It is a text that holds what was looked for. */
  readonly holds: boolean;
  /** Tells a file that nobody has touched since; undefined where it was being written, so that times tell nothing. */
  readonly stamp: string | undefined;
}

/** A large file of this machine, known by its digest: its bytes are read when they are sent, and must be the same then. */
export class FileHere implements LargeContent, ByteSource {
  readonly file: string;
  readonly length: number;
  readonly sha256: string;
  readonly #stamp: string | undefined;

  constructor(file: string, { length, sha256, stamp }: Pick<Scanned, 'length' | 'sha256' | 'stamp'>) {
    this.file = file;
    this.length = length;
    this.sha256 = sha256;
    this.#stamp = stamp;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    const handle = await open(this.file);
    const isUntouched = async (): Promise<boolean> =>
      this.#stamp !== undefined && stampOf(await handle.stat({ bigint: true })) === this.#stamp;
    try {
      // To hash it once more takes half as long as to send it: its times tell as well.
      const hash = (await isUntouched()) ? undefined : createHash('sha256');
      // One is read while the other is sent: new ones all the time would fill the memory faster than it is freed.
      const buffers = [Buffer.allocUnsafeSlow(piece), Buffer.allocUnsafeSlow(piece)] as const;
      const read = (into: Buffer): Promise<Buffer> => {
        const reading = handle.read(into).then(({ bytesRead }) => into.subarray(0, bytesRead));
        // Where nobody asks for it any more, that it failed is nobody's concern.
        reading.catch(() => undefined);
        return reading;
      };
      let reading = read(buffers[0]);
      for (let count = 1; ; count++) {
        const chunk = await reading;
        if (chunk.length === 0) break;
        reading = read(count % 2 === 0 ? buffers[0] : buffers[1]);
        hash?.update(chunk);
        yield chunk;
      }
      if (hash ? hash.digest('hex') !== this.sha256 : !(await isUntouched())) throw this.#changed();
    } finally {
      await handle.close();
    }
  }

  /** @throws PlayError where it is another by now */
  read(): Buffer {
    const bytes = readFileSync(this.file);
    if (createHash('sha256').update(bytes).digest('hex') !== this.sha256) throw this.#changed();
    return bytes;
  }

  toString(): string {
    return `${this.length} bytes, sha256 ${this.sha256}`;
  }

  #changed(): PlayError {
    return new PlayError(`${this.file} was changed while play was working on it`, {
      where: this.file,
      hint: 'Run again once nobody writes to it.',
    });
  }
}

const known = new Map<string, Scanned>();

/**
 * Reads a file piece by piece, once a process for all hosts that get it.
 *
 * @param text is looked for on the way, the same each time
 * @throws Error of the file system
 */
export function scan(file: string, text: string): Scanned {
  const fd = openSync(file, 'r');
  try {
    const stamp = stampOf(fstatSync(fd, { bigint: true }));
    const before = known.get(file);
    if (stamp !== undefined && before?.stamp === stamp) return before;
    const hash = createHash('sha256');
    let [length, head, end, isText, holds] = [0, Buffer.alloc(0), Buffer.alloc(0), true, false];
    for (const bytes of pieces(fd)) {
      if (length === 0) {
        head = Buffer.from(bytes.subarray(0, 8192));
        isText = !head.includes(0);
      }
      length += bytes.length;
      hash.update(bytes);
      if (!isText) continue;
      // What lies across two pieces is found in the end of the one with the begin of the other.
      holds ||= bytes.includes(text) || Buffer.concat([end, bytes.subarray(0, text.length)]).includes(text);
      end = Buffer.from(bytes.subarray(-text.length));
    }
    const isSame = stampOf(fstatSync(fd, { bigint: true })) === stamp;
    const scanned = { length, sha256: hash.digest('hex'), head, holds, stamp: isSame ? stamp : undefined };
    known.set(file, scanned);
    return scanned;
  } finally {
    closeSync(fd);
  }
}

/** The digest of a file by another algorithm, in hex. @throws Error of the file system */
export function digestOfFile(file: string, algorithm: string): string {
  const fd = openSync(file, 'r');
  try {
    const hash = createHash(algorithm);
    for (const bytes of pieces(fd)) hash.update(bytes);
    return hash.digest('hex');
  } finally {
    closeSync(fd);
  }
}

/** Each piece is gone when the next is asked for. */
function* pieces(fd: number): Generator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(piece);
  for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) yield buffer.subarray(0, read);
}

/** Times of the kernel stand still for some milliseconds: a second change within them would not show. */
const tick = 100;

/** A change gives a file another time of change, which nobody can set (inode(7)). */
function stampOf({ dev, ino, size, mtimeNs, ctimeNs, ctimeMs }: BigIntStats): string | undefined {
  return Date.now() - Number(ctimeMs) < tick ? undefined : [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
