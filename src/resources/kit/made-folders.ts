import type { Found, PathState, Prediction } from '../../contract/index.ts';
import { freshDirectory } from './directory.ts';
import { behindLinks, folderOf, pathAndAbove } from './folder.ts';
import { directoryAt } from './predictions.ts';

/** Check mode: the folders that come with these paths, where those above them are missing, as `mkdir -p` makes them. */
export function foldersMade(paths: readonly string[], found: Found): Prediction[] {
  const made = new Map<string, PathState>();
  for (const folder of paths.map(folderOf)) {
    let above: PathState | undefined;
    for (const path of pathAndAbove(folder)) {
      const now = made.get(path) ?? behindLinks(path, found);
      above = now.type === 'absent' ? freshDirectory(above, found) : now;
      if (now.type === 'absent') made.set(path, above);
    }
  }
  return [...made].flatMap(([path, state]) => directoryAt(path, state));
}
