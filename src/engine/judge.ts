import { Unknowable } from '../contract/index.ts';
import { PlayError } from '../errors/index.ts';
import { callUserCode, placeOf, type ListedTask, type RunContext, type TaskOutcome } from '../playbook/index.ts';
import { openResult } from './evaluate.ts';

/** What the playbook's own functions make of a task's result. */
export interface Judgement {
  readonly changed: boolean;
  /** Why it counts as failed; undefined when it does not. */
  readonly failure: string | undefined;
  /** Check mode: why a function of the playbook could not judge yet. */
  readonly open?: string;
}

type Judge = 'failedWhen' | 'changedWhen' | 'until';

/** Whether functions of the playbook judge the result, and not the resource alone. */
export function isJudged({ task }: ListedTask): boolean {
  return task.keywords.failedWhen !== undefined || task.keywords.changedWhen !== undefined;
}

/**
 * Applies `changedWhen` and `failedWhen` to the outcome. In check mode a result may be open (`open` says why): a
 * judgement that reads it is open too.
 */
export function judge(
  listed: ListedTask,
  result: unknown,
  came: Judgement,
  context: RunContext,
  open?: string,
): Judgement {
  const outcome = (changed: boolean): TaskOutcome => {
    const known = { changed, failed: came.failure !== undefined, skipped: false };
    return open === undefined ? { ...fields(result), ...known } : openResult(known, open);
  };
  const unknown: string[] = [];
  const onUnknown = (why: string): undefined => void unknown.push(why);
  const changed = ask(listed, 'changedWhen', outcome(came.changed), context, onUnknown) ?? came.changed;
  const failed = ask(listed, 'failedWhen', outcome(changed), context, onUnknown);
  const failure =
    failed === undefined ? came.failure : failed ? (came.failure ?? `"failedWhen" holds for its result`) : undefined;
  return { changed, failure, ...(unknown[0] === undefined ? {} : { open: unknown[0] }) };
}

/** Whether `until` holds; true where there is none. */
export function isEnough(listed: ListedTask, result: unknown, came: Judgement, context: RunContext): boolean {
  return (
    ask(
      listed,
      'until',
      { ...fields(result), changed: came.changed, failed: came.failure !== undefined, skipped: false },
      context,
    ) ?? true
  );
}

function fields(result: unknown): Readonly<Record<string, unknown>> {
  return typeof result === 'object' && result !== null ? { ...result } : {};
}

function ask(
  { task }: ListedTask,
  judge: Judge,
  result: TaskOutcome,
  context: RunContext,
  onUnknown: (why: string) => undefined = () => undefined,
): boolean | undefined {
  const wanted = task.keywords[judge] as boolean | ((context: unknown) => unknown) | undefined;
  if (typeof wanted !== 'function') return wanted;
  let answer: unknown;
  try {
    answer = callUserCode(
      `"${judge}" of the task "${task.name}"`,
      task,
      () => wanted({ ...context, result }),
      (error) => error instanceof Unknowable,
    );
  } catch (error) {
    // Check mode: it needs what is known only once the task has run.
    if (error instanceof Unknowable) return onUnknown(error.message);
    throw error;
  }
  if (typeof answer === 'boolean') return answer;
  throw new PlayError(
    `"${judge}" of the task "${task.name}" gives ${String(answer)}, which is neither true nor false`,
    placeOf(task),
  );
}

/** Whether what a task comes to is decided by more than its host as it is: by time, or by other hosts. */
export function dependsOnOthers({ gate, inherited, task }: ListedTask, host: string): boolean {
  const { delegateTo = host, runOnce } = inherited;
  return gate !== undefined || delegateTo !== host || Boolean(runOnce) || task.keywords.until !== undefined;
}

/** Whether a task takes its turn by itself: its outcome decides what happens next, or it happens elsewhere. */
export function isSolo(listed: ListedTask): boolean {
  const { ignoreErrors, ignoreUnreachable, delegateTo, runOnce, throttle } = listed.inherited;
  return (
    listed.gate !== undefined ||
    Boolean(ignoreErrors) ||
    Boolean(ignoreUnreachable) ||
    delegateTo !== undefined ||
    throttle !== undefined ||
    Boolean(runOnce) ||
    isJudged(listed) ||
    listed.task.keywords.until !== undefined
  );
}
