import { join } from 'node:path';
import { PlayError, unknownName } from '../../../errors/index.ts';
import { Runbook } from '../../../playbook/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { loadTypeScript } from '../../../project/load-playbook.ts';
import { existingPlaybook, findProject, playbooksIn } from '../../../project/project.ts';

const folder = (): string => join(findProject() ?? process.cwd(), 'runbooks');

/** The names of the project's runbooks. */
export function runbookNames(): string[] {
  return playbooksIn(folder())
    .map((name) => name.replace(/\.ts$/, ''))
    .sort();
}

/** By path, or by name in `runbooks/` of the project. @throws PlayError with the nearest names */
export function findRunbook(name: string): string {
  const file = existingPlaybook(join(folder(), name)) ?? existingPlaybook(name);
  if (file !== undefined) return file;
  const known = runbookNames();
  if (known.length > 0) throw unknownName('runbook', name, known);
  throw new PlayError(`There is no runbook "${name}"`, {
    hint: `Looked for it as a path and in ${folder()}, which holds none.`,
  });
}

/** @throws PlayError when the file has no runbook as its default export */
export async function loadRunbook(file: string, launch: Launch): Promise<Runbook> {
  const runbook = await loadTypeScript(file, launch);
  if (runbook instanceof Runbook) return runbook;
  throw new PlayError('The file is not a runbook: its default export is not a runbook', {
    where: { file },
    hint: 'End it with: export default defineRunbook({ title: ..., description: ..., steps: [ ... ] });',
  });
}
