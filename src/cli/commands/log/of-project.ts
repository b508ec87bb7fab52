import { basename, resolve } from 'node:path';
import { unknownName } from '../../../errors/index.ts';
import type { RecordEntry } from '../../../report/index.ts';

/** The project's folder of a run; before it was recorded, where play was started. */
export function projectOf(entries: readonly RecordEntry[]): string {
  const start = entries.find(({ event }) => event === 'start') ?? {};
  const { project, cwd } = start;
  return typeof project === 'string' ? project : typeof cwd === 'string' ? cwd : '';
}

/** Whether a project is meant: by its folder, or by the name of that, since a colleague's clone lies elsewhere. */
export function isOfProject(wanted: string, project: string): boolean {
  return wanted.includes('/') ? resolve(wanted) === project : basename(project) === wanted;
}

/** @throws PlayError with the nearest name, where no project on record is the one that is meant */
export function requireProject(wanted: string, known: readonly string[]): void {
  if (!known.some((project) => isOfProject(wanted, project)))
    throw unknownName(
      'project',
      wanted,
      known.map((project) => basename(project)),
    );
}
