/** One file, directory or symbolic link for an archive. */
export interface TarEntry {
  /** Without the leading slash. */
  readonly name: string;
  /** Octal, `0644`. */
  readonly mode: string;
  readonly content: Uint8Array;
  /** Default a file. */
  readonly type?: 'directory' | { readonly linkTo: string };
}

/** A tar archive of files, directories and links owned by root (ustar, POSIX.1-1988; long names as GNU tar writes them, which busybox reads too). */
export function tar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ name, mode, content, type }) => {
    if (type === 'directory') return [...named(Buffer.from(`${name}/`), 'L'), header(Buffer.from(`${name}/`), mode, 0, '5')];
    if (type !== undefined) {
      const target = Buffer.from(type.linkTo);
      return [...named(target, 'K'), ...named(Buffer.from(name), 'L'), header(Buffer.from(name), '0777', 0, '2', target)];
    }
    return [...named(Buffer.from(name), 'L'), header(Buffer.from(name), mode, content.length, '0'), padded(Buffer.from(content))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** The entry before one whose name (`L`) or link target (`K`) is too long for its header. */
function named(text: Buffer, type: 'L' | 'K'): Buffer[] {
  return text.length > 99 ? [header(Buffer.from('././@LongLink'), '0644', text.length + 1, type), padded(Buffer.concat([text, Buffer.alloc(1)]))] : [];
}

function header(name: Buffer, mode: string, size: number, type: string, target?: Buffer): Buffer {
  const block = Buffer.alloc(512);
  name.copy(block, 0, 0, 99);
  target?.copy(block, 157, 0, 99);
  block.write(`${Number.parseInt(mode, 8).toString(8).padStart(7, '0')}\0`, 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
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
