/** The repository's import, run by play. */
import { join } from 'node:path';
import { playRoot, run } from '../cli/command-line.ts';
import type { Told } from './ansible-side.ts';

interface Line {
  readonly event: string;
  readonly hosts?: Told['recap'];
}

/** @param project what was imported */
export async function runImport(project: string, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<Told> {
  const started = performance.now();
  const { code, stdout, stderr } = await run(join(playRoot, 'play'), ['site', ...args, '--output', 'jsonl'], {
    cwd: project,
    env,
  });
  const seconds = (performance.now() - started) / 1000;
  const recap = stdout
    .split('\n')
    .filter((line) => line.startsWith('{"event":"recap"'))
    .map((line) => JSON.parse(line) as Line)
    .at(-1);
  return { code, output: stdout + stderr, recap: recap?.hosts ?? {}, seconds };
}

interface TaskLine {
  readonly event: string;
  readonly host?: string;
  readonly role?: string;
  readonly task?: string;
  readonly status?: string;
  readonly changed?: boolean;
  readonly may?: string | null;
}

/** What a run told of tasks and handlers that changed something, or would. */
export const eventful = (output: string): readonly string[] =>
  tasksIn(output)
    .filter(({ status, changed }) => changed === true || status === 'changed' || status === 'unreachable')
    .map(named);

/** Of which check mode could not tell. */
export const uncertain = (output: string): readonly string[] =>
  tasksIn(output)
    .filter(({ may }) => typeof may === 'string')
    .map(named);

const named = ({ host, role, task, status }: TaskLine): string =>
  `${host ?? ''}: ${role ?? ''} : ${task ?? ''}: ${status ?? ''}`;

const tasksIn = (output: string): readonly TaskLine[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as TaskLine)
    .filter(({ event }) => event === 'task' || event === 'handler');
