import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyProject, readRun, type MonitoringProject, type PlaybookRun } from '../monitoring/project.ts';

/** Stands for the metadata database as well: one host is enough to see both. */
export const pipelineHost = 'datacollector.infra.ooni.io';

export interface PipelineProject extends MonitoringProject {
  /** `./play PLAYBOOK --sandbox --diff --output jsonl` for the host, and more. */
  run(playbook: string, ...args: readonly string[]): Promise<PlaybookRun>;
}

/**
 * A copy of the repository. Airflow, its database and its queue cannot be had without a registry: what stands in for
 * them on throwaway hosts waits. Docker, PostgreSQL and everything else is real.
 */
export function pipelineProject(): PipelineProject {
  const project = copyProject();
  project.edit('inventory/hosts', /^\[db_active\]\n.*$/m, `[db_active]\n${pipelineHost}`);
  settle(project);
  return {
    ...project,
    run: async (playbook, ...args) =>
      readRun(await project.play(playbook, '-l', pipelineHost, '--sandbox', '--diff', '--output', 'jsonl', ...args)),
  };
}

/** Of a collector that is active, and of one that is not. */
const knownHosts = ['backend-fsn.ooni.org', 'ams-pg.ooni.org']
  .map((name) => `${name} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ+8bLvCkQQz3nCcV6LmVKl0TAUEoKwGVlzWqnRmMmpM\n`)
  .join('');

/** What is waited for in tests comes sooner; and collectors whose keys are known. */
function settle(project: MonitoringProject): void {
  const vars = join(project.dir, 'host_vars', pipelineHost);
  for (const folder of [vars, join(project.dir, 'ext')]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(project.dir, 'ext/known_hosts'), knownHosts);
  writeFileSync(join(vars, 'vars.yml'), 'airflow_stop_timeout: 5\npostgresql_standbys: [127.0.0.1/32]\n');
}
