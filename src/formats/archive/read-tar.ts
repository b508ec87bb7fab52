import { visible } from '../../connection/byte-text.ts';
import { PlayError } from '../../errors/index.ts';
import { Members, safeName, type Member } from './member.ts';
import { filled, oldSparse, paxSparse } from './sparse.ts';
import { paxRecords, readHeader, textAt, type TarHeader } from './tar-header.ts';

type Records = (readonly [key: string, value: string])[];

/**
 * Reads a tar archive: v7, ustar, and what GNU tar and pax add to it (pax(1), tar(5)). Hard links become files of the
 * same content, sparse files whole ones; devices and pipes are left out.
 *
 * @throws PlayError where it is none, is cut off, or would write outside of its folder
 */
export function readTar(bytes: Buffer, where: string): Member[] {
  return new TarReader(bytes, where).members();
}

class TarReader {
  readonly #bytes: Buffer;
  readonly #where: string;
  readonly #members: Members;
  #at = 0;
  /** What extended headers say of all that follow, and of the next member. */
  #forAll: Records = [];
  #forNext: Records = [];

  constructor(bytes: Buffer, where: string) {
    this.#bytes = bytes;
    this.#where = where;
    this.#members = new Members(where);
  }

  members(): Member[] {
    while (this.#at + 512 <= this.#bytes.length) {
      const block = this.#bytes.subarray(this.#at, this.#at + 512);
      if (block.every((byte) => byte === 0)) break;
      const header = readHeader(block);
      if (header === undefined)
        throw new PlayError('This is not a tar archive, or it is damaged', { where: this.#where });
      this.#at += 512;
      this.#read(header, block);
    }
    if (this.#at === 0 && this.#bytes.length < 512)
      throw new PlayError('This is not a tar archive, or it is damaged', { where: this.#where });
    return this.#members.all();
  }

  #read(header: TarHeader, block: Buffer): void {
    switch (header.type) {
      case 'L':
        return void this.#forNext.push(['path', textOf(this.#data(header.size))]);
      case 'K':
        return void this.#forNext.push(['linkpath', textOf(this.#data(header.size))]);
      case 'x':
      case 'X':
        return void this.#forNext.push(...paxRecords(this.#data(header.size)));
      case 'g':
        return void this.#forAll.push(...paxRecords(this.#data(header.size)));
      case 'M':
        throw new PlayError('This is a part of a tar archive in several volumes; put it together first', {
          where: this.#where,
        });
      default: {
        const member = this.#member(header, block, [...this.#forAll, ...this.#forNext]);
        if (member && member.name !== '') this.#members.add(member);
        this.#forNext = [];
      }
    }
  }

  #member(header: TarHeader, block: Buffer, records: Records): Member | undefined {
    // The last record of a key counts; an empty one takes back what was said for all.
    const extended = new Map(records);
    for (const [key, value] of extended) if (value === '') extended.delete(key);
    const written = extended.get('GNU.sparse.name') ?? extended.get('path') ?? header.name;
    const name = safeName(written, this.#where);
    const target = extended.get('linkpath') ?? header.target;
    const size = Number(extended.get('size') ?? header.size);
    const behind = header.type === 'S' ? oldSparse(block, this.#bytes.subarray(this.#at)) : undefined;
    if (behind) this.#at += behind.mapBytes;
    const data = this.#data(hasData(header.type) ? size : 0);
    const member = {
      name,
      mode: (header.mode & 0o7777).toString(8).padStart(4, '0'),
      modified: Math.floor(Number(extended.get('mtime') ?? header.modified)),
      content: Buffer.alloc(0),
      target: '',
    };
    switch (header.type) {
      case '1':
        return this.#hardLink(name, target);
      case '2':
        return { ...member, type: 'link', mode: '0777', target };
      case '5':
      case 'D':
        return { ...member, type: 'directory' };
      case '3':
      case '4':
      case '6':
      case 'V':
        return undefined;
      case 'S':
        return { ...member, type: 'file', content: filled({ size: 0, parts: [], ...behind }, data, this.#where) };
      default: {
        // Before there was a type for them, directories had a slash at their ends (v7). What nobody knows is a file,
        // says POSIX.
        if (header.type !== '7' && written.endsWith('/')) return { ...member, type: 'directory' };
        const sparse = paxSparse(records, data);
        return { ...member, type: 'file', content: sparse ? filled(sparse, sparse.stored, this.#where) : data };
      }
    }
  }

  #hardLink(name: string, target: string): Member {
    const original = this.#members.get(safeName(target, this.#where));
    if (original) return { ...original, name };
    throw new PlayError(
      `The archive holds ${JSON.stringify(visible(name))}, a hard link to ${JSON.stringify(visible(target))}, which is not in it before`,
      { where: this.#where },
    );
  }

  #data(size: number): Buffer {
    const data = this.#bytes.subarray(this.#at, this.#at + size);
    if (!(size >= 0) || data.length < size) throw new PlayError('The archive is cut off', { where: this.#where });
    this.#at += Math.ceil(size / 512) * 512;
    return data;
  }
}

/**
 * Links, devices and directories have none, whatever their size says; a dumped directory (`D`) has its list of names.
 */
function hasData(type: string): boolean {
  return !['1', '2', '3', '4', '5', '6'].includes(type);
}

function textOf(data: Buffer): string {
  return textAt(data, 0, data.length);
}
