import type { BecomeFailed } from '../connection/index.ts';
import type { ListedTask } from '../playbook/index.ts';
import type { Evaluation } from './evaluate.ts';
import type { TaskEvent } from './events.ts';
import type { HostContext } from './host-context.ts';
import type { TaskKind } from './host-run-input.ts';
import { failureEvent, outputOf, type FailureSource } from './task-event.ts';

/**
 * How a list of tasks came out on one host; `held`: it was left alone; `broken`: it failed, and what was there before could
 * not be put back.
 */
export type HostVerdict = 'ok' | 'failed' | 'interrupted' | 'held' | 'broken';

/** Whether a task is known to fail before anything is sent. */
export function isFailure(evaluation: Evaluation): boolean {
  return evaluation.is === 'failed' || (evaluation.is === 'planned' && evaluation.plan.failure !== undefined);
}

export function failureOf(context: HostContext, listed: ListedTask, kind: TaskKind, evaluation: Evaluation): TaskEvent {
  const base = context.base(listed, kind);
  const { hintWhenPartial } = context.input;
  const hinted = (what: string, hint?: string): Pick<FailureSource, 'what' | 'hint'> => {
    const hints = [hint, hintWhenPartial].filter((one) => one !== undefined);
    return { what, ...(hints.length > 0 ? { hint: hints.join('\n') } : {}) };
  };
  if (evaluation.is === 'planned') {
    const { failure = '', hint, result, changes } = evaluation.plan;
    // A prediction that rests on a guess is a guess itself, even where it predicts a failure.
    return {
      ...failureEvent(base, { ...hinted(failure, hint), output: outputOf(result) }, changes),
      assumed: [...new Set(evaluation.assumed)],
    };
  }
  if (evaluation.is === 'failed')
    return {
      ...failureEvent(base, hinted(evaluation.what, evaluation.hint)),
      assumed: [...(evaluation.assumed ?? [])],
    };
  throw new Error('not a failure');
}

/** A task whose account we cannot become. */
export function notAllowed({ message, hint, detail }: BecomeFailed): FailureSource {
  return {
    what: message,
    ...(hint === undefined ? {} : { hint }),
    output: detail === undefined ? undefined : { code: 1, stdout: '', stderr: detail },
  };
}

export function neverRan(name: string): { what: string; hint: string } {
  return {
    what: `It reads the result of the task "${name}", which did not run`,
    hint: 'Put that task before this one; choose it too with -t, or begin with it with --start-at-task.',
  };
}
