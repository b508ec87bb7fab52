import { isRunning, type Attempt } from '../../../operator/runbook-record.ts';
import { isQuestion, type RunbookStep } from '../../../playbook/index.ts';

/** What is on record of a runbook: attempts that are not over, and the last one that is. */
export function statusLines(attempts: readonly Attempt[], steps: readonly RunbookStep[]): string[] {
  const open = attempts.filter(({ ended }) => ended === undefined);
  const last = attempts.findLast(({ ended }) => ended !== undefined);
  const shown = [...(last ? [last] : []), ...open];
  if (shown.length === 0) return ['It is not on record on this machine.'];
  return shown.flatMap((attempt, i) => [...(i > 0 ? [''] : []), ...attemptLines(attempt, steps)]);
}

function attemptLines(attempt: Attempt, steps: readonly RunbookStep[]): string[] {
  const state = isRunning(attempt)
    ? `under way (pid ${attempt.running?.pid})`
    : attempt.ended === undefined
      ? 'not finished'
      : `ended ${attempt.ended}`;
  // A step that the code has no more may still stand on hosts.
  const names = [...new Set([...steps.map(({ name }) => name), ...Object.keys(attempt.steps)])];
  const width = Math.max(0, ...names.map(({ length }) => length));
  return [
    attempt.command,
    `  begun ${attempt.started} by ${attempt.by}; ${state}`,
    ...names.map((name) => {
      const record = attempt.steps[name];
      const step = steps.find((one) => one.name === name);
      const notes = [
        ...(step !== undefined && !isQuestion(step) && step.irreversible === true ? ['irreversible'] : []),
        ...(record?.owed === true ? ['its `always` steps are still owed'] : []),
        ...(step === undefined ? ['no longer a step of the runbook'] : []),
      ];
      const when = record === undefined ? '-' : `${record.status.padEnd(7)} ${record.at} by ${record.by}`;
      return `  ${name.padEnd(width)}  ${when}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
    }),
  ];
}
