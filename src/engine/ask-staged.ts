import { ProbeFailure } from '../probes/index.ts';
import { asRequests, readAnswers } from './ask.ts';
import type { PlacedQuestion } from './place.ts';
import { isEmptyStage, noStaging, showsMadeUpNumber, stagedRequest } from './staging.ts';

/** Whether a question is to be asked of the host as it will be, not as it is. */
export function isStaged({ place, question }: PlacedQuestion, check: boolean): boolean {
  return check && question.kind.staged !== undefined && place.session.state.changedBefore !== undefined;
}

/** Check mode: asks a read-only command where the planned files are in place. */
export async function askStaged({ place, question }: PlacedQuestion): Promise<void> {
  const { session, account } = place;
  const { state } = session;
  const staged = question.kind.staged;
  const [asked] = asRequests([question]);
  if (!staged || !asked) return;
  const stage = state.stage();
  const { script, stdin, timeout } = asked.request;
  const isPlain = isEmptyStage(stage);
  const request = isPlain ? asked.request : stagedRequest(stage, { script, ...(stdin ? { stdin } : {}), ...(timeout === undefined ? {} : { timeout }) });
  const [reply] = await session.exchange(account, [request], []);
  if (!reply || (!isPlain && reply.code === noStaging)) {
    state.record(account, question, staged.impossible(reply?.stderr.toString('utf8').trim() ?? 'no answer'));
    return;
  }
  const [answer] = readAnswers(asked, reply);
  if (answer instanceof ProbeFailure) state.record(account, question, answer);
  else if (showsMadeUpNumber(stage, staged.printed?.(answer) ?? '')) state.record(account, question, staged.impossible('it shows the number of an account that is only planned'));
  else state.record(account, question, staged.answer(answer, state.beyondFiles));
}
