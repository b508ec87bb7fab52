import type { LaneReply } from '../connection/index.ts';
import type { Plan, Step, Validation } from '../contract/index.ts';
import type { ListedTask } from '../playbook/index.ts';
import { temporaryName } from '../resources/kit/file-content.ts';
import type { Place } from './place.ts';
import { checkRequest, noStaging } from './staging.ts';
import type { HostState } from './state.ts';
import { applyKeywords } from './step-keywords.ts';
import type { FailureSource } from './task-event.ts';

export type Verdict =
  | { readonly is: 'accepted' }
  | { readonly is: 'refused'; readonly failure: FailureSource }
  | { readonly is: 'not validated'; readonly why: string };

/**
 * The check of a file before it is put in place, the same in check mode and in a run: the new file is where it will be,
 * and only the checker sees it. Where there can be no such view, a run puts it beside its place; check mode touches
 * nothing, and says so.
 */
export function checkStep(
  state: HostState,
  validation: Validation,
  { after }: Pick<Plan<unknown>, 'after'>,
  isRun: boolean,
): Step {
  const { path, content, mode, command } = validation;
  const request = checkRequest(state.stage(after), {
    path,
    content,
    mode,
    command,
    beside: isRun ? temporaryName(path) : undefined,
  });
  return { ...request, label: `check ${path}`, looks: refusalOf(validation) };
}

/** The steps of a plan, after the check of what they put in place. */
export function checkedSteps({ session }: Place, plan: Plan<unknown>): readonly Step[] {
  return plan.validate === undefined
    ? plan.steps
    : [checkStep(session.state, plan.validate, plan, true), ...plan.steps];
}

function refusalOf({ path, shown }: Validation): { readonly what: string; readonly hint: string } {
  return {
    what: `${path} is refused by: ${firstLine(shown)}`,
    hint: "Nothing was changed. Fix the content; the checker's own words are above.",
  };
}

/** Runs a checker in check mode, against the content as it will be, with everything else planned by then. */
async function validateStaged(
  { session, account }: Place,
  listed: ListedTask,
  validation: Validation,
  plan: Plan<unknown>,
): Promise<Verdict> {
  const [step] = applyKeywords(listed, [checkStep(session.state, validation, plan, false)]);
  const [reply] = step ? await session.exchange(account, [step], []) : [];
  return verdictOf(reply, validation, session.state.beyondFiles !== undefined);
}

function verdictOf(reply: LaneReply | undefined, validation: Validation, mayCome: boolean): Verdict {
  if (!reply || reply.code === noStaging)
    return { is: 'not validated', why: reply?.stderr.toString('utf8').trim() ?? 'no answer' };
  const tool = validation.shown.trim().split(/\s+/)[0] ?? '';
  if (reply.code === 127 && mayCome) return { is: 'not validated', why: `${tool} is not installed yet` };
  if (reply.code === 0) return { is: 'accepted' };
  // What a new package's scripts make is not there yet, and a checker may miss it. Other complaints are meant.
  const missed = mayCome ? missing(`${reply.stderr.toString('utf8')}\n${reply.stdout.toString('utf8')}`) : undefined;
  if (missed !== undefined)
    return { is: 'not validated', why: `${tool} misses something that is not there yet: ${missed}` };
  return { is: 'refused', failure: { ...refusalOf(validation), reply } };
}

/** A script means little to someone reading why it refused; its first line tells which one it is. */
function firstLine(command: string): string {
  const [first = '', ...others] = command.trim().split('\n');
  return others.length === 0 ? first : `${first} ...`;
}

const lacks =
  /(?:unknown|no such|invalid|nonexistent) (?:user|group)|cannot find (?:user|group)|getpwnam|getgrnam|shared object|no such file or directory|permission denied|connection refused/i;

/** The line in which a checker complains about something missing. */
function missing(said: string): string | undefined {
  return said
    .split('\n')
    .find((line) => lacks.test(line))
    ?.trim();
}

/** Check mode: the plan with its validator's output, or why it is refused. */
export async function validated<E extends { readonly plan: Plan<unknown>; readonly assumed: readonly string[] }>(
  place: Place,
  listed: ListedTask,
  evaluation: E,
): Promise<E | { readonly refused: FailureSource }> {
  const { validate } = evaluation.plan;
  if (!validate) return evaluation;
  const verdict = await validateStaged(place, listed, validate, evaluation.plan);
  if (verdict.is === 'refused') return { refused: verdict.failure };
  return verdict.is === 'accepted'
    ? evaluation
    : { ...evaluation, assumed: [...evaluation.assumed, `not validated (${verdict.why})`] };
}
