import { PlayError } from '../../errors/index.ts';

/** One member of an archive. */
export interface Member {
  /** Without leading `./` and trailing slashes. */
  readonly name: string;
  readonly type: 'file' | 'directory' | 'link';
  /** Four octal digits. */
  readonly mode: string;
  readonly content: Buffer;
  /** Where a link points. */
  readonly target: string;
}

/**
 * Reads a tar archive (ustar, with the long names of GNU tar and of pax; pax(1), tar(5)). Hard links become files of the same
 * content; devices and pipes are left out.
 *
 * @throws PlayError where it is none, is cut off, or would write outside of its folder
 */
export function readTar(bytes: Buffer, where: string): Member[] {
  const members = new Map<string, Member>();
  let longName: string | undefined;
  let longTarget: string | undefined;
  for (let at = 0; at + 512 <= bytes.length; ) {
    const header = bytes.subarray(at, at + 512);
    if (header.every((byte) => byte === 0)) break;
    if (checksum(header) !== octal(header, 148, 8)) throw new PlayError('This is not a tar archive, or it is damaged', { where });
    const size = octal(header, 124, 12);
    const data = bytes.subarray(at + 512, at + 512 + size);
    if (data.length < size) throw new PlayError('The archive is cut off', { where });
    at += 512 + Math.ceil(size / 512) * 512;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'L') longName = field(data, 0, data.length);
    else if (type === 'K') longTarget = field(data, 0, data.length);
    else if (type === 'x') {
      const records = paxRecords(data);
      longName = records.get('path') ?? longName;
      longTarget = records.get('linkpath') ?? longTarget;
    } else if (type !== 'g') {
      const name = safeName(longName ?? ustarName(header), where);
      const target = longTarget ?? field(header, 157, 100);
      const member = toMember(type, name, octal(header, 100, 8), data, target, members, where);
      if (member && name !== '') members.set(name, member);
      longName = longTarget = undefined;
    }
  }
  return [...members.values()];
}

function toMember(type: string, name: string, mode: number, content: Buffer, target: string, before: ReadonlyMap<string, Member>, where: string): Member | undefined {
  const bits = (mode & 0o7777).toString(8).padStart(4, '0');
  const none = Buffer.alloc(0);
  switch (type) {
    case '0':
    case '\0':
    case '7':
      return { name, type: 'file', mode: bits, content, target: '' };
    case '1': {
      const original = before.get(safeName(target, where));
      return original && { ...original, name };
    }
    case '2':
      return { name, type: 'link', mode: '0777', content: none, target };
    case '5':
      return { name, type: 'directory', mode: bits, content: none, target: '' };
    default:
      return undefined;
  }
}

/** @throws PlayError for a name that would leave the folder it is unpacked in */
export function safeName(name: string, where: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (name.startsWith('/') || parts.includes('..')) throw new PlayError(`The archive holds ${JSON.stringify(name)}, which lies outside of where it is unpacked`, { where });
  return parts.join('/');
}

function ustarName(header: Buffer): string {
  const isUstar = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? field(header, 345, 155) : '';
  return prefix === '' ? field(header, 0, 100) : `${prefix}/${field(header, 0, 100)}`;
}

/** `length key=value\n`, the length counting all of it. */
function paxRecords(data: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < data.length; ) {
    const length = Number.parseInt(data.toString('latin1', at, at + 20), 10);
    if (!(length > 0)) break;
    const record = data.toString('utf8', data.indexOf(0x20, at) + 1, at + length - 1);
    records.set(record.slice(0, record.indexOf('=')), record.slice(record.indexOf('=') + 1));
    at += length;
  }
  return records;
}

function field(bytes: Buffer, from: number, length: number): string {
  const part = bytes.subarray(from, from + length);
  const end = part.indexOf(0);
  return part.toString('utf8', 0, end < 0 ? undefined : end);
}

function octal(header: Buffer, from: number, length: number): number {
  // Numbers too large for octal are binary, the first bit set (GNU tar).
  if (((header[from] ?? 0) & 0x80) !== 0) return Number(header.readBigUInt64BE(from + length - 8));
  return Number.parseInt(header.toString('latin1', from, from + length).replaceAll('\0', ' ').trim() || '0', 8);
}

function checksum(header: Buffer): number {
  return header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 0x20 : byte), 0);
}
