import { Unreachable } from '../../connection/index.ts';
import { recordsSubject } from '../../probes/index.ts';
import type { HostContext } from '../host-context.ts';
import { isRecords, recordsQuestion } from '../host-records.ts';
import { changeText, undoneText } from './found.ts';
import { forgetRequest, undoRequest } from './requests.ts';

/**
 * Tells what was put back since nobody confirmed it, and takes that off the record. What still waits is nobody's any more:
 * the run that made it would hold the host. It is put back at once, so that all that follows is planned against what
 * stands.
 */
export async function settleUnconfirmed(context: HostContext): Promise<void> {
  const { session, account } = context.records;
  const records = session.state.answer(account, recordsQuestion)?.answer;
  if (!isRecords(records)) return;
  const { waiting, undone } = records.unconfirmed;
  for (const one of undone) context.notice(undoneText(one));
  for (const one of waiting)
    context.notice(
      context.input.check
        ? `not confirmed, and put back in ${one.left} s or by the next run: ${changeText(one)}`
        : `nobody confirmed it, so it is put back first: ${changeText(one)}`,
    );
  if (context.input.check || waiting.length + undone.length === 0) return;
  for (const { id } of waiting) {
    const [reply] = await session.exchange(account, [undoRequest(id, 'the run that made it was lost')], []);
    if (reply?.code !== 0)
      throw new Unreachable('what nobody confirmed could not be put back', {
        where: session.host,
        ...(reply ? { detail: reply.stderr.toString('utf8') || reply.stdout.toString('utf8') } : {}),
        hint: 'See /var/lib/play/commit-confirm there.',
      });
  }
  await session.exchange(account, [forgetRequest([...waiting, ...undone].map(({ id }) => id))], []);
  session.state.expire([], waiting.length > 0 ? [{ on: 'everything' }] : [recordsSubject]);
}
