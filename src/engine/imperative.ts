import type { ImperativeContext, Step, StepOutput } from '../contract/index.ts';
import { PlayError } from '../errors/index.ts';
import type { ListedTask } from '../playbook/index.ts';
import type { HostContext } from './host-context.ts';
import { misunderstood } from './misunderstood.ts';
import { packSteps, stepOutput, type PendingChange } from './pack.ts';
import type { Place } from './place.ts';
import { applyKeywords } from './step-keywords.ts';
import type { FailureSource } from './task-event.ts';

/** A step that failed on the host while an imperative plan was carried out. */
class StepFailed extends PlayError {
  override name = 'StepFailed';
  readonly failure: FailureSource;
  constructor(failure: FailureSource) {
    super(failure.what);
    this.failure = failure;
  }
}

/** Carries out a plan that is no list of steps. @returns its result, or why it failed */
export async function runImperative(
  context: HostContext,
  { plan, listed, place }: PendingChange,
): Promise<{ result: unknown; failure: FailureSource | undefined }> {
  try {
    return { result: await plan.imperative?.(contextOf(context, listed, place)), failure: undefined };
  } catch (error) {
    if (error instanceof StepFailed) return { result: plan.result, failure: error.failure };
    if (!(error instanceof PlayError)) return { result: plan.result, failure: misunderstood(error) };
    return {
      result: plan.result,
      failure: {
        what: error.message,
        ...(error.hint ? { hint: error.hint } : {}),
        output: { code: 1, stdout: '', stderr: error.detail ?? '' },
      },
    };
  }
}

function contextOf(context: HostContext, listed: ListedTask, { session, account }: Place): ImperativeContext {
  return {
    host: session.host,
    signal: context.signal,
    isThisMachine: session.connection.target.transport === 'local',
    ask: async (text, instead) => {
      const answer = await context.input.ask?.({ host: session.host, text }, context.signal);
      if (answer === undefined) throw new PlayError('There is no terminal to ask at', { hint: instead });
      return answer;
    },
    run: async (step) => {
      // An exit code is left to `failedWhen` where there is one.
      const tolerant = listed.task.keywords.failedWhen === undefined ? step : { ...step, anyExit: true };
      const [dressed = tolerant] = applyKeywords(listed, [tolerant]);
      const replies = await session.exchange(
        account,
        packSteps([dressed]).map((one) => one.request),
        [],
      );
      return outputOrFailure(dressed, replies[0]);
    },
    progress: (text) =>
      context.input.listener({
        event: 'working',
        host: context.session.host,
        task: `${listed.name} (${text})`,
        ...(listed.inherited.noLog ? { hidden: true } : {}),
      }),
    reconnect: () => session.reconnect(),
    recover: () => session.recover(context.signal),
  };
}

function outputOrFailure(step: Step, reply: Parameters<typeof stepOutput>[1] | undefined): StepOutput {
  if (!reply) throw new Error('a step that was sent has no reply');
  if (reply.code === 0 || step.anyExit) return stepOutput(step, reply);
  const what = step.label === undefined ? 'The change failed on the host' : `Could not ${step.label}`;
  throw new StepFailed({ what: reply.code === 124 ? `${what}: it took too long and was ended` : what, reply });
}
