import type { LaneReply } from '../connection/index.ts';
import type { Plan, Question, Step, StepOutput } from '../contract/index.ts';
import type { ListedTask } from '../playbook/index.ts';
import { codeMark } from './pack.ts';
import type { Place } from './place.ts';

/** A planned change waiting to be sent. */
export interface PendingChange {
  readonly listed: ListedTask;
  readonly place: Place;
  readonly plan: Plan<unknown>;
  readonly probes: readonly Question[];
  /** All that was asked to plan it. */
  readonly read: readonly Question[];
}

/** What a step printed, with the exit code of a tolerant one taken out of its output. */
export function stepOutput(step: Step, reply: LaneReply): StepOutput {
  const stdout = reply.stdout.toString('utf8');
  const stderr = reply.stderr.toString('utf8');
  const mark = step.anyExit ? stdout.lastIndexOf(codeMark) : -1;
  const code = mark < 0 ? undefined : /^\d{1,3}$/.exec(stdout.slice(mark + codeMark.length))?.[0];
  if (code === undefined) return { code: reply.code, stdout, stderr };
  return { code: Number(code), stdout: stdout.slice(0, mark), stderr };
}
