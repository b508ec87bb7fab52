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

/** The file that takes the place of ansible.cfg. */
export const configName = 'play.config.ts';

const isProject = (folder: string): boolean =>
  existsSync(join(folder, configName)) || existsSync(join(folder, 'inventory'));

/**
 * The project: the nearest folder upwards that holds `play.config.ts` or `inventory/`. Seen from the playbook first: who
 * names a playbook of another repository does not mean the hosts of the one he stands in. Without a playbook, or where
 * that is in no project, seen from the working directory.
 */
export function findProject(playbook?: string): string | undefined {
  return (
    (playbook === undefined ? undefined : upwards(dirname(playbook), isProject)) ?? upwards(process.cwd(), isProject)
  );
}

/**
 * Finds a playbook by path or by name: in the folder that `play.config.ts` names, else under `playbooks/` of the
 * working directory or the project; `.ts` may be left out.
 *
 * @param commands what else may have been meant
 * @throws PlayError with the nearest names
 */
export function findPlaybook(name: string, playbooksDir?: string, commands: readonly string[] = []): string {
  const project = upwards(process.cwd(), isProject);
  const folders = [
    ...new Set([
      ...(playbooksDir === undefined ? [] : [playbooksDir]),
      ...[process.cwd(), ...(project ? [project] : [])].map((folder) => join(folder, 'playbooks')),
    ]),
  ];
  const paths = [resolve(name), ...folders.map((folder) => join(folder, name))];
  if (/\.ya?ml$/.test(name)) {
    const typed = name.replace(/\.ya?ml$/, '.ts');
    const hint = `Playbooks of play are TypeScript${paths.some((path) => isFile(path.replace(/\.ya?ml$/, '.ts'))) ? `: use ${typed}` : '; docs/ says how to move one over.'}`;
    throw new PlayError(`There is no playbook "${name}"`, { hint });
  }
  for (const path of paths) {
    const file = existingPlaybook(path);
    if (file !== undefined) return file;
  }
  const known = folders.flatMap(playbooksIn);
  const close = [
    ...nearest(name, known).map((one) => `"${one}"`),
    ...nearest(name, commands).map((one) => `the command "play ${one}"`),
  ];
  throw new PlayError(`There is no playbook "${name}"`, {
    hint:
      close.length > 0
        ? `Did you mean ${close.join(' or ')}?`
        : `Looked for it as a path and in ${folders.join(', ')}${known.length > 0 ? `, which hold ${[...new Set(known)].sort().join(', ')}` : ''}.`,
  });
}

/** The file a path means, with or without `.ts`. */
export function existingPlaybook(path: string): string | undefined {
  return [path, `${path}.ts`].map((one) => resolve(one)).find(isFile);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The files of a project's folder of playbooks, in order. @param playbooksDir where `play.config.ts` says they are */
export function projectPlaybooks(playbooksDir?: string): string[] {
  const project = findProject();
  const folder = playbooksDir ?? (project === undefined ? undefined : join(project, 'playbooks'));
  if (folder === undefined) return [];
  return playbooksIn(folder)
    .sort()
    .map((name) => join(folder, name));
}

/** The names of the files that may be playbooks. */
export function playbooksIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.ts'));
  } catch {
    return [];
  }
}
