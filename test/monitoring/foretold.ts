import { expect } from 'vitest';
import type { PlaybookRun, TaskLine } from './project.ts';

/** Whether check mode gave its word: it neither assumed something nor left it open. */
export const isSure = ({ assumed, may }: TaskLine): boolean => assumed.length === 0 && may === null;

/** What a task or handler came to, and the diff it showed. */
export const outcome = ({ event, host, role, task, status, changed, diff }: TaskLine): object => ({
  event,
  host,
  role,
  task,
  status,
  changed,
  diff,
});

/**
 * What check mode said is what the run did: the same tasks and handlers, and where it gave its word the same outcome
 * and diff. A handler that it said may run need not have.
 */
export function expectForetold(told: readonly TaskLine[], real: readonly TaskLine[]): void {
  const ran = (line: TaskLine): boolean =>
    real.some(
      (one) => one.event === line.event && one.host === line.host && one.role === line.role && one.task === line.task,
    );
  const foreseen = told.filter((line) => line.event === 'task' || line.may === null || ran(line));
  expect(foreseen.map(({ event, role, task }) => ({ event, role, task }))).toEqual(
    real.map(({ event, role, task }) => ({ event, role, task })),
  );
  const pairs = foreseen.map((line, i) => ({ line, real: real[i] })).filter(({ line }) => isSure(line));
  expect(pairs.map(({ line }) => outcome(line))).toEqual(pairs.map((pair) => pair.real && outcome(pair.real)));
}

/** Nothing failed, handlers included. */
export function expectSuccess(run: PlaybookRun): void {
  expect([...run.tasks, ...run.handlers].filter(({ error }) => error !== null)).toEqual([]);
  expect(run.code, run.stderr).toBe(0);
}

/** Check mode went through and left what was there. */
export function expectUntouched(predicted: PlaybookRun, before: unknown, after: unknown): void {
  expectSuccess(predicted);
  expect(after).toEqual(before);
}

/** Why check mode did not give its word, in its own words. */
export const reasonsOf = (lines: readonly TaskLine[]): string[] =>
  lines.flatMap(({ assumed, may }) => [...assumed, ...(may === null ? [] : [may])]);

/** A host that is right: nothing changed, nothing would, and that for sure. */
export function expectQuiet(run: PlaybookRun, host: string): void {
  const all = [...run.tasks, ...run.handlers].filter((line) => line.host === host);
  expect(all.filter((line) => line.changed || !isSure(line))).toEqual([]);
  expect(run.recap.hosts[host]).toMatchObject({ changed: 0, failed: 0 });
  expect(run.code, run.stderr).toBe(0);
}
