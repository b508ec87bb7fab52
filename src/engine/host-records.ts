import type { ProbeKind, Question, Subject } from '../contract/index.ts';
import { criticalSh, decodeCritical, type FoundCritical } from '../probes/index.ts';
import { decodeHolds, holdsSh, type FoundHolds } from './holds.ts';
import { owedSh, parseOwed, type FoundDebt } from './owed.ts';

/** Whatever play keeps on record on a host. */
export const recordsSubject: Subject = { on: 'named', name: 'records' };

/** What play keeps on record on a host: asked with the first questions of a run, in one process. */
export interface HostRecords extends FoundHolds {
  /** The handlers it is still owed. */
  readonly debts: readonly FoundDebt[];
  /** Jobs whose miss loses data. */
  readonly critical: FoundCritical;
}

const kind: ProbeKind<HostRecords> = {
  kind: 'records',
  arity: 1,
  maxOutput: 1024 * 1024,
  sh: `${holdsSh}\n${criticalSh}\n${owedSh}; exit 0`,
  decode: (stdout) => {
    const lines = stdout.toString('utf8').split('\n');
    const debts = lines.filter((line) => line.endsWith('}')).flatMap(parseOwed);
    return [{ debts, critical: decodeCritical(lines), ...decodeHolds(lines) }];
  },
  depends: () => [recordsSubject],
};

export const recordsQuestion: Question<HostRecords> = { kind, args: [''] };

const holdsKind: ProbeKind<FoundHolds> = {
  kind: 'holds',
  arity: 1,
  maxOutput: 1024 * 1024,
  sh: `${holdsSh}\nexit 0`,
  decode: (stdout) => [decodeHolds(stdout.toString('utf8').split('\n'))],
  depends: () => [recordsSubject],
};

/**
 * What operators hold on a host with `play hold`: the host as a whole, or units of it. A run leaves that alone by
 * itself.
 *
 * @example const { holds } = await runner.ask('web1', holdsQuestion);
 */
export const holdsQuestion: Question<FoundHolds> = { kind: holdsKind, args: [''] };

/** Whether an answer is one to `recordsQuestion`, and not why there is none. */
export function isRecords(answer: unknown): answer is HostRecords {
  return (
    typeof answer === 'object' && answer !== null && 'debts' in answer && 'critical' in answer && 'holds' in answer
  );
}
