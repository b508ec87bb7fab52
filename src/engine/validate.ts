import type { Known, Validation } from '../playbook/index.ts';
import type { HostSession } from './host-session.ts';
import { noStaging, stagedRequest } from './staging.ts';
import type { FailureSource } from './task-event.ts';

export type Verdict =
  | { readonly is: 'accepted' }
  | { readonly is: 'refused'; readonly failure: FailureSource }
  | { readonly is: 'not validated'; readonly why: string };

/** Runs a checker in check mode, against the content as it will be, beside all else that is planned by then. */
export async function validateStaged(session: HostSession, account: string, validation: Validation, after: readonly Known[]): Promise<Verdict> {
  const stage = { files: session.state.plannedFiles(after), removed: session.state.plannedRemovals() };
  const script = validation.command.replaceAll('%s', '"$1"');
  const request = stagedRequest(stage, { script, args: [validation.path] });
  const [reply] = await session.exchange(account, [request], []);
  if (!reply || reply.code === noStaging) return { is: 'not validated', why: reply?.stderr.toString('utf8').trim() ?? 'no answer' };
  const tool = validation.command.trim().split(/\s+/)[0] ?? '';
  if (reply.code === 127) return { is: 'not validated', why: `${tool} is not installed yet` };
  if (reply.code === 0) return { is: 'accepted' };
  return { is: 'refused', failure: { what: `${validation.path} is refused by: ${validation.command}`, reply, hint: 'Nothing was changed. Mend the content; the checker\'s own words are above.' } };
}
