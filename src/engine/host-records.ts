import type { LaneRequest } from '../connection/index.ts';
import type { ProbeKind, Question } from '../contract/index.ts';
import {
  criticalSh,
  decodeCritical,
  decodeHolds,
  holdsSh,
  recordsSubject,
  type FoundCritical,
  type FoundHolds,
} from '../probes/index.ts';
import { readsNone } from '../probes/sh-texts.ts';
import { decodeUnconfirmed, unconfirmedSh, type FoundUnconfirmed } from './commit-confirm/found.ts';
import { owedSh, parseOwed, type FoundDebt } from './owed.ts';

/** What play keeps on record on a host: asked with the first questions of a run, in one process. */
export interface HostRecords extends FoundHolds {
  /** The handlers it is still owed. */
  readonly debts: readonly FoundDebt[];
  /** Jobs whose miss loses data. */
  readonly critical: FoundCritical;
  /** What waits for a confirmation, or had none. */
  readonly unconfirmed: FoundUnconfirmed;
}

const kind: ProbeKind<HostRecords> = {
  kind: 'records',
  arity: 1,
  maxOutput: 1024 * 1024,
  ...readsNone(`${holdsSh}\n${criticalSh}\n${owedSh}\n${unconfirmedSh}; exit 0`),
  decode: (stdout) => {
    const lines = stdout.toString('utf8').split('\n');
    const debts = lines.filter((line) => line.endsWith('}')).flatMap(parseOwed);
    const unconfirmed = decodeUnconfirmed(lines);
    return [{ debts, critical: decodeCritical(lines), unconfirmed, ...decodeHolds(lines) }];
  },
  depends: () => [recordsSubject],
};

export const recordsQuestion: Question<HostRecords> = { kind, args: [''] };

/** Whether an answer is one to `recordsQuestion`, and not why there is none. */
export function isRecords(answer: unknown): answer is HostRecords {
  return (
    typeof answer === 'object' && answer !== null && 'debts' in answer && 'unconfirmed' in answer && 'holds' in answer
  );
}

/** Whether an answer is one to `holdsQuestion`. */
export function isHolds(answer: unknown): answer is FoundHolds {
  return typeof answer === 'object' && answer !== null && 'holds' in answer;
}

/**
 * Records on the host that a hold was overruled, or that it was changed at the time of a critical job. Without root it is
 * on record only where play was started.
 */
export function recordOverruled(by: string, what: 'holds' | 'critical' = 'holds'): LaneRequest {
  return {
    script: `h=/var/lib/play/$2; [ -d "$h" ] && [ -w "$h" ] && [ ! -L "$h/overruled" ] || exit 0
printf '%s %s\\n' "$(date +%s)" "$1" >>"$h/overruled"`,
    args: [by, what],
  };
}
