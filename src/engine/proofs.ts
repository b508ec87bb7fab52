import type { LaneReply } from '../connection/index.ts';
import { questionKey, type Question } from '../contract/index.ts';
import { asRequests, readAnswers, type Asked } from './ask.ts';
import type { PendingChange } from './pack.ts';
import type { HostState } from './state.ts';

/** Changes that travel together, and what is asked right behind them, before the next ones. */
export interface Segment {
  readonly changes: readonly PendingChange[];
  readonly proofs: readonly Asked[];
}

/**
 * Splits a list of changes where one puts in doubt the proof of another before it: an archive is unpacked, then
 * removed. That proof is then asked in between, still in the same exchange; all others are asked behind the last
 * change.
 */
export function cutForProofs(pending: readonly PendingChange[], state: HostState): Segment[] {
  const segments: Segment[] = [];
  let changes: PendingChange[] = [];
  let unproven: PendingChange[] = [];
  for (const change of pending) {
    const isDoubtful = state.doubt(change.plan.after, change.plan.touches);
    const lost = unproven.filter((one) =>
      proofOf(one).some((question) => isDoubtful(question, state.answer(one.place.account, question))),
    );
    if (lost.length > 0) {
      segments.push({ changes, proofs: asRequests(lost.flatMap(proofOf)) });
      changes = [];
      unproven = unproven.filter((one) => !lost.includes(one));
    }
    changes.push(change);
    if (!change.plan.again) unproven.push(change);
  }
  return [...segments, { changes, proofs: [] }];
}

/** What must be asked to see whether a change held. */
function proofOf({ read }: PendingChange): Question[] {
  return read.filter((question) => !question.kind.volatile);
}

/** The answers of one cut, by the keys of their questions. */
export function readProof(proofs: readonly Asked[], replies: readonly LaneReply[]): Map<string, unknown> {
  const answers = new Map<string, unknown>();
  proofs.forEach((asked, i) => {
    const reply = replies[i];
    if (!reply || reply.skipped) return;
    const read = readAnswers(asked, reply);
    asked.questions.forEach((question, n) => answers.set(questionKey(question), read[n]));
  });
  return answers;
}

/** Whether these answers suffice to prove a change. */
export function isProvenBy(change: PendingChange, answers: ReadonlyMap<string, unknown>): boolean {
  return answers.size > 0 && proofOf(change).every((question) => answers.has(questionKey(question)));
}
