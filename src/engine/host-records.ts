import type { LaneRequest } from '../connection/index.ts';
import type { ProbeKind, Question } from '../contract/index.ts';
import { decodeHolds, holdsFolder, holdsSh, recordsSubject, type FoundHolds } from '../probes/index.ts';
import { owedSh, parseOwed, type FoundDebt } from './owed.ts';

/** What play keeps on record on a host: asked with the first questions of a run, in one process. */
export interface HostRecords extends FoundHolds {
  /** The handlers it is still owed. */
  readonly debts: readonly FoundDebt[];
}

const kind: ProbeKind<HostRecords> = {
  kind: 'records',
  arity: 1,
  maxOutput: 1024 * 1024,
  sh: `${holdsSh}\n${owedSh}; exit 0`,
  decode: (stdout) => {
    const lines = stdout.toString('utf8').split('\n');
    return [{ debts: lines.filter((line) => line.endsWith('}')).flatMap(parseOwed), ...decodeHolds(lines) }];
  },
  depends: () => [recordsSubject],
};

export const recordsQuestion: Question<HostRecords> = { kind, args: [''] };

/** Whether an answer is one to `recordsQuestion`, and not why there is none. */
export function isRecords(answer: unknown): answer is HostRecords {
  return typeof answer === 'object' && answer !== null && 'debts' in answer && 'holds' in answer;
}

/** Whether an answer is one to `holdsQuestion`. */
export function isHolds(answer: unknown): answer is FoundHolds {
  return typeof answer === 'object' && answer !== null && 'holds' in answer;
}

/** Records on the host that a hold was overruled. Without root it is on record only where play was started. */
export function recordOverruled(by: string): LaneRequest {
  return {
    script: `h=${holdsFolder}; [ -d "$h" ] && [ -w "$h" ] && [ ! -L "$h/overruled" ] || exit 0
printf '%s %s\\n' "$(date +%s)" "$1" >>"$h/overruled"`,
    args: [by],
  };
}
