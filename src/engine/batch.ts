import type { LaneReply, LaneRequest } from '../connection/index.ts';
import type { ListedTask, Plan, Step, StepOutput } from '../playbook/index.ts';
import type { Question } from '../probes/index.ts';

/** A planned change waiting to be sent. */
export interface PendingChange {
  readonly listed: ListedTask;
  readonly account: string;
  readonly plan: Plan<unknown>;
  readonly probes: readonly Question[];
}

/** The requests of a change. They run only if all before them in the exchange went well. */
export function stepRequests(plan: Plan<unknown>): LaneRequest[] {
  return plan.steps.map((step) => ({
    script: step.anyExit ? tolerant(step.script) : step.script,
    afterSuccess: true,
    ...(step.args ? { args: step.args } : {}),
    ...(step.stdin ? { stdin: step.stdin } : {}),
    ...(step.timeout === undefined ? {} : { timeout: step.timeout }),
  }));
}

// A step whose exit code is part of its result must not stop those behind it: the code travels on a line of its own.
const codeMark = '\u0001play-exit:';
function tolerant(script: string): string {
  return `(${script}\n)\nprintf '${codeMark}%s' "$?"`;
}

/** What a step said, with the exit code of a tolerant one taken out of its output. */
export function stepOutput(step: Step, reply: LaneReply): StepOutput {
  const stdout = reply.stdout.toString('utf8');
  const stderr = reply.stderr.toString('utf8');
  const mark = step.anyExit ? stdout.lastIndexOf(codeMark) : -1;
  if (mark < 0) return { code: reply.code, stdout, stderr };
  return { code: Number(stdout.slice(mark + codeMark.length)), stdout: stdout.slice(0, mark), stderr };
}
