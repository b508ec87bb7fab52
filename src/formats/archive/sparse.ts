import { PlayError } from '../../errors/index.ts';
import { mostBytes } from './member.ts';
import { numberAt } from './tar-header.ts';

/**
 * Files with holes (GNU tar's manual, "Storing Sparse Files"): what is stored is only the parts with data, one behind
 * the other.
 */
export interface Sparse {
  /** Of the whole file. */
  readonly size: number;
  /** Where the stored parts belong, in order. */
  readonly parts: readonly (readonly [offset: number, length: number])[];
}

/** The whole file, its holes filled with zeros. @throws PlayError where map and data do not belong together */
export function filled({ size, parts }: Sparse, stored: Buffer, where: string): Buffer {
  if (!(size >= 0 && size <= mostBytes))
    throw new PlayError(`The archive holds a sparse file of ${size} bytes, which is more than is unpacked from here`, {
      where,
      hint: 'Put the archive on the host and unpack it there: remoteSrc: true',
    });
  const whole = Buffer.alloc(size);
  let at = 0;
  for (const [offset, length] of parts) {
    if (!(offset >= 0 && length >= 0 && offset + length <= size && at + length <= stored.length))
      throw new PlayError('The archive is damaged: the map of a sparse file does not fit it', { where });
    stored.copy(whole, offset, at, at + length);
    at += length;
  }
  return whole;
}

/** GNU tar's own format: type `S`, the map in the header and, where it is long, in blocks behind it. */
export function oldSparse(header: Buffer, behind: Buffer): Sparse & { readonly mapBytes: number } {
  const parts = mapAt(header, 386, 4);
  let mapBytes = 0;
  for (let more = header[482]; more === 1; more = behind[mapBytes - 512 + 504]) {
    parts.push(...mapAt(behind, mapBytes, 21));
    mapBytes += 512;
    if (mapBytes > behind.length) break;
  }
  return { size: numberAt(header, 483, 12), parts, mapBytes };
}

function mapAt(bytes: Buffer, from: number, entries: number): [number, number][] {
  return Array.from({ length: entries }, (_, i): [number, number] => [
    numberAt(bytes, from + i * 24, 12),
    numberAt(bytes, from + i * 24 + 12, 12),
  ]).filter(([, length]) => length > 0);
}

/**
 * The formats of pax archives: 0.0 repeats two records, 0.1 has one list of numbers, 1.0 has the map before the data.
 * @returns undefined where the member is not sparse
 */
export function paxSparse(
  records: readonly (readonly [key: string, value: string])[],
  data: Buffer,
): (Sparse & { readonly stored: Buffer }) | undefined {
  const last = new Map(records);
  const size = Number(last.get('GNU.sparse.realsize') ?? last.get('GNU.sparse.size') ?? Number.NaN);
  if (last.get('GNU.sparse.major') === '1') {
    const { numbers, length } = mapBefore(data);
    return { size, parts: pairs(numbers), stored: data.subarray(length) };
  }
  const list = last.get('GNU.sparse.map');
  if (list !== undefined) return { size, parts: pairs(list.split(',').map(Number)), stored: data };
  const single = records.flatMap(([key, value]) =>
    key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes' ? [Number(value)] : [],
  );
  return last.has('GNU.sparse.numblocks') ? { size, parts: pairs(single), stored: data } : undefined;
}

/** How many pairs there are, then the numbers, each on a line of its own, padded to whole blocks. */
function mapBefore(data: Buffer): { readonly numbers: readonly number[]; readonly length: number } {
  const numbers: number[] = [];
  let at = 0;
  for (let left = 1; left > 0; left--) {
    const end = data.indexOf(0x0a, at);
    if (end < 0) break;
    const number = Number(data.toString('latin1', at, end));
    if (at === 0) left += 2 * number;
    else numbers.push(number);
    at = end + 1;
  }
  return { numbers, length: Math.ceil(at / 512) * 512 };
}

function pairs(numbers: readonly number[]): [number, number][] {
  return numbers.flatMap((offset, i): [number, number][] =>
    i % 2 === 0 ? [[offset, numbers[i + 1] ?? Number.NaN]] : [],
  );
}
