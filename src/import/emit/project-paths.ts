import { dirname, relative } from 'node:path/posix';
import type { Repository, TasksFile } from '../ansible/tree.ts';
import { functionOf } from './structure.ts';

/** A path without its ending. */
export const stem = (path: string): string => path.replace(/\.ya?ml$/, '');

/** Playbooks are in `playbooks/`, wherever they were. */
const playbookPath = (path: string): string =>
  `playbooks/${stem(path)
    .replace(/^playbooks\//, '')
    .replaceAll('/', '-')}.ts`;

const depth = (path: string): number => path.split('/').length;

/** The same among other playbooks: of two by one name, it is that of the outer one. */
export function playbookPathAmong(path: string, all: readonly { readonly path: string }[]): string {
  const made = playbookPath(path);
  const [first] = all
    .filter((one) => playbookPath(one.path) === made)
    .sort((a, b) => depth(a.path) - depth(b.path) || (a.path < b.path ? -1 : 1));
  return first === undefined || first.path === path ? made : `playbooks/${stem(path).replaceAll('/', '-')}-too.ts`;
}

/** Tasks that plays include are below `playbooks/tasks/`. */
export const taskFilePath = (path: string): string =>
  `playbooks/tasks/${stem(path)
    .replace(/^(?:playbooks\/)?(?:tasks\/)?/, '')
    .replaceAll('/', '-')}.ts`;

/** The function of a file of tasks that belongs to no role. */
export const looseName = (path: string): string =>
  functionOf(taskFilePath(path).split('/').at(-1)?.replace(/\.ts$/, '') ?? path);

/** Task files by their paths relative to a file's folder. */
export function tasksBeside(path: string, repository: Repository): Map<string, TasksFile> {
  return new Map([...repository.tasks].map(([one, file]) => [relative(dirname(path), one), file]));
}
