import { join } from 'node:path';
import type { LoggedRun } from '../engine/index.ts';
import { configName, findProject } from '../project/project.ts';
import type { Redactor } from '../secrets/index.ts';
import { operatorName } from '../values/index.ts';
import { commandLine } from './command-line.ts';

/** A command that needs no playbook, as hosts keep it in their log of runs. */
export function loggedRun({
  id,
  kind,
  redactor,
}: Pick<LoggedRun, 'id' | 'kind'> & { readonly redactor: Redactor }): LoggedRun {
  return {
    id,
    kind,
    by: operatorName(),
    at: new Date().toISOString(),
    command: redactor.redact(commandLine()),
    project: findProject(join(process.cwd(), configName)) ?? process.cwd(),
  };
}
