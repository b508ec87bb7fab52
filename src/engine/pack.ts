import { inputBytes, type LaneReply, type LaneRequest } from '../connection/index.ts';
import type { Plan, Question, Step, StepOutput } from '../contract/index.ts';
import type { ListedTask } from '../playbook/index.ts';
import type { FileTouch } from '../probes/index.ts';
import type { Place } from './place.ts';

/** A planned change waiting to be sent. */
export interface PendingChange {
  readonly listed: ListedTask;
  readonly place: Place;
  readonly plan: Plan<unknown>;
  readonly probes: readonly Question[];
  /** All that was asked to plan it. */
  readonly read: readonly Question[];
  /** The paths it is to change: what is there is kept before. */
  readonly files: readonly FileTouch[];
  /** Whether it lasts is seen later: until then it is neither reported nor paid. */
  readonly isOpen?: true;
}

/** A request, and how many of the steps it carries. */
export interface Packed {
  readonly request: LaneRequest;
  readonly steps: number;
}

const mostSteps = 200;
const mostBytes = 8 * 1024 * 1024;

/** Steps as requests: neighbouring steps that pack share one. */
export function packSteps(steps: readonly Step[]): Packed[] {
  const packed: Packed[] = [];
  let group: Step[] = [];
  let bytes = 0;
  const close = (): void => {
    if (group.length > 0) packed.push({ request: toRequest(group), steps: group.length });
    group = [];
    bytes = 0;
  };
  for (const step of steps) {
    const size = step.stdin?.length ?? 0;
    const joins =
      step.packs &&
      group[0]?.packs &&
      group[0].script === step.script &&
      group.length < mostSteps &&
      bytes + size <= mostBytes;
    if (!joins) close();
    group.push(step);
    bytes += size;
  }
  close();
  return packed;
}

function toRequest(group: readonly Step[]): LaneRequest {
  const [first] = group;
  if (!first) throw new Error('an empty group of steps');
  const inputs = group.flatMap((step) => (step.stdin ? [step.stdin] : []));
  const [stdin] = inputs.length > 1 ? [Buffer.concat(inputs.map(inputBytes))] : inputs;
  return {
    script: first.anyExit ? tolerant(first.script) : first.script,
    afterSuccess: true,
    args: group.flatMap((step) => step.args ?? []),
    ...(stdin === undefined ? {} : { stdin }),
    ...(first.timeout === undefined ? {} : { timeout: first.timeout }),
  };
}

/** One reply for each step, from one for each request. */
export function unpackReplies(packed: readonly Packed[], replies: readonly LaneReply[]): LaneReply[] {
  return packed.flatMap(({ steps }, i) => {
    const reply = replies[i];
    if (!reply) return [];
    if (steps === 1 || reply.code === 0 || reply.skipped) return Array.from({ length: steps }, () => reply);
    const failed = Number(/failed (\d+)\s*$/.exec(reply.stdout.toString('utf8'))?.[1] ?? 0);
    return Array.from({ length: steps }, (_, n) =>
      n < failed ? { ...reply, code: 0 } : n === failed ? reply : { ...reply, code: -1, skipped: true },
    );
  });
}

// A step whose exit code is part of its result must not stop the steps behind it: the code travels on a line of its
// own.
const codeMark = '\u0001play-exit:';
function tolerant(script: string): string {
  return `(${script}\n)\nprintf '${codeMark}%s' "$?"`;
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
