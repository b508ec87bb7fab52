import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
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
  const visit = (at: Buffer, prefix: string): void => {
    for (const one of readdirSync(at, 'buffer').map(fromBytes).sort()) {
      const name = `${prefix}${one}`;
      if (isExcluded(name)) continue;
      const path = Buffer.concat([at, toBytes(`/${one}`)]);
      const found = lstatSync(path);
      if (found.isSymbolicLink()) entries.push({ type: 'link', name, target: fromBytes(readlinkSync(path, 'buffer')) });
      else if (found.isDirectory()) {
        entries.push({ type: 'directory', name, mode: modes.directory });
        visit(path, `${name}/`);
      } else if (found.isFile()) {
        entries.push(
          fileEntry(name, readFileSync(path), modes.file ?? ((found.mode & 0o111) === 0 ? '0644' : '0755'), {
            modified: Math.floor(found.mtimeMs / 1000),
          }),
        );
      } else
        throw new PlayError(`${visible(name)} is neither a file nor a directory nor a link`, {
          where: `${folder}/${visible(name)}`,
          hint: 'Leave it out with `exclude`.',
        });
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
