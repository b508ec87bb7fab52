import { fromBytes } from '../../connection/byte-text.ts';

/** A header block (tar(5)), or undefined where the bytes are none. */
export interface TarHeader {
  readonly name: string;
  readonly target: string;
  readonly type: string;
  readonly mode: number;
  /** Bytes of data behind it. */
  readonly size: number;
  readonly modified: number;
}

/** @param block its 512 bytes @returns undefined where the sum of them is wrong */
export function readHeader(block: Buffer): TarHeader | undefined {
  if (!isSummed(block)) return undefined;
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? textAt(block, 345, 155) : '';
  const name = textAt(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    target: textAt(block, 157, 100),
    type: String.fromCharCode(block[156] ?? 0),
    mode: numberAt(block, 100, 8),
    size: numberAt(block, 124, 12),
    modified: numberAt(block, 136, 12),
  };
}

/** Text up to the first NUL. */
export function textAt(bytes: Buffer, from: number, length: number): string {
  const part = bytes.subarray(from, from + length);
  const end = part.indexOf(0);
  return fromBytes(end < 0 ? part : part.subarray(0, end));
}

/**
 * A number in octal digits; those too large or too small for them are binary, with the first bit set (GNU tar, star).
 */
export function numberAt(bytes: Buffer, from: number, length: number): number {
  const first = bytes[from] ?? 0;
  if ((first & 0x80) === 0)
    return (
      Number.parseInt(
        bytes
          .toString('latin1', from, from + length)
          .replaceAll('\0', ' ')
          .trim() || '0',
        8,
      ) || 0
    );
  const hex = bytes.toString('hex', from, from + length);
  const bits = BigInt(length * 8);
  // Two's complement, of which the mark takes the place of the highest bit but one where it is positive.
  return Number(
    (first & 0x40) === 0
      ? BigInt(`0x${hex}`) & ((1n << (bits - 1n)) - 1n)
      : BigInt.asIntN(Number(bits), BigInt(`0x${hex}`)),
  );
}

/** Old programs summed the bytes as if they had a sign. */
function isSummed(block: Buffer): boolean {
  const told = numberAt(block, 148, 8);
  const sum = (weigh: (byte: number) => number): number =>
    block.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : weigh(byte)), 0);
  return told === sum((byte) => byte) || told === sum((byte) => (byte < 0x80 ? byte : byte - 0x100));
}

/**
 * The records of an extended header (pax(1)): `length key=value\n`, the length counting all of it. A key may come
 * again.
 */
export function paxRecords(data: Buffer): (readonly [key: string, value: string])[] {
  const records: (readonly [string, string])[] = [];
  for (let at = 0; at < data.length;) {
    const length = Number.parseInt(data.toString('latin1', at, at + 20), 10);
    if (!(length > 0)) break;
    const record = data.subarray(data.indexOf(0x20, at) + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    records.push([fromBytes(record.subarray(0, equals)), fromBytes(record.subarray(equals + 1))]);
    at += length;
  }
  return records;
}
