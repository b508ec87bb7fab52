/** One file for an archive. */
export interface TarEntry {
  /** Without the leading slash. */
  readonly name: string;
  /** Octal, `0644`. */
  readonly mode: string;
  readonly content: Uint8Array;
}

/** A tar archive of regular files owned by root (ustar, POSIX.1-1988; long names as GNU tar writes them, which busybox reads too). */
export function tar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const name = Buffer.from(entry.name);
    const long = name.length > 99 ? [header(Buffer.from('././@LongLink'), '0644', name.length + 1, 'L'), padded(Buffer.concat([name, Buffer.alloc(1)]))] : [];
    return [...long, header(name.subarray(0, 99), entry.mode, entry.content.length, '0'), padded(Buffer.from(entry.content))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function header(name: Buffer, mode: string, size: number, type: string): Buffer {
  const block = Buffer.alloc(512);
  name.copy(block, 0);
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
