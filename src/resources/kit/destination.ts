import { basename } from 'node:path/posix';
import type { Found, Plan, Question } from '../../contract/index.ts';
import { stat } from '../../probes/index.ts';
import { fileQuestions, planFile, type WantedFile } from './file-content.ts';
import { behindLinks, folderOf } from './folder.ts';
import { planManagedFile } from './managed-file.ts';

/**
 * A file that goes to a path, or by the name of its source into the directory that is there or is asked for with a
 * slash at the end.
 */
export interface PlacedFile extends WantedFile {
  /** Its name in a directory; undefined: `path` is that of the file itself. */
  readonly name: string | undefined;
  /** `path` is in a directory that was asked for: it is made where it is missing, as in Ansible. */
  readonly makesFolder: boolean;
}

export interface PlacedResult {
  /** The path of the file itself, also where the option `dest` was that of a directory. */
  readonly dest: string;
}

/** @param dest as `destination` of the schemas leaves it; @param src what is put there */
export function placeFor(dest: string, src: string | undefined): Pick<PlacedFile, 'path' | 'name' | 'makesFolder'> {
  const name = src === undefined ? undefined : basename(src);
  return dest.endsWith('/') && name !== undefined
    ? { path: `${dest}${name}`, name: undefined, makesFolder: true }
    : { path: dest, name, makesFolder: false };
}

export function placedQuestions({ path, makesFolder }: PlacedFile): Question[] {
  return [...fileQuestions(path), ...(makesFolder ? [stat(folderOf(path))] : [])];
}

export function planPlaced({ name, makesFolder, ...file }: PlacedFile, found: Found): Plan<PlacedResult> {
  if (makesFolder) return planManagedFile(file, { mode: '0755' }, found, { dest: file.path });
  const isFolder = name !== undefined && behindLinks(file.path, found).type === 'directory';
  const path = isFolder ? `${file.path === '/' ? '' : file.path}/${name}` : file.path;
  return planFile({ ...file, path }, found, { dest: path });
}
