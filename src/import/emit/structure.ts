import type { AnsibleTask, Variables } from '../ansible/tree.ts';
import type { Compiler } from '../expressions/compiling.ts';
import { camelCase } from '../expressions/identifiers.ts';
import type { Doc } from './doc.ts';
import { includeVars } from './include-vars.ts';
import { include, type IncludableFiles } from './includes.ts';
import { isNeedless } from './needless.ts';
import { setFact } from './set-facts.ts';
import type { TasksWriter } from './tasks-writer.ts';

/** What tasks may include: files of tasks, of variables, and roles. */
export interface Includable extends IncludableFiles {
  /** Files of variables, by name. */
  readonly vars: ReadonlyMap<string, Variables>;
  /** Those of a file elsewhere, by the path that a task names. */
  readonly varsAt: (path: string) => Variables | undefined;
  /** The call of a role. */
  readonly role: (compiler: Compiler, task: AnsibleTask, writer: TasksWriter) => readonly Doc[];
}

export const functionOf = (path: string): string =>
  `${camelCase(path.replace(/\.ya?ml$/, '').replaceAll('/', '-'))}Tasks`;

const includes = new Set(['include_tasks', 'import_tasks', 'include']);
const roles = new Set(['include_role', 'import_role']);

/** Writes what is no resource: tasks, variables and roles that are included, and facts that are set. */
export function structureOf(includable: Includable) {
  return (writer: TasksWriter, compiler: Compiler, task: AnsibleTask): readonly Doc[] | undefined => {
    if (includes.has(task.module)) return include(includable, writer, compiler, task);
    if (roles.has(task.module)) return includable.role(compiler, task, writer);
    if (task.module === 'set_fact') return setFact(writer, compiler, task);
    if (task.module === 'include_vars') return includeVars(includable, writer, compiler, task);
    if (isNeedless(task)) return [];
    return undefined;
  };
}
