import { crc32, deflateRawSync } from 'node:zlib';

/** One member of a zip archive as a test wants it. */
export interface ZipMember {
  readonly name: string | Buffer;
  readonly content?: string;
  /** `st_mode`; default a file of 0644. */
  readonly mode?: number;
  /** "Made by": 3 Unix (default), 0 MS-DOS, which says nothing of permissions. */
  readonly madeBy?: number;
  /** Whether the name is said to be UTF-8. */
  readonly isUtf8?: boolean;
  /** Sizes and sum stand behind the data, and not before it: written to a pipe. */
  readonly streamed?: boolean;
  /** Sizes in 64 bits. */
  readonly large?: boolean;
  readonly stored?: boolean;
}

/** A zip archive (APPNOTE.TXT), also as other programs write them. `before`: bytes its offsets know nothing of. */
export function zip(
  members: readonly ZipMember[],
  {
    before = '',
    comment = '',
    large = false,
  }: { readonly before?: string; readonly comment?: string; readonly large?: boolean } = {},
): Buffer {
  const parts: Buffer[] = [];
  const entries: Buffer[] = [];
  let at = 0;
  for (const member of members) {
    const name = Buffer.from(member.name);
    const content = Buffer.from(member.content ?? '');
    const packed = member.stored ? content : deflateRawSync(content);
    const sum = crc32(content);
    const wide = member.large ? numbers(8, content.length, packed.length) : Buffer.alloc(0);
    const extra = member.large ? Buffer.concat([numbers(2, 1, wide.length), wide]) : Buffer.alloc(0);
    const sizes = member.large ? [0xffffffff, 0xffffffff] : [packed.length, content.length];
    const flags = (member.isUtf8 ? 0x800 : 0) | (member.streamed ? 8 : 0);
    const shared = Buffer.concat([
      numbers(2, 20, flags, member.stored ? 0 : 8, 0x6000, 0x5021),
      numbers(4, member.streamed ? 0 : sum, ...(member.streamed ? [0, 0] : sizes)),
      numbers(2, name.length, member.streamed ? 0 : extra.length),
    ]);
    const local = Buffer.concat([
      numbers(4, 0x04034b50),
      shared,
      name,
      member.streamed ? Buffer.alloc(0) : extra,
      packed,
      member.streamed ? numbers(4, 0x08074b50, sum, packed.length, content.length) : Buffer.alloc(0),
    ]);
    const told = Buffer.concat([
      numbers(2, 20, flags, member.stored ? 0 : 8, 0x6000, 0x5021),
      numbers(4, sum, ...sizes),
      numbers(2, name.length, extra.length, 0, 0, 0),
    ]);
    const attributes = (member.madeBy ?? 3) === 3 ? ((member.mode ?? 0o100644) << 16) >>> 0 : 0;
    entries.push(
      Buffer.concat([
        numbers(4, 0x02014b50),
        Buffer.from([20, member.madeBy ?? 3]),
        told,
        numbers(4, attributes, at),
        name,
        extra,
      ]),
    );
    parts.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(entries);
  const record = large
    ? Buffer.concat([
        numbers(4, 0x06064b50),
        numbers(8, 44),
        numbers(2, 45, 45),
        numbers(4, 0, 0),
        numbers(8, members.length, members.length, directory.length, at),
        numbers(4, 0x07064b50, 0),
        numbers(8, at + directory.length),
        numbers(4, 1),
      ])
    : Buffer.alloc(0);
  const [count, size, offset] = large ? [0xffff, 0xffffffff, 0xffffffff] : [members.length, directory.length, at];
  const end = Buffer.concat([
    numbers(4, 0x06054b50),
    numbers(2, 0, 0, count, count),
    numbers(4, size, offset),
    numbers(2, comment.length),
    Buffer.from(comment),
  ]);
  return Buffer.concat([Buffer.from(before), ...parts, directory, record, end]);
}

function numbers(width: 2 | 4 | 8, ...values: readonly number[]): Buffer {
  return Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt(value));
      return bytes.subarray(0, width);
    }),
  );
}
