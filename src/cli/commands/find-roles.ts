import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PlayError } from '../../errors/index.ts';
import type { DeclaredRole } from '../../playbook/index.ts';
import type { Launch } from '../../project/launch.ts';
import { importTypeScript } from '../../project/load-playbook.ts';

/** What a role's module exports. */
type Exports = Readonly<Record<string, unknown>>;

/** A role, and where a playbook imports it from. */
export interface FoundRole {
  readonly name: string;
  readonly from: string;
  readonly roles: readonly (readonly [exported: string, role: DeclaredRole])[];
  /** What its module exports besides, for other roles. */
  readonly others: readonly string[];
}

/** Folders of `roles/` that are roles: a folder may also hold what several roles share. */
export function projectRoles(project: string): string[] {
  const folder = join(project, 'roles');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'index.ts')))
    .sort();
}

/** A role of the project's. @throws PlayError where its module exports nothing */
export async function ownRole(name: string, project: string, launch: Launch): Promise<FoundRole> {
  const file = join(project, 'roles', name, 'index.ts');
  const exported = await importTypeScript(file, launch);
  if (typeof exported !== 'object' || exported === null)
    throw new PlayError(`The role ${name} exports nothing`, { where: { file } });
  return found(name, `../roles/${name}/index.ts`, { ...exported });
}

/** A role that comes with play. */
export function libraryRole(name: string, launch: Launch): FoundRole {
  return found(name, `${launch.packageName}/roles/${name}`, launch.roles()[name] ?? {});
}

function found(name: string, from: string, exported: Exports): FoundRole {
  const roles = Object.entries(exported).flatMap(([called, one]): [string, DeclaredRole][] =>
    typeof one === 'function' && 'role' in one ? [[called, one.role as DeclaredRole]] : [],
  );
  const others = Object.keys(exported).filter((one) => one !== 'default' && roles.every(([called]) => called !== one));
  return { name, from, roles, others };
}
