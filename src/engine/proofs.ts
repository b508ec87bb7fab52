import type { LaneReply } from '../connection/index.ts';
import { questionKey, type Question } from '../contract/index.ts';
import { asRequests, readAnswers, type Asked } from './ask.ts';
import type { PendingChange } from './pack.ts';
import { QuestionIndex } from './question-index.ts';
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
  /** Those that are not proven yet, by their places in the list. */
  const unproven = new QuestionIndex<number>();
  for (const [place, change] of pending.entries()) {
    const doubt = state.doubt(change.plan.after, change.plan.touches);
    const lost = [...doubt.among(unproven)]
      .toSorted((one, other) => one - other)
      .flatMap((at) => {
        const one = pending[at];
        const proof = one === undefined ? [] : proofOf(one);
        const account = one?.place.account ?? '';
        const isLost = proof.some((question) =>
          doubt.is(question, state.answer(account, question), state.hasAllRights(account)),
        );
        return isLost ? [{ at, proof }] : [];
      });
    if (lost.length > 0) {
      segments.push({ changes, proofs: asRequests(lost.flatMap(({ proof }) => proof)) });
      changes = [];
      for (const { at, proof } of lost) for (const question of proof) unproven.delete(question, at);
    }
    changes.push(change);
    // Nothing comes behind the last one that could spoil its proof.
    if (!change.plan.again && place < pending.length - 1)
      for (const question of proofOf(change)) unproven.add(question, place);
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
