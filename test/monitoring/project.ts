/** Runs the monitoring playbook by the command line, on the test run's own throwaway hosts. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { playRoot, run, type Outcome } from '../cli/command-line.ts';
import { testFleet } from '../support/sandbox-fleet.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

export const monitoringHost = 'monitoring.ooni.org';

/** A line of `--output jsonl` about a task or handler. */
export interface TaskLine {
  readonly event: 'task' | 'handler';
  readonly host: string;
  readonly role: string | null;
  readonly task: string;
  readonly resource: string;
  readonly tags: readonly string[];
  readonly status: string;
  readonly changed: boolean;
  readonly assumed: readonly string[];
  readonly may: string | null;
  readonly diff: readonly { readonly path: string; readonly unified: string }[];
  readonly error: { readonly what: string; readonly stderr?: string } | null;
}

export interface RecapLine {
  readonly event: 'recap';
  readonly hosts: Readonly<
    Record<
      string,
      {
        readonly ok: number;
        readonly changed: number;
        readonly unreachable: number;
        readonly failed: number;
        readonly skipped: number;
      }
    >
  >;
  readonly exit: number;
}

export interface PlaybookRun extends Outcome {
  readonly lines: readonly (TaskLine | RecapLine | { readonly event: string })[];
  readonly tasks: readonly TaskLine[];
  readonly handlers: readonly TaskLine[];
  readonly recap: RecapLine;
}

/** A copy of the repository's own inventory, variables, playbooks and roles, to be changed at will. */
export interface MonitoringProject {
  readonly dir: string;
  /** Replaces text in a file; it must be there. */
  edit(file: string, from: string | RegExp, to: string): void;
  play(...args: readonly string[]): Promise<Outcome>;
  /** `./play deploy-monitoring.ts -l monitoring.ooni.org --sandbox --diff --output jsonl`, and more. */
  deploy(...args: readonly string[]): Promise<PlaybookRun>;
}

export function copyProject(): MonitoringProject {
  const dir = temporaryFolder('monitoring');
  for (const folder of ['inventory', 'group_vars', 'host_vars', 'playbooks', 'roles', 'sandbox'])
    cpSync(join(playRoot, folder), join(dir, folder), { recursive: true });
  const { MONITORING_PASSWORD_OONI: _, ...env } = process.env;
  const play = (...args: readonly string[]): Promise<Outcome> =>
    run(join(playRoot, 'play'), args, { cwd: dir, env: { ...env, PLAY_SANDBOX_FLEET: testFleet() } });
  return {
    dir,
    play,
    edit: (name, from, to) => {
      const file = join(dir, name);
      const before = readFileSync(file, 'utf8');
      const after = before.replace(from, to);
      if (after === before) throw new Error(`${name} does not hold ${String(from)}`);
      writeFileSync(file, after);
    },
    deploy: async (...args) =>
      readRun(
        await play('deploy-monitoring.ts', '-l', monitoringHost, '--sandbox', '--diff', '--output', 'jsonl', ...args),
      ),
  };
}

export function readRun(outcome: Outcome): PlaybookRun {
  const lines = outcome.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): PlaybookRun['lines'][number] => JSON.parse(line));
  const recap = lines.at(-1);
  if (recap === undefined || !isRecap(recap))
    throw new Error(`the run has no recap:\n${outcome.stdout}${outcome.stderr}`);
  const tasks = lines.filter(isTask);
  return {
    ...outcome,
    lines,
    recap,
    tasks: tasks.filter(({ event }) => event === 'task'),
    handlers: tasks.filter(({ event }) => event === 'handler'),
  };
}

const isRecap = (line: { readonly event: string }): line is RecapLine => line.event === 'recap';
const isTask = (line: { readonly event: string }): line is TaskLine =>
  line.event === 'task' || line.event === 'handler';
