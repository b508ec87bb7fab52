import { PlayError } from '../../errors/index.ts';
import { readHeader, textAt } from './tar-header.ts';

const block = 512;

/**
 * A tar archive with other contents in its files; all else stays byte for byte: names, owners, modes, times, links.
 *
 * @param archive as GNU tar writes it (`--format=gnu`)
 * @param change a file's name and content -> what is in it afterwards
 * @throws PlayError where it is damaged or cut off
 */
export function rewriteTar(archive: Buffer, change: (name: string, content: Buffer) => Buffer): Buffer {
  const parts: Buffer[] = [];
  let longName: string | undefined;
  for (let at = 0; at + block <= archive.length;) {
    const head = archive.subarray(at, at + block);
    if (head.every((byte) => byte === 0)) return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
    const header = readHeader(head);
    const end = at + block + (header?.size ?? 0);
    if (header === undefined || end > archive.length) break;
    const content = archive.subarray(at + block, end);
    at = end + ((block - (end % block)) % block);
    if (header.type === 'L') {
      longName = textAt(content, 0, content.length);
      parts.push(head, padded(content));
      continue;
    }
    const isFile = header.type === '0' || header.type === '\0';
    const changed = isFile ? change(longName ?? header.name, content) : content;
    parts.push(changed === content ? head : resized(head, changed.length), padded(changed));
    // What stands before a link's target (`K`) may stand between a name and its member.
    if (header.type !== 'K') longName = undefined;
  }
  throw new PlayError('An archive was cut off on its way');
}

function resized(head: Buffer, size: number): Buffer {
  const made = Buffer.from(head);
  made.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  made.write('        ', 148, 'latin1');
  const sum = made.reduce((total, byte) => total + byte, 0);
  made.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return made;
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((block - (content.length % block)) % block)]);
}
