import { crc32, inflateRawSync } from 'node:zlib';
import { fromBytes, visible } from '../../connection/byte-text.ts';
import { PlayError } from '../../errors/index.ts';
import { Members, mostBytes, safeName, type Member } from './member.ts';
import { extraField, zipName } from './zip-names.ts';

/** Whether bytes begin as a zip does: with a member, with the end of an empty one, or as the first part of several. */
export function isZip(bytes: Buffer): boolean {
  return ['PK\u0003\u0004', 'PK\u0005\u0006', 'PK\u0007\b'].includes(bytes.toString('latin1', 0, 4));
}

/** Whether bytes end as a zip does: one behind a program that unpacks or runs it (`.pyz`) begins as the program. */
export function endsAsZip(bytes: Buffer): boolean {
  return endOf(bytes) !== undefined;
}

/**
 * Reads a zip archive by its central directory (APPNOTE.TXT 4.3.12). Modes and links are taken over where it has them.
 *
 * @throws PlayError where it is none, is encrypted, damaged, or would write outside of its folder
 */
export function readZip(bytes: Buffer, where: string): Member[] {
  try {
    return readMembers(bytes, where);
  } catch (cause) {
    if (cause instanceof PlayError) throw cause;
    throw new PlayError('The zip archive is damaged', { where, cause });
  }
}

function readMembers(bytes: Buffer, where: string): Member[] {
  const directory = directoryOf(bytes);
  if (directory === undefined) throw new PlayError('This is not a zip archive, or it is cut off', { where });
  const members = new Members(where);
  let { at } = directory;
  for (let i = 0; i < directory.count; i++) {
    if (bytes.readUInt32LE(at) !== 0x02014b50) throw new PlayError('The zip archive is damaged', { where });
    const entry = entryAt(bytes, at);
    const name = safeName(entry.name, where);
    if (entry.isEncrypted) throw new PlayError(`${visible(name)} in the zip archive is encrypted`, { where });
    const content = entry.isFolder ? Buffer.alloc(0) : unpacked(bytes, directory.shift, entry, where);
    if (name !== '') members.add(toMember(entry, name, content));
    at += entry.length;
  }
  return members.all();
}

function toMember({ isFolder, isLink, mode, modified }: Entry, name: string, content: Buffer): Member {
  // As unzip does it without -K: what sets user and group IDs is not taken over.
  const bits = (mode & 0o777 || (isFolder ? 0o755 : 0o644)).toString(8).padStart(4, '0');
  if (isLink)
    return { name, type: 'link', mode: '0777', modified, content: Buffer.alloc(0), target: fromBytes(content) };
  return { name, type: isFolder ? 'directory' : 'file', mode: bits, modified, content, target: '' };
}

/** Where the central directory is. `shift`: how much stands before the archive, of which its offsets know nothing. */
function directoryOf(
  bytes: Buffer,
): { readonly at: number; readonly count: number; readonly shift: number } | undefined {
  const end = endOf(bytes);
  if (end === undefined) return undefined;
  const locator = end - 20;
  if (locator >= 0 && bytes.readUInt32LE(locator) === 0x07064b50) {
    // Zip64 (4.3.14): its record stands before its locator, and without an extensible sector is 56 bytes long.
    const told = Number(bytes.readBigUInt64LE(locator + 8));
    const record = [told, locator - 56].find(
      (at) => at >= 0 && at + 56 <= locator && bytes.readUInt32LE(at) === 0x06064b50,
    );
    if (record === undefined) return undefined;
    const size = Number(bytes.readBigUInt64LE(record + 40));
    return {
      at: record - size,
      count: Number(bytes.readBigUInt64LE(record + 32)),
      shift: record - size - Number(bytes.readBigUInt64LE(record + 48)),
    };
  }
  const size = bytes.readUInt32LE(end + 12);
  return { at: end - size, count: bytes.readUInt16LE(end + 10), shift: end - size - bytes.readUInt32LE(end + 16) };
}

