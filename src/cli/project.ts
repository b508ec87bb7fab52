import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PlayError, nearest } from '../errors/index.ts';

/** The nearest folder from `start` upwards for which `is` holds. */
export function upwards(start: string, is: (folder: string) => boolean): string | undefined {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (is(folder)) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

const holdsInventory = (folder: string): boolean => existsSync(join(folder, 'inventory'));

/**
 * The project: the nearest folder upwards that holds `inventory/`. Seen from the working directory first, as Ansible does,
 * else from the playbook, else the clone of play itself, so that the tour works from anywhere.
 */
export function findProject(playRoot: string, playbook?: string): string | undefined {
  return (
    upwards(process.cwd(), holdsInventory) ??
    (playbook === undefined ? undefined : upwards(dirname(playbook), holdsInventory)) ??
    (holdsInventory(playRoot) ? playRoot : undefined)
  );
}

/**
 * Finds a playbook by path or by name under `playbooks/` of the working directory, the project or play itself; `.ts` may be
 * left out.
 *
 * @throws PlayError with the nearest names
 */
export function findPlaybook(name: string, playRoot: string): string {
  const project = upwards(process.cwd(), holdsInventory);
  const folders = [...new Set([process.cwd(), ...(project ? [project] : []), playRoot].map((folder) => join(folder, 'playbooks')))];
  const paths = [resolve(name), ...folders.map((folder) => join(folder, name))];
  for (const path of paths) for (const file of [path, `${path}.ts`]) if (isFile(file)) return file;
  if (/\.ya?ml$/.test(name)) {
    const typed = name.replace(/\.ya?ml$/, '.ts');
    const hint = `Playbooks of play are TypeScript${paths.some((path) => isFile(path.replace(/\.ya?ml$/, '.ts'))) ? `: use ${typed}` : '; docs/ says how to move one over.'}`;
    throw new PlayError(`There is no playbook "${name}"`, { hint });
  }
  const known = folders.flatMap(playbooksIn);
  const close = nearest(name, known);
  throw new PlayError(`There is no playbook "${name}"`, {
    hint:
      close.length > 0
        ? `Did you mean ${close.map((one) => `"${one}"`).join(' or ')}?`
        : `Looked for it as a path and in ${folders.join(', ')}${known.length > 0 ? `, which hold ${[...new Set(known)].sort().join(', ')}` : ''}.`,
  });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function playbooksIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.ts'));
  } catch {
    return [];
  }
}
