import { PlayError } from '../errors/index.ts';
import { callUserCode, placeOf, type ListedTask, type RunContext, type TaskOutcome } from '../playbook/index.ts';
import { Unknowable } from '../probes/index.ts';
import { openResult } from './evaluate.ts';

/** What a task's author makes of its result. */
export interface Judgement {
  readonly changed: boolean;
  /** Why it counts as failed; undefined when it does not. */
  readonly failure: string | undefined;
}

type Judge = 'failedWhen' | 'changedWhen' | 'until';

/** Whether a result is to be judged by functions of the playbook, and not by the resource alone. */
export function isJudged({ task }: ListedTask): boolean {
  return task.keywords.failedWhen !== undefined || task.keywords.changedWhen !== undefined;
}

/**
 * Applies `changedWhen` and `failedWhen` to what came out. In check mode a result may be open (`open` says why): a judgement
 * that reads it is left out.
 */
export function judge(listed: ListedTask, result: unknown, came: Judgement, context: RunContext, open?: string): Judgement {
  const outcome = (changed: boolean): TaskOutcome => {
    const known = { changed, failed: came.failure !== undefined, skipped: false };
    return open === undefined ? { ...fields(result), ...known } : openResult(known, open);
  };
  const changed = ask(listed, 'changedWhen', outcome(came.changed), context) ?? came.changed;
  const failed = ask(listed, 'failedWhen', outcome(changed), context);
  if (failed === undefined) return { changed, failure: came.failure };
  return { changed, failure: failed ? (came.failure ?? `"failedWhen" holds for its result`) : undefined };
}

/** Whether `until` holds; true where there is none. */
export function isEnough(listed: ListedTask, result: unknown, came: Judgement, context: RunContext): boolean {
  return ask(listed, 'until', { ...fields(result), changed: came.changed, failed: came.failure !== undefined, skipped: false }, context) ?? true;
}

function fields(result: unknown): Readonly<Record<string, unknown>> {
  return typeof result === 'object' && result !== null ? { ...result } : {};
}

function ask({ task }: ListedTask, judge: Judge, result: TaskOutcome, context: RunContext): boolean | undefined {
  const wanted = task.keywords[judge] as boolean | ((context: unknown) => unknown) | undefined;
  if (typeof wanted !== 'function') return wanted;
  let answer: unknown;
  try {
    answer = callUserCode(`"${judge}" of the task "${task.name}"`, task, () => wanted({ ...context, result }), (error) => error instanceof Unknowable);
  } catch (error) {
    // Check mode: it needs what is known only once the task has run.
    if (error instanceof Unknowable) return undefined;
    throw error;
  }
  if (typeof answer === 'boolean') return answer;
  throw new PlayError(`"${judge}" of the task "${task.name}" gives ${String(answer)}, which is neither true nor false`, placeOf(task));
}
