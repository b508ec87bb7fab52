import type { Writable } from 'node:stream';

/**
 * Bytes that are read only while they are sent, so that they are never in memory as a whole. On the host they are
 * followed by one more line: a dot if they are complete and as expected, anything else if not.
 */
export interface ByteSource {
  /** The number of bytes. */
  readonly length: number;
  /**
   * The bytes, piece by piece; a piece may be overwritten once the next is requested. Ends with an error if they cannot
   * be read, or are not the expected ones.
   */
  chunks(): AsyncIterable<Uint8Array>;
  /** All of them at once, for code that cannot work piece by piece. */
  read(): Uint8Array;
}

/** The input of a script: its bytes, or where they come from. */
export type Input = Uint8Array | ByteSource;

export function isSource(input: Input): input is ByteSource {
  return !(input instanceof Uint8Array);
}

const whole = '.\n';
const broken = '!\n';

/** How many bytes a source has on the wire, with the line behind it. */
export function sentLength(source: ByteSource): number {
  return source.length + whole.length;
}

/** All that a script is given, as it would be sent. */
export function inputBytes(input: Input): Uint8Array {
  return isSource(input) ? Buffer.concat([input.read(), Buffer.from(whole)]) : input;
}

/**
 * Sends a source, as fast as it is taken. Where it breaks off the rest is sent as zeros, since who reads counts bytes,
 * and the line behind them says so.
 */
export async function pour(source: ByteSource, into: Writable): Promise<void> {
  let left = source.length;
  let end = whole;
  try {
    for await (const chunk of source.chunks()) {
      if (chunk.length > left) throw new Error('there is more than was to be sent');
      left -= chunk.length;
      await written(chunk, into);
      if (into.destroyed) return;
    }
  } catch {
    end = broken;
  }
  if (left > 0) end = broken;
  const zeros = Buffer.alloc(Math.min(left, 65_536));
  for (; left > 0 && !into.destroyed; left -= zeros.length)
    await written(zeros.subarray(0, Math.min(left, zeros.length)), into);
  into.write(end);
}

/** Waits until a piece is taken, or nothing ever will be. */
function written(chunk: Uint8Array, into: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      into.off('close', done);
      resolve();
    };
    into.once('close', done);
    into.write(chunk, done);
  });
}