/** The end record: the last one whose comment ends with the file. */
function endOf(bytes: Buffer): number | undefined {
  for (
    let at = bytes.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
    at >= 0;
    at = bytes.lastIndexOf('PK\u0005\u0006', at - 1, 'latin1')
  ) {
    if (at + 22 <= bytes.length && at + 22 + bytes.readUInt16LE(at + 20) === bytes.length) return at;
    if (at === 0 || bytes.length - at > 22 + 0xffff) break;
  }
  return undefined;
}

interface Entry {
  readonly name: string;
  readonly isEncrypted: boolean;
  readonly isFolder: boolean;
  readonly isLink: boolean;
  readonly mode: number;
  readonly modified: number;
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  readonly crc: number;
  /** Of the local header. */
  readonly offset: number;
  /** Of this entry of the directory, in bytes. */
  readonly length: number;
}

function entryAt(bytes: Buffer, at: number): Entry {
  const [nameLength, extraLength, commentLength] = [
    bytes.readUInt16LE(at + 28),
    bytes.readUInt16LE(at + 30),
    bytes.readUInt16LE(at + 32),
  ];
  const extra = bytes.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
  const flags = bytes.readUInt16LE(at + 8);
  // "Made by" 3 is Unix. The upper half of the external attributes is st_mode, also where other systems fill it in.
  const isUnix = bytes[at + 5] === 3;
  const mode = bytes.readUInt16LE(at + 40);
  const written = zipName(bytes.subarray(at + 46, at + 46 + nameLength), {
    isUtf8: (flags & 0x800) !== 0,
    isUnix,
    extra,
  });
  // Some programs for Windows write its own separators.
  const name = isUnix || written.includes('/') ? written : written.replaceAll('\\', '/');
  const isFolder = name.endsWith('/') || mode >> 12 === 0o4;
  return {
    name,
    isEncrypted: (flags & 1) !== 0,
    isFolder,
    isLink: !isFolder && mode >> 12 === 0o12,
    mode,
    modified: modifiedOf(extra, bytes.readUInt16LE(at + 12), bytes.readUInt16LE(at + 14)),
    method: bytes.readUInt16LE(at + 10),
    ...largeNumbers(extra, bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 24), bytes.readUInt32LE(at + 42)),
    crc: bytes.readUInt32LE(at + 16),
    length: 46 + nameLength + extraLength + commentLength,
  };
}

/** Zip64 (4.5.3): numbers that do not fit their fields are in an extra field, in this order, those alone. */
function largeNumbers(
  extra: Buffer,
  packed: number,
  size: number,
  offset: number,
): Pick<Entry, 'packed' | 'size' | 'offset'> {
  const large = extraField(extra, 0x0001);
  let at = 0;
  const number = (field: number): number => {
    if (field !== 0xffffffff || large === undefined) return field;
    at += 8;
    return Number(large.readBigUInt64LE(at - 8));
  };
  const wholeSize = number(size);
  return { size: wholeSize, packed: number(packed), offset: number(offset) };
}

/** The "extended timestamp" where there is one; else the time of MS-DOS, two seconds exact and of no time zone. */
function modifiedOf(extra: Buffer, time: number, date: number): number {
  const stamp = extraField(extra, 0x5455);
  if (stamp && stamp.length >= 5 && ((stamp[0] ?? 0) & 1) !== 0) return stamp.readInt32LE(1);
  return (
    Date.UTC(1980 + (date >> 9), ((date >> 5) & 15) - 1, date & 31, time >> 11, (time >> 5) & 63, (time & 31) * 2) /
    1000
  );
}

function unpacked(
  bytes: Buffer,
  shift: number,
  { name, method, packed, size, crc, offset }: Entry,
  where: string,
): Buffer {
  const local = offset + shift;
  const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  const stored = bytes.subarray(start, start + packed);
  if (method !== 0 && method !== 8)
    throw new PlayError(`The zip archive uses compression method ${method}, which is not known here`, {
      where,
      hint: "Where the host's unzip knows it: put the archive there, and unpack it with remoteSrc: true",
    });
  const content =
    method === 0 ? stored : inflateRawSync(stored, { maxOutputLength: Math.min(mostBytes, Math.max(1, size)) });
  if (content.length !== size || crc32(content) !== crc)
    throw new PlayError(`${visible(name)} in the zip archive is damaged`, { where });
  return content;
}
