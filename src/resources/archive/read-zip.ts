import { inflateRawSync } from 'node:zlib';
import { PlayError } from '../../errors/index.ts';
import { safeName, type Member } from './read-tar.ts';

/**
 * Reads a zip archive by its central directory (APPNOTE.TXT 4.3.12). Modes are taken over where it was made on Unix.
 *
 * @throws PlayError where it is none, is encrypted, or would write outside of its folder
 */
export function readZip(bytes: Buffer, where: string): Member[] {
  const end = bytes.lastIndexOf(Buffer.from('PK\u0005\u0006'));
  if (end < 0) throw new PlayError('This is not a zip archive, or it is cut off', { where });
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  const members: Member[] = [];
  for (let i = 0; i < count; i++) {
    if (bytes.readUInt32LE(at) !== 0x02014b50) throw new PlayError('The zip archive is damaged, or larger than 4 GiB', { where });
    const [nameLength, extraLength, commentLength] = [bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30), bytes.readUInt16LE(at + 32)];
    const raw = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const name = safeName(raw, where);
    if ((bytes.readUInt16LE(at + 8) & 1) !== 0) throw new PlayError(`${name} in the zip archive is encrypted`, { where });
    // The upper half of the external attributes is st_mode where byte 5, "made by", is 3: Unix.
    const mode = bytes[at + 5] === 3 ? bytes.readUInt16LE(at + 40) : 0;
    const isFolder = raw.endsWith('/') || mode >> 12 === 0o4;
    const content = isFolder ? Buffer.alloc(0) : unpacked(bytes, at, where);
    const bits = ((mode & 0o7777) || (isFolder ? 0o755 : 0o644)).toString(8).padStart(4, '0');
    const type = isFolder ? 'directory' : mode >> 12 === 0o12 ? 'link' : 'file';
    if (name !== '') members.push({ name, type, mode: bits, content: type === 'link' ? Buffer.alloc(0) : content, target: type === 'link' ? content.toString('utf8') : '' });
    at += 46 + nameLength + extraLength + commentLength;
  }
  return members;
}

function unpacked(bytes: Buffer, entry: number, where: string): Buffer {
  const method = bytes.readUInt16LE(entry + 10);
  const size = bytes.readUInt32LE(entry + 20);
  const local = bytes.readUInt32LE(entry + 42);
  const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  const packed = bytes.subarray(start, start + size);
  if (method === 0) return packed;
  if (method === 8) return inflateRawSync(packed);
  throw new PlayError(`The zip archive uses compression method ${method}, which is not known here`, { where });
}
