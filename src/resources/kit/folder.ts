import type { Found, Need, Stat } from '../../contract/index.ts';
import { realPath, stat } from '../../probes/index.ts';

/** The folder a path lies in. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** `/a`, `/a/b`, `/a/b/c`. */
export function pathAndAbove(path: string): string[] {
  const parts = path.split('/').slice(1);
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`);
}

/** What is at a path, a link in its place followed; `absent` where it leads nowhere. */
export function behindLinks(path: string, found: Found): Stat {
  const now = found.get(stat(path));
  if (now.type !== 'link') return now;
  const target = found.get(realPath(path));
  return target === null ? { type: 'absent' } : found.get(stat(target));
}

/** Why nothing can be put into a folder. Undefined where it is there. */
export function missingFolder(folder: string, found: Found): string | undefined {
  return lackOf(folder, found)?.failure;
}

/**
 * Requires a folder that something is put into. If it is missing but may be created earlier in the run, planning
 * continues as if it existed.
 * @throws PlayError if it is missing, or something else is at its path
 */
export function presumeFolder(folder: string, found: Found): void {
  const lack = lackOf(folder, found);
  if (lack !== undefined) found.presume(false, { ...lack, assume: `${folder} exists` });
}

/** What is missing or in the way, at a folder or above. */
function lackOf(folder: string, found: Found): Need | undefined {
  if (behindLinks(folder, found).type === 'directory') return undefined;
  const above = pathAndAbove(folder);
  found.need(...above.map((path) => stat(path)));
  for (const path of above) {
    const at = found.get(stat(path));
    const behind = behindLinks(path, found);
    if (behind.type === 'directory') continue;
    if (at.type === 'link')
      return {
        failure: `${path} is a link that ${behind.type === 'absent' ? 'points nowhere' : 'does not lead to a directory'}`,
      };
    if (at.type !== 'absent') return { failure: `${path} is ${at.type === 'file' ? 'a file' : 'not a directory'}` };
    break;
  }
  return {
    failure: `the directory ${folder} does not exist`,
    hint: `Make it first: file({ path: '${folder}', state: 'directory' })`,
  };
}
