import type { LaneReply, LaneRequest } from '../connection/index.ts';
import type { Step } from '../contract/index.ts';

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
  const stdin = group.flatMap((step) => (step.stdin ? [step.stdin] : []));
  return {
    script: first.anyExit ? tolerant(first.script) : first.script,
    afterSuccess: true,
    args: group.flatMap((step) => step.args ?? []),
    ...(stdin.length > 0 ? { stdin: stdin.length === 1 ? (stdin[0] as Uint8Array) : Buffer.concat(stdin) } : {}),
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
export const codeMark = '\u0001play-exit:';
function tolerant(script: string): string {
  return `(${script}\n)\nprintf '${codeMark}%s' "$?"`;
}
