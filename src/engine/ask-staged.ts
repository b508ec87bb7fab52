import { ProbeFailure } from '../contract/index.ts';
import { asUser } from '../probes/index.ts';
import { asRequests, readAnswers } from './ask.ts';
import type { PlacedQuestion } from './place.ts';
import { isEmptyStage, noStaging, pathsOf, showsMadeUpNumber, stagedRequest } from './staging.ts';

/** Whether a question is to be asked of the host as it will be rather than as it is. */
export function isStaged({ place, question }: PlacedQuestion, check: boolean): boolean {
  const { state } = place.session;
  return (
    check && ((question.kind.staged !== undefined && state.changedBefore !== undefined) || state.needsStage(question))
  );
}

/** Check mode: asks where the planned files are in place. */
export async function askStaged({ place, question }: PlacedQuestion): Promise<void> {
  const { session, account } = place;
  const { state } = session;
  const { staged } = question.kind;
  const [asked] = asRequests([question]);
  if (!asked) return;
  const stage = state.stage();
  const { stdin, timeout } = asked.request;
  // An account that is only planned exists in the view.
  const { script, args } = session.isStoodInFor(account)
    ? { script: `${asUser}\nas "$@"`, args: [account, asked.request.script] }
    : { script: asked.request.script, args: [] };
  const isPlain = isEmptyStage(stage);
  const request = isPlain
    ? asked.request
    : stagedRequest(stage, {
        script,
        args,
        ...(stdin ? { stdin } : {}),
        ...(timeout === undefined ? {} : { timeout }),
      });
  const [reply] = await session.exchange(account, [request], []);
  if (!reply || (!isPlain && reply.code === noStaging)) {
    const why = reply?.stderr.toString('utf8').trim() ?? 'no answer';
    if (staged) state.record(account, question, staged.impossible(why));
    else
      await askPlain(
        { place, question },
        `what is planned is not in place for ${question.kind.kind} to be asked for (${why})`,
      );
    return;
  }
  const [answer] = readAnswers(asked, reply);
  const distorted = isPlain ? undefined : staged?.distorts?.(question.args, pathsOf(stage));
  if (!staged || answer instanceof ProbeFailure) state.record(account, question, answer);
  else if (showsMadeUpNumber(stage, staged.printed?.(answer) ?? ''))
    state.record(account, question, staged.impossible('it shows the number of an account that is only planned'));
  else {
    const folders = staged.readsOnly?.(answer);
    const unseen = folders === undefined ? state.beyondFiles : state.unshownBelow(folders);
    state.record(
      account,
      question,
      staged.answer(answer, unseen ?? distorted ?? state.guessIn(staged.printed?.(answer) ?? '')),
    );
  }
}

/** The host's present answer stands in for the future one. */
async function askPlain({ place: { session, account }, question }: PlacedQuestion, assumed: string): Promise<void> {
  await session.exchange(account, [], [question]);
  const now = session.state.answer(account, question);
  if (now) session.state.record(account, question, now.answer, assumed);
}
