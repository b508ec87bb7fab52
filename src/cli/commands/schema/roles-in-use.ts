import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DeclaredRole } from '../../../playbook/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { libraryRole, ownRole, projectRoles } from '../find-roles.ts';

/** Folders that hold no sources of the project's. */
const skipped = /^(?:node_modules|dist|\..*)$/;

/** The roles of a project's `roles/`, and those that come with play and are imported somewhere in it. */
export async function rolesInUse(project: string, launch: Launch): Promise<DeclaredRole[]> {
  const own = await Promise.all(projectRoles(project).map((name) => ownRole(name, project, launch)));
  const imported = new Set<string>();
  for (const folder of ['playbooks', 'roles', '']) addImports(join(project, folder), launch, imported, folder !== '');
  const library = Object.keys(launch.roles())
    .filter((name) => imported.has(name))
    .map((name) => libraryRole(name, launch));
  return [...own, ...library].flatMap(({ roles }) => roles.map(([, role]) => role));
}

/** Text is enough: whether an import is used makes no difference to what its variables may be. */
function addImports(folder: string, launch: Launch, found: Set<string>, isDeep: boolean): void {
  if (!existsSync(folder)) return;
  const names = new RegExp(`['"]${launch.packageName}/roles/(\\w+)['"]`, 'g');
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (isDeep && entry.isDirectory() && !skipped.test(entry.name)) addImports(path, launch, found, isDeep);
    else if (entry.isFile() && entry.name.endsWith('.ts'))
      for (const [, name = ''] of readFileSync(path, 'utf8').matchAll(names)) found.add(name);
  }
}
