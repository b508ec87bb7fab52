import { toBytes } from '../../connection/byte-text.ts';

/** One file, directory or symbolic link for an archive. */
export interface TarEntry {
  /** Without the leading slash. */
  readonly name: string;
  /** Octal, `0644`. */
  readonly mode: string;
  readonly content: Uint8Array;
  /** Of a file: when it was last modified, in seconds since 1970. Default: now. */
  readonly modified?: number | undefined;
  /** Default a file. */
  readonly type?: 'directory' | { readonly linkTo: string };
}

/**
 * A tar archive of files, directories and links owned by root (ustar, POSIX.1-1988; long names as GNU tar writes them,
 * which busybox reads too).
 */
export function tar(entries: readonly TarEntry[]): Buffer {
  const now = Math.floor(Date.now() / 1000);
  const blocks = entries.flatMap(({ name, mode, content, type, modified = now }) => {
    const bytes = toBytes(type === 'directory' ? `${name}/` : name);
    if (type === 'directory') return [...named(bytes, 'L'), header(bytes, { mode, size: 0, type: '5', modified })];
    if (type !== undefined) {
      const target = toBytes(type.linkTo);
      return [
        ...named(target, 'K'),
        ...named(bytes, 'L'),
        header(bytes, { mode: '0777', size: 0, type: '2', modified }, target),
      ];
    }
    return [
      ...named(bytes, 'L'),
      header(bytes, { mode, size: content.length, type: '0', modified }),
      padded(Buffer.from(content)),
    ];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** The entry before one whose name (`L`) or link target (`K`) is too long for its header. */
function named(text: Buffer, type: 'L' | 'K'): Buffer[] {
  return text.length > 99
    ? [
        header(Buffer.from('././@LongLink'), { mode: '0644', size: text.length + 1, type, modified: 0 }),
        padded(Buffer.concat([text, Buffer.alloc(1)])),
      ]
    : [];
}

function header(
  name: Buffer,
  {
    mode,
    size,
    type,
    modified,
  }: { readonly mode: string; readonly size: number; readonly type: string; readonly modified: number },
  target?: Buffer,
): Buffer {
  const block = Buffer.alloc(512);
  name.copy(block, 0, 0, 99);
  target?.copy(block, 157, 0, 99);
  block.write(`${Number.parseInt(mode, 8).toString(8).padStart(7, '0')}\0`, 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  // Eleven octal digits: until the year 2242. What is older than 1970 is taken for as old as that.
  block.write(`${Math.max(0, Math.min(modified, 0o77777777777)).toString(8).padStart(11, '0')}\0`, 136);
  block.write('        ', 148);
  block.write(type, 156);
  block.write('ustar\u000000', 257);
  block.write('root', 265);
  block.write('root', 297);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
