/** Runs the backend playbook by the command line, on the test run's own throwaway hosts. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyProject, readRun, type MonitoringProject, type PlaybookRun } from '../monitoring/project.ts';
import type { TestHosts } from '../support/sandbox.ts';

export const testbed = 'ams-pg-test.ooni.org';
export const former = 'ams-pg.ooni.org';
export const production = 'backend-fsn.ooni.org';
export const nearProduction = 'backend-hel.ooni.org';
/** The hosts that are set up: what `nearProduction` has, the testbed has too, and a host costs minutes. */
export const stages = [testbed, former, production] as const;

export interface BackendProject extends Pick<MonitoringProject, 'dir' | 'edit' | 'play'> {
  /** `./play deploy-backend.ts --sandbox --diff --output jsonl`, and more. */
  deploy(...args: readonly string[]): Promise<PlaybookRun>;
  /** Every secret that was made for throwaway hosts. */
  secrets(): string[];
  /** The one of a host and a variable. */
  secretOf(host: string, variable: string): string;
}

export function copyBackendProject(): BackendProject {
  const { dir, edit, play } = copyProject();
  const deploy: BackendProject['deploy'] = async (...args) =>
    readRun(await play('deploy-backend.ts', '--sandbox', '--diff', '--output', 'jsonl', ...args));
  const folder = join(dir, '.play/sandbox-secrets');
  const secrets = (): string[] => {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== '.gitignore')
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8').trim());
  };
  const secretOf = (host: string, variable: string): string =>
    readFileSync(join(folder, host, variable), 'utf8').trim();
  return { dir, edit, play, deploy, secrets, secretOf };
}

/** What a shell on a host prints. */
export async function onHost(hosts: TestHosts, name: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await hosts.exec(name, ['sh', '-c', script]);
  if (code !== 0) throw new Error(`${name}: ${script}: exit code ${code}\n${stderr}`);
  return stdout.trim();
}
