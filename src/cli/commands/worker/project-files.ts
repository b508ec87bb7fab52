import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { PlayError } from '../../../errors/index.ts';
import { trustedSources } from '../../../trust/index.ts';

/** The files of the project that were read so far for what is done, each with a digest. */
export function projectFiles(project: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const file of [...trustedSources()].toSorted()) {
    const name = relative(project, file);
    if (isAbsolute(name) || name.startsWith('../') || isMade(name)) continue;
    files[name] = digestOf(file) ?? '';
  }
  return files;
}

/** Caches, and packages, which the lock file stands for. */
const isMade = (name: string): boolean => name.startsWith('.play/') || name.split('/').includes('node_modules');

/** @throws PlayError where a file that a run was made from is another one here */
export function requireSameFiles(
  project: string,
  files: Readonly<Record<string, string>>,
  commit: string | undefined,
): void {
  const differing = Object.entries(files).filter(([name, digest]) => digestOf(join(project, name)) !== digest);
  if (differing.length > 0)
    throw otherProject(
      project,
      'differs from',
      differing.map(([name]) => name),
      commit,
    );
}

/** @throws PlayError where a file was read here that the run has not */
export function requireNoMoreFiles(project: string, files: Readonly<Record<string, string>>): void {
  const more = Object.keys(projectFiles(project)).filter((name) => files[name] === undefined);
  if (more.length > 0) throw otherProject(project, 'has more than', more, undefined);
}

function otherProject(project: string, how: string, names: readonly string[], commit: string | undefined): PlayError {
  const shown = names.slice(0, 3).join(', ');
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return new PlayError(`its project ${project} ${how} the run's: ${shown}${more}`, {
    hint:
      commit === undefined
        ? 'bring both to the same state'
        : `git checkout ${commit.slice(0, 12)} there; the run may have changes that are not committed`,
  });
}

function digestOf(file: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch {
    return undefined;
  }
}
