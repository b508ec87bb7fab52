import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { fromBytes, toBytes, visible } from '../../../connection/byte-text.ts';
import { PlayError } from '../../../errors/index.ts';
import { fileEntry, type WantedEntry } from './wanted.ts';

/**
 * Permissions for a tree from here: what git keeps of them is whether a file can be executed, and no more is taken
 * over.
 */
export interface TreeModes {
  /** For files. Default: `0755` for those that can be executed here, else `0644`. */
  readonly file: string | undefined;
  readonly directory: string;
}

/**
 * Reads a folder of this machine with all that is in it. @throws PlayError for what no host can be given (sockets,
 * devices)
 */
export function readTree(folder: string, modes: TreeModes, isExcluded: (name: string) => boolean): WantedEntry[] {
  const entries: WantedEntry[] = [];
  const refuse = (name: string): never => {
    throw new PlayError(`${visible(name)} is neither a file nor a directory nor a link`, {
      where: `${folder}/${visible(name)}`,
      hint: 'Leave it out with `exclude`.',
    });
  };
  const visit = (at: Buffer, prefix: string): void => {
    const here = readdirSync(at, { withFileTypes: true, encoding: 'buffer' })
      .map((entry) => ({ entry, base: fromBytes(entry.name) }))
      .sort((a, b) => (a.base < b.base ? -1 : 1));
    for (const { entry, base } of here) {
      const name = `${prefix}${base}`;
      if (isExcluded(name)) continue;
      const path = Buffer.concat([at, slash, entry.name]);
      if (entry.isSymbolicLink()) entries.push({ type: 'link', name, target: fromBytes(readlinkSync(path, 'buffer')) });
      else if (entry.isDirectory()) {
        entries.push({ type: 'directory', name, mode: modes.directory });
        visit(path, `${name}/`);
      } else if (entry.isFile()) {
        const { content, mode, modified } = readFile(path) ?? refuse(name);
        entries.push(fileEntry(name, content, modes.file ?? ((mode & 0o111) === 0 ? '0644' : '0755'), { modified }));
      } else refuse(name);
    }
  };
  try {
    visit(toBytes(folder), '');
  } catch (error) {
    if (error instanceof PlayError) throw error;
    throw new PlayError(`The folder ${folder} cannot be read`, { where: folder, cause: error });
  }
  return entries;
}

const slash = Buffer.from('/');
const scratch = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Thousands are read one after the other: with one look at each, and into memory that they share.
 *
 * @returns undefined where it is no file by now
 */
function readFile(
  path: Buffer,
): { readonly content: Buffer; readonly mode: number; readonly modified: number } | undefined {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = fstatSync(fd);
    if (!found.isFile()) return undefined;
    const count = found.size < scratch.length ? readSync(fd, scratch, 0, scratch.length, 0) : -1;
    // The large ones, and those that are written right now or do not know their size (proc(5)).
    const content = count === found.size ? Buffer.from(scratch.subarray(0, count)) : readFileSync(fd);
    return { content, mode: found.mode, modified: Math.floor(found.mtimeMs / 1000) };
  } finally {
    closeSync(fd);
  }
}
