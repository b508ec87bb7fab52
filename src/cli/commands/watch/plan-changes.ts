import type { ShownEvent, ShownTaskEvent } from '../../../report/index.ts';

/** What a plan says that a reader would want to know: all but tasks that are right. */
export type ToldEvent =
  | ShownTaskEvent
  | Extract<ShownEvent, { event: 'unreachable' | 'host-failed' | 'held' | 'gone' }>;

/** A plan by what it tells: a line for each task and host, told apart by what is shown of it. */
export type ToldPlan = ReadonlyMap<string, { readonly event: ToldEvent; readonly content: string }>;

/** What two plans of one playbook tell differently. */
export interface PlanChanges {
  /** New, or told otherwise than before. */
  readonly shown: readonly ToldEvent[];
  /** No part of the plan any more. */
  readonly gone: readonly ToldEvent[];
}

/** What a plan tells, out of its events. */
export function toldPlan(events: readonly ShownEvent[]): ToldPlan {
  const plan = new Map<string, { readonly event: ToldEvent; readonly content: string }>();
  for (const event of events) {
    if (!isTold(event)) continue;
    const name = nameOf(event);
    // Tasks may share a name: the first stays the first.
    let key = name;
    for (let count = 2; plan.has(key); count += 1) key = `${name}\0${count}`;
    plan.set(key, { event, content: contentOf(event) });
  }
  return plan;
}

/** In the order of the plans. */
export function planChanges(before: ToldPlan, after: ToldPlan): PlanChanges {
  return {
    shown: [...after]
      .filter(([key, { content }]) => before.get(key)?.content !== content)
      .map(([, { event }]) => event),
    gone: [...before].filter(([key]) => !after.has(key)).map(([, { event }]) => event),
  };
}

/** How many tasks would change, or may, and on how many hosts. */
export function planCounts(plan: ToldPlan): {
  readonly tasks: number;
  readonly hosts: number;
  readonly failed: number;
} {
  const all = [...plan.values()].map(({ event }) => event);
  const changing = all.filter((event) => isTask(event) && (event.status === 'changed' || event.may !== null));
  return {
    tasks: changing.length,
    hosts: new Set(changing.map(({ host }) => host)).size,
    failed: all.filter((event) => !isTask(event) || event.status === 'failed' || event.status === 'unreachable').length,
  };
}

export const isTask = (event: ShownEvent): event is ShownTaskEvent =>
  event.event === 'task' || event.event === 'handler';

function isTold(event: ShownEvent): event is ToldEvent {
  if (!isTask(event)) return ['unreachable', 'host-failed', 'held', 'gone'].includes(event.event);
  const isRight = event.status === 'ok' || event.status === 'skipped';
  return !isRight || event.may !== null || event.assumed.length > 0 || event.message !== null;
}

const nameOf = (event: ToldEvent): string =>
  isTask(event)
    ? [event.event, event.host, event.role ?? '', event.task].join('\0')
    : [event.event, event.host].join('\0');

/** Everything but what each run has another of. */
function contentOf(event: ToldEvent): string {
  if (!isTask(event)) return JSON.stringify(event);
  const { seconds: _, output: _output, ...content } = event;
  // Where the task stands moves with every line above it.
  return JSON.stringify(content, (key, value: unknown) => (key === 'at' ? undefined : value));
}
