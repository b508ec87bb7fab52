/** A repository of Ansible's that `play import` turned into TypeScript, once for a file of tests. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { makeProject, type Outcome, type Project } from '../cli/command-line.ts';

export interface Imported {
  readonly project: Project;
  readonly outcome: Outcome;
  /** The text of a file that was made. */
  readonly made: (path: string) => string;
  /** The same with a blank for every gap, as the formatter breaks lines where it likes. */
  readonly flat: (path: string) => string;
}

/** @param repository its files, below `ansible/` */
export function useImport(repository: Readonly<Record<string, string>>): Imported {
  let project: Project;
  let outcome: Outcome;
  beforeAll(async () => {
    project = makeProject(repository);
    outcome = await project.play('import', 'ansible', 'ansible', '--out', 'made');
  }, 120_000);
  const made = (path: string): string => readFileSync(join(project.dir, 'made', path), 'utf8');
  return {
    get project() {
      return project;
    },
    get outcome() {
      return outcome;
    },
    made,
    flat: (path) => made(path).replaceAll(/\s+/g, ' ').replaceAll('( {', '({'),
  };
}
