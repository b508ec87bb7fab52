import { basename } from 'node:path/posix';
import { settled, type Found, type Plan, type Question } from '../../contract/index.ts';
import { realPath, stat } from '../../probes/index.ts';
import {
  fileQuestions,
  largeFileQuestions,
  planFile,
  type WantedCopy,
  type WantedFile,
  type WantedLarge,
} from './file-content.ts';
import { planFlags } from './file-flags.ts';
import { behindLinks, folderOf } from './folder.ts';
import { planManagedFile } from './managed-file.ts';

/**
 * How a file goes to a path, or by the name of its source into the directory that is there or is asked for with a slash
 * at the end.
 */
interface Placing {
  /** Its name in a directory; undefined: `path` is that of the file itself. */
  readonly name: string | undefined;
  /** `path` is in a directory that was asked for: it is made where it is missing, as in Ansible. */
  readonly makesFolder: boolean;
  /** The permissions of directories that are made. Default `0755`. */
  readonly directoryMode?: string | undefined;
  /** False: what is there stays as it is. */
  readonly force: boolean;
  /** A link in its place stays, and what it leads to is written. */
  readonly follow: boolean;
  /** Flags as in chattr(1). Default: as they are. */
  readonly attributes?: string | undefined;
}

export interface PlacedFile extends WantedFile, Placing {}
export interface PlacedCopy extends WantedCopy, Placing {}
export interface PlacedLarge extends WantedLarge, Placing {}

export interface PlacedResult {
  /** The path of the file itself, even if the option `dest` names a directory. */
  readonly dest: string;
}

/** @param dest as `destination` of the schemas leaves it; @param src what is put there */
export function placeFor(dest: string, src: string | undefined): Pick<PlacedFile, 'path' | 'name' | 'makesFolder'> {
  const name = src === undefined ? undefined : basename(src);
  return dest.endsWith('/') && name !== undefined
    ? { path: `${dest}${name}`, name: undefined, makesFolder: true }
    : { path: dest, name, makesFolder: false };
}

export function placedQuestions(
  placed: Pick<PlacedFile, 'path' | 'makesFolder'> & { readonly large?: PlacedLarge['large'] },
): Question[] {
  const { path, makesFolder, large } = placed;
  return [
    ...(large === undefined ? fileQuestions(path) : largeFileQuestions(path, large)),
    ...(makesFolder ? [stat(folderOf(path))] : []),
  ];
}

export function planPlaced(placed: PlacedFile | PlacedCopy | PlacedLarge, found: Found): Plan<PlacedResult> {
  const { makesFolder, directoryMode, owner, group, force, follow, attributes } = placed;
  const dest = placeOf(placed, found);
  const result = { dest };
  if (!force && found.get(stat(dest)).type !== 'absent') return settled(result);
  const file = { ...placed, path: follow ? behindLink(dest, found) : dest };
  return planFlags(file.path, attributes, found, (then) =>
    makesFolder
      ? planManagedFile(file, { mode: directoryMode ?? '0755', owner, group }, then, result)
      : planFile(file, then, result),
  );
}

/** Where the file itself goes. */
export function placeOf({ path, name }: Pick<PlacedFile, 'path' | 'name'>, found: Found): string {
  const isFolder = name !== undefined && behindLinks(path, found).type === 'directory';
  return isFolder ? `${path === '/' ? '' : path}/${name}` : path;
}

/** What a link leads to, also where nothing is yet. @throws PlayError where nothing can be there */
function behindLink(path: string, found: Found): string {
  if (found.get(stat(path)).type !== 'link') return path;
  const target = found.get(realPath(path));
  found.require(target !== null, { failure: `${path} is a link that points nowhere` });
  return target;
}
