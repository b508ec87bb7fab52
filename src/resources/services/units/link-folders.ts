import { dirname } from 'node:path/posix';
import type { Found, PathState, Prediction } from '../../../contract/index.ts';
import { stat, tree } from '../../../probes/index.ts';
import { behindLinks, pathAndAbove } from '../../kit/folder.ts';
import { directoryAt, gone } from '../../kit/predictions.ts';
import { count, withPlanned } from '../../kit/tree-permissions.ts';
import type { Manager } from './manager.ts';

/** Check mode: the folders that systemd makes where links are put. */
export function foldersMade(links: readonly string[], found: Found, { account }: Manager): Prediction[] {
  const folders = foldersOf(links).flatMap(pathAndAbove);
  const made: PathState = { type: 'directory', mode: '0755', ...account, size: 0 };
  return [...new Set(folders)]
    .filter((path) => behindLinks(path, found).type === 'absent')
    .flatMap((path) => directoryAt(path, made));
}

/** Check mode: the folders that systemd removes, since nothing is left in them once these links are gone. */
export function foldersEmptied(links: readonly string[], found: Found, { configured }: Manager): Prediction[] {
  const there = links.filter((path) => found.get(stat(path)).type !== 'absent');
  return foldersOf(there)
    .filter((folder) => folder !== configured)
    .filter((folder) => {
      const lost = there.filter((path) => dirname(path) === folder).length;
      return count(withPlanned(found.get(tree(folder)), folder, found)) === lost;
    })
    .flatMap(gone);
}

const foldersOf = (paths: readonly string[]): string[] => [...new Set(paths.map((path) => dirname(path)))];
