import type { Known, Plan, Validation } from '../playbook/index.ts';
import type { Place } from './place.ts';
import { noStaging, stagedRequest } from './staging.ts';
import type { FailureSource } from './task-event.ts';

export type Verdict =
  | { readonly is: 'accepted' }
  | { readonly is: 'refused'; readonly failure: FailureSource }
  | { readonly is: 'not validated'; readonly why: string };

/** Runs a checker in check mode, against the content as it will be, beside all else that is planned by then. */
async function validateStaged({ session, account }: Place, validation: Validation, after: readonly Known[]): Promise<Verdict> {
  const script = `export PLAY_STAGED="$1"\n${validation.command}`;
  const request = stagedRequest(session.state.stage(after), { script, args: [validation.path] });
  const [reply] = await session.exchange(account, [request], []);
  if (!reply || reply.code === noStaging) return { is: 'not validated', why: reply?.stderr.toString('utf8').trim() ?? 'no answer' };
  const tool = validation.shown.trim().split(/\s+/)[0] ?? '';
  if (reply.code === 127) return { is: 'not validated', why: `${tool} is not installed yet` };
  if (reply.code === 0) return { is: 'accepted' };
  // What scripts make of a new package is not there yet, and a checker may miss it. Other words are meant.
  const missed = session.state.beyondFiles === undefined ? undefined : missing(`${reply.stderr.toString('utf8')}\n${reply.stdout.toString('utf8')}`);
  if (missed !== undefined) return { is: 'not validated', why: `${tool} misses something that is not there yet: ${missed}` };
  return { is: 'refused', failure: { what: `${validation.path} is refused by: ${firstLine(validation.shown)}`, reply, hint: 'Nothing was changed. Mend the content; the checker\'s own words are above.' } };
}

/** A script says little to who reads why it refused; its first line tells which one it is. */
function firstLine(command: string): string {
  const [first = '', ...others] = command.trim().split('\n');
  return others.length === 0 ? first : `${first} ...`;
}

const lacks = /(?:unknown|no such|invalid|nonexistent) (?:user|group)|cannot find (?:user|group)|getpwnam|getgrnam|shared object|no such file or directory|permission denied|connection refused/i;

/** The line in which a checker complains of something that is not there. */
function missing(said: string): string | undefined {
  return said.split('\n').find((line) => lacks.test(line))?.trim();
}

/** Check mode: the plan with what its validator said; or why it is refused. */
export async function validated<E extends { readonly plan: Plan<unknown>; readonly assumed: readonly string[] }>(place: Place, evaluation: E): Promise<E | { readonly refused: FailureSource }> {
  const { validate, after } = evaluation.plan;
  if (!validate) return evaluation;
  const verdict = await validateStaged(place, validate, after);
  if (verdict.is === 'refused') return { refused: verdict.failure };
  return verdict.is === 'accepted' ? evaluation : { ...evaluation, assumed: [...evaluation.assumed, `not validated (${verdict.why})`] };
}
