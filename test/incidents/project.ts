import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { makeProject, playRoot, run, type Outcome, type Project } from '../cli/command-line.ts';
import type { TestHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A project with an inventory of throwaway hosts, and how to call play in it. */
export interface IncidentProject {
  readonly dir: string;
  /** For one who keeps records of their own: a colleague at another machine. */
  readonly env: NodeJS.ProcessEnv;
  play(...args: readonly string[]): Promise<Outcome>;
  /** A command that goes on until it is told to end. */
  start(...args: readonly string[]): Running;
  /** The events of a command that is told `--output jsonl`. */
  events(...args: readonly string[]): Promise<readonly Record<string, unknown>[]>;
  /** sh as root on a host, from outside. */
  on(host: string, command: string): Promise<string>;
  writeInventory(): void;
  readonly files: Project;
}

export interface Running {
  readonly child: ChildProcess;
  /** What it printed so far. */
  readonly said: { stdout: string; stderr: string };
  /** Ends it by a signal. @returns its exit code */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export function incidentProject(
  hosts: TestHosts,
  names: readonly string[],
  files: Readonly<Record<string, string>> = {},
): IncidentProject {
  const state = temporaryFolder('state');
  const project = makeProject(files);
  const env = { ...process.env, XDG_STATE_HOME: state };
  const play = (...args: readonly string[]): Promise<Outcome> =>
    run(join(playRoot, 'play'), args, { cwd: project.dir, env });
  return {
    dir: project.dir,
    files: project,
    env,
    play,
    start(...args) {
      const child = spawn(join(playRoot, 'play'), args, { cwd: project.dir, env, detached: true });
      const said = { stdout: '', stderr: '' };
      child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
      const exit = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
      return {
        child,
        said,
        end(signal) {
          child.kill(signal);
          return exit;
        },
      };
    },
    async events(...args) {
      const { stdout } = await play(...args, '--output', 'jsonl');
      return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    on: async (host, command) => (await hosts.exec(host, ['sh', '-c', command])).stdout.trim(),
    writeInventory: () => project.write({ 'inventory/hosts': names.map((name) => hosts.inventoryLine(name)).join('') }),
  };
}
