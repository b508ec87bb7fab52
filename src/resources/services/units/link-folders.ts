import { basename, dirname } from 'node:path/posix';
import type { Found, Prediction } from '../../../contract/index.ts';
import { stat, tree } from '../../../probes/index.ts';
import { gone } from '../../kit/predictions.ts';
import { count, withPlanned } from '../../kit/tree-permissions.ts';
import { allThatIsThere } from '../../kit/tree/here.ts';
import type { Manager } from './manager.ts';

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

/** Check mode: the links by which a unit is known or pulled in. Disabled, it loses all of them, whatever its file says. */
export function linksTo(name: string, found: Found, { configured }: Manager): string[] {
  return [...allThatIsThere(configured, configured, found)].flatMap(([path, { type, target }]) =>
    type === 'link' && (basename(path) === name || basename(target ?? '') === name) ? [`${configured}/${path}`] : [],
  );
}
