import { kindOf, type Finding } from './oracle.ts';
/** Makes a failing round smaller as long as it fails in the same way. */
import { tasksOf, type ItemSpec, type Round, type TaskSpec } from './round.ts';
import { readBy } from './values.ts';

export interface Failing {
  readonly round: Round;
  readonly finding: Finding;
}

/** @param judge what is found in a round; @param until when to stop (ms since 1970) */
export async function minimise(
  failing: Failing,
  judge: (round: Round) => Promise<Finding | undefined>,
  until: number,
): Promise<Failing> {
  let best = failing;
  for (let found = true; found;) {
    found = false;
    for (const smaller of steps(best.round, best.finding.task)) {
      if (Date.now() > until) return best;
      const finding = await judge(smaller).catch(() => undefined);
      if (!finding || kindOf(finding) !== kindOf(failing.finding)) continue;
      best = { round: smaller, finding };
      found = true;
      break;
    }
  }
  return best;
}

/** Each a bit less than the round, the largest steps first. @param failed the task it shows at */
function* steps(round: Round, failed: string): Generator<Round> {
  const { items, host, handlers } = round;
  const last = items.findIndex((item) =>
    tasksOf([item]).some(({ name, resource }) => `${name} ${resource}` === failed),
  );
  if (last >= 0 && last < items.length - 1) yield { ...round, items: items.slice(0, last + 1) };
  for (let size = items.length >> 1; size >= 1; size >>= 1) {
    for (let at = items.length - size; at >= 0; at -= size)
      yield* sound({ ...round, items: [...items.slice(0, at), ...items.slice(at + size)] });
  }
  for (let i = 0; i < items.length; i++)
    for (const item of smallerItems(items[i]))
      yield* sound({ ...round, items: [...items.slice(0, i), ...item, ...items.slice(i + 1)] });
  for (let i = 0; i < handlers.length; i++) yield { ...round, handlers: handlers.filter((_, at) => at !== i) };
  for (let size = host.length >> 1; size >= 1; size >>= 1) {
    for (let at = host.length - size; at >= 0; at -= size)
      yield { ...round, host: [...host.slice(0, at), ...host.slice(at + size)] };
  }
}

/** The round, unless tasks are left that read the result of one that is gone. */
function* sound(round: Round): Generator<Round> {
  const names = new Set<string>();
  for (const task of tasksOf(round.items)) {
    if (readBy(task).some((name) => !names.has(name))) return;
    names.add(task.name);
  }
  if (names.size > 0) yield round;
}

function* smallerItems(item: ItemSpec | undefined): Generator<ItemSpec[]> {
  if (!item) return;
  if (item.kind === 'task') {
    for (const task of smallerTasks(item)) yield [task];
    return;
  }
  yield [...item.tasks];
  for (const part of ['tasks', 'rescue', 'always'] as const) {
    for (let i = 0; i < item[part].length; i++)
      if (part !== 'tasks' || item.tasks.length > 1)
        yield [{ ...item, [part]: item[part].filter((_, at) => at !== i) }];
  }
}

function* smallerTasks(task: TaskSpec): Generator<TaskSpec> {
  for (const name of Object.keys(task.keywords)) yield { ...task, keywords: without(task.keywords, name) };
  for (const name of Object.keys(task.options)) yield { ...task, options: without(task.options, name) };
}

function without<T extends object>(from: T, name: string): T {
  return Object.fromEntries(Object.entries(from).filter(([key]) => key !== name)) as T;
}
