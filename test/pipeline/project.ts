import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyProject, readRun, type MonitoringProject, type PlaybookRun } from '../monitoring/project.ts';
import { imageArchive, waiting } from './image-archive.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Stands for the metadata database as well: one host is enough to see both. */
export const pipelineHost = 'datacollector.infra.ooni.io';

export interface PipelineProject extends MonitoringProject {
  /** `./play PLAYBOOK --sandbox --diff --output jsonl` for the host, and more. */
  run(playbook: string, ...args: readonly string[]): Promise<PlaybookRun>;
}

/**
 * A copy of the repository whose images are stand-ins: Airflow, its database and its queue cannot be had without a registry, so
 * their containers run busybox from an archive, which waits. Docker, PostgreSQL and everything else is real.
 */
export function pipelineProject(): PipelineProject {
  const project = copyProject();
  project.edit('inventory/hosts', /^\[db_active\]\n.*$/m, `[db_active]\n${pipelineHost}`);
  return { ...project, run: async (playbook, ...args) => readRun(await project.play(playbook, '-l', pipelineHost, '--sandbox', '--diff', '--output', 'jsonl', ...args)) };
}

/** Of a collector that is active, and of one that is not. */
const knownHosts = ['backend-fsn.ooni.org', 'ams-pg.ooni.org'].map((name) => `${name} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ+8bLvCkQQz3nCcV6LmVKl0TAUEoKwGVlzWqnRmMmpM\n`).join('');

/** Puts the stand-ins beside the project, and their names into its variables. */
export function useStandIns(project: PipelineProject, busybox: Buffer): void {
  const folder = temporaryFolder('images');
  const lines = ['airflow_stop_timeout: 5', 'postgresql_standbys: [127.0.0.1/32]'];
  const archives = ['airflow_image_archives:'];
  for (const part of ['airflow', 'db', 'redis']) {
    const name = `stand-in/${part}:1`;
    const file = join(folder, `${part}.tar`);
    writeFileSync(file, imageArchive({ name, busybox, labels: { part }, programs: { airflow: `#!/bin/sh\n${waiting}\n` } }));
    lines.push(`airflow_${part === 'airflow' ? '' : `${part}_`}image: ${name}`);
    archives.push(`  ${name}: ${file}`);
  }
  const vars = join(project.dir, 'host_vars', pipelineHost);
  mkdirSync(vars, { recursive: true });
  mkdirSync(join(project.dir, 'ext'), { recursive: true });
  writeFileSync(join(project.dir, 'ext/known_hosts'), knownHosts);
  writeFileSync(join(vars, 'vars.yml'), `${[...lines, ...archives].join('\n')}\n`);
}
