/** A role as a stranger uses it: check mode first, then the run, then once more. */
import { expect } from 'vitest';
import type { PlaySpec } from '../../src/playbook/index.ts';
import { runPlay, type PlayRun, type RunPlayOptions } from './run-play.ts';

const named = ({ event, host, role, task }: PlayRun['tasks'][number]): string =>
  `${event} ${host}: ${role ?? ''}: ${task}`;

const changed = ({ tasks }: PlayRun): string[] => tasks.filter((task) => task.changed).map(named);

/**
 * Fails unless nothing fails, the run changes what check mode was sure it would, and the second run changes nothing.
 *
 * @returns the run
 */
export async function rehearsePlay(plays: PlaySpec | readonly PlaySpec[], options: RunPlayOptions): Promise<PlayRun> {
  const told = await runPlay(plays, { ...options, check: true });
  expectNoFailure(told);
  const done = await runPlay(plays, options);
  expectNoFailure(done);
  const unsure = told.tasks.filter(({ assumed, may }) => assumed.length > 0 || may !== null).map(named);
  const sure = (run: PlayRun): string[] =>
    changed(run)
      .filter((name) => !unsure.includes(name))
      .sort();
  expect(sure(told)).toEqual(sure(done));
  const again = await runPlay(plays, options);
  expectNoFailure(again);
  expect(changed(again)).toEqual([]);
  return done;
}

function expectNoFailure({ tasks, recap }: PlayRun): void {
  expect(tasks.filter(({ error }) => error !== null).map((task) => [named(task), task.error])).toEqual([]);
  expect(recap.exit).toBe(0);
}
