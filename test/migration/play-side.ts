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

/** What a run told of tasks and handlers that did not come out as `ok` or `skipped`, without what belongs to their forms. */
export function eventful(output: string): readonly string[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .filter(({ event }) => event === 'task' || event === 'handler')
    .filter(({ status }) => status !== 'ok' && status !== 'skipped')
    .map(({ host, role, task, status }) => `${String(host)}: ${String(role)} : ${String(task)}: ${String(status)}`);
}
