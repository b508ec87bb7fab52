import type { Plan } from '../contract/index.ts';
import type { ListedTask } from '../playbook/index.ts';
import type { Evaluation } from './evaluate.ts';
import type { TaskEvent } from './events.ts';
import type { HostContext, TaskKind } from './host-context.ts';
import type { Sent } from './sender.ts';
import { failureEvent, outputOf, taskEvent, type FailureSource } from './task-event.ts';

/** Check mode: why what a task answers cannot be read. */
export function openReason({ name }: ListedTask): string {
  return `what "${name}" answers is known only once it has run`;
}

type Finished = Evaluation & { is: 'planned' | 'skipped' | 'unknown' };

/** The event of a task for which nothing is sent. */
export function finishedEvent(context: HostContext, listed: ListedTask, kind: TaskKind, evaluation: Finished): TaskEvent {
  const base = context.base(listed, kind);
  if (evaluation.is === 'skipped') return taskEvent(base, { status: 'skipped', assumed: evaluation.assumed, may: undefined });
  if (evaluation.is === 'unknown') return taskEvent(base, { status: 'ok', assumed: [], may: evaluation.why });
  const { plan, assumed, may } = evaluation;
  return taskEvent(base, { ...outcomeOf(plan), assumed, may, output: outputOf(plan.result) });
}

/** Notifies handlers and leaves the result of a task for which nothing is sent. */
export function finish(context: HostContext, listed: ListedTask, evaluation: Finished, event: TaskEvent): void {
  notify(context, listed, event);
  if (event.may !== null) context.foreseeAnything(listed);
  if (isOpen(context, evaluation, event)) context.recordOpen(listed, event);
  else context.record(listed, evaluation.is === 'planned' ? evaluation.plan.result : {}, { changed: event.changed, skipped: event.status === 'skipped' }, event.assumed);
}

/** Check mode: whether what the task comes to is known only once it has run. */
export function isOpen(context: HostContext, evaluation: Finished, event: TaskEvent): boolean {
  return event.may !== null || (evaluation.is === 'planned' && context.input.check && evaluation.plan.unforeseen === true);
}

/** Tells the handlers of a finished task; those of one that only may change may run. */
export function notify(context: HostContext, listed: ListedTask, event: TaskEvent): void {
  if (event.may !== null) context.handlers.mayNotify(listed.notify, `only if "${listed.name}" changes something`);
  else if (event.status === 'changed') context.handlers.notify(listed.notify);
}

/** Tells of a change that was sent. @returns false when it failed */
export function tellSent(context: HostContext, { change, seconds, failure, result }: Sent, kind: TaskKind): boolean {
  const { listed, plan } = change;
  const base = context.base(listed, kind, seconds);
  // What was changed was changed, also where it did not hold: its handlers are due.
  if (!plan.quiet && (!failure || failure.reply === undefined)) context.handlers.notify(listed.notify);
  context.record(listed, result, { changed: hasChanged(plan, failure), failed: failure !== undefined });
  context.tell(failure ? failureEvent(base, failure, plan.changes) : taskEvent(base, { ...outcomeOf(plan), assumed: [], may: undefined, output: outputOf(result) }));
  return failure === undefined;
}

/** A change that failed on the host is taken for none, but for a command: as Ansible counts them. */
export function hasChanged(plan: Plan<unknown>, failure: FailureSource | undefined): boolean {
  return !plan.quiet && (failure === undefined || failure.reply === undefined || plan.unforeseen === true);
}

/** How a planned task counts. Upkeep changes nothing worth telling. */
export function outcomeOf(plan: Plan<unknown>): { status: 'changed' | 'ok'; plan: Plan<unknown> } {
  if (plan.quiet) return { status: 'ok', plan: { ...plan, changes: [] } };
  return { status: plan.changes.length > 0 ? 'changed' : 'ok', plan };
}
