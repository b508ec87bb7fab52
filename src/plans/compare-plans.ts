import { compareChanges, telling, type ChangeMove } from './compare-changes.ts';
import { compareOptions } from './compare-options.ts';
import { movedInputs, type InputKind, type MovedInput } from './moved-inputs.ts';
import { taskKey } from './planned-task.ts';
import type { Plan, PlannedHost, PlannedTask } from './schema.ts';

/** What moved since the plan was made. `fact`: nothing of the project did, so what a host, a script or a command says. */
export type Cause = InputKind | 'host' | 'archive' | 'secret' | 'fact' | 'play';

/** One thing that would not be done as the plan says. */
export interface Move {
  readonly host: string;
  /** The task, with its role; left out where the host as a whole is meant. */
  readonly task?: string;
  /** Where the task is written. */
  readonly at?: string;
  readonly causes: readonly Cause[];
  /** As a clause. */
  readonly text: string;
}

/** How what would be done now differs from a plan. */
export interface Comparison {
  /** Empty: it is the same. */
  readonly moves: readonly Move[];
  /** What of the project moved, whether it makes a difference or not. */
  readonly inputs: readonly MovedInput[];
}

/**
 * Compares what would be done now with what a plan says, host by host. Tasks that do nothing are not compared: what has
 * been read is what would be done.
 *
 * @param isNarrowed only some of the hosts of the plan are meant
 */
export function comparePlans(plan: Plan, now: Plan, isNarrowed = false): Comparison {
  const inputs = [
    ...movedInputs(plan, now),
    ...(plan.play === now.play ? [] : [{ kind: 'play', name: now.play } as const]),
  ];
  const moves: Move[] = [];
  for (const [host, wanted] of Object.entries(now.hosts)) {
    const planned = Object.hasOwn(plan.hosts, host) ? plan.hosts[host] : undefined;
    if (planned === undefined) moves.push({ host, causes: ['inventory'], text: 'it is not in the plan' });
    else moves.push(...compareHost(host, planned, wanted, causesOf(inputs)));
  }
  for (const host of Object.keys(plan.hosts))
    if (!isNarrowed && !Object.hasOwn(now.hosts, host))
      moves.push({ host, causes: ['inventory'], text: 'it is in the plan, but would be left out now' });
  return { moves, inputs: inputs.filter((one): one is MovedInput => one.kind !== 'play') };
}

/** What may have changed what is wanted. */
function causesOf(inputs: readonly { readonly kind: Cause }[]): readonly Cause[] {
  const kinds = [...new Set(inputs.map(({ kind }) => kind))];
  return kinds.length > 0 ? kinds : ['fact'];
}

function compareHost(host: string, planned: PlannedHost, now: PlannedHost, wanted: readonly Cause[]): Move[] {
  if (planned.out?.is !== now.out?.is)
    return [
      {
        host,
        causes: ['host'],
        text:
          now.out === undefined
            ? `the plan has it as ${planned.out?.is ?? ''}, but now it takes part`
            : `${now.out.is}: ${now.out.why}`,
      },
    ];
  const moves: Move[] = [];
  const [before, after] = [dueTasks(planned), dueTasks(now)];
  for (const [key, task] of after) {
    const known = before.get(key);
    if (known === undefined)
      moves.push(
        moveOf(host, task, wanted[0] === 'fact' ? ['host'] : [...wanted, 'host'], newText(task, planned, key)),
      );
    else moves.push(...compareTasks(known, task).map((move) => moveOf(host, task, causesFor(move, wanted), move.text)));
  }
  for (const [key, task] of before)
    if (!after.has(key))
      moves.push(
        moveOf(
          host,
          task,
          goneCauses(now, key, wanted),
          hasTask(now, key) ? 'nothing is left to do' : 'there is no such task',
        ),
      );
  const common = [...before.keys()].filter((key) => after.has(key));
  const order = [...after.keys()].filter((key) => before.has(key));
  const first = order.findIndex((key, i) => key !== common[i]);
  const swapped = after.get(order[first] ?? '');
  if (swapped !== undefined) moves.push(moveOf(host, swapped, ['code'], 'it comes at a different place'));
  return moves;
}

/** What is to be done, in order. A handler may be due several times. */
function dueTasks({ plays }: PlannedHost): Map<string, PlannedTask> {
  const due = new Map<string, PlannedTask>();
  for (const [key, task] of allTasks(plays)) if (isDue(task)) due.set(key, task);
  return due;
}

function* allTasks(plays: PlannedHost['plays']): Generator<readonly [string, PlannedTask]> {
  for (const { part, tasks } of plays) {
    const seen = new Map<string, number>();
    for (const task of tasks) {
      const key = taskKey(task);
      const times = seen.get(key) ?? 0;
      seen.set(key, times + 1);
      yield [`${part}\0${key}\0${times}`, task];
    }
  }
}

function hasTask({ plays }: PlannedHost, wanted: string): boolean {
  return [...allTasks(plays)].some(([key]) => key === wanted);
}

/** Whether it does something, or may. */
export function isDue({ status, may }: PlannedTask): boolean {
  return may !== undefined || (status !== 'ok' && status !== 'skipped');
}

function newText(task: PlannedTask, planned: PlannedHost, key: string): string {
  const does = task.may === undefined ? 'would change' : 'may change';
  return hasTask(planned, key) ? `it ${does}, but the plan expects no change` : `it ${does}, but is not in the plan`;
}

function goneCauses(now: PlannedHost, key: string, wanted: readonly Cause[]): readonly Cause[] {
  if (wanted[0] === 'fact') return ['host'];
  return hasTask(now, key) ? [...wanted, 'host'] : wanted;
}

function compareTasks(planned: PlannedTask, now: PlannedTask): ChangeMove[] {
  const how = compareHow(planned, now);
  if (planned.status !== now.status || (planned.may === undefined) !== (now.may === undefined))
    return [...how, { of: 'either', text: `it ${foretold(now)}; the plan says it ${foretold(planned)}` }];
  return telling([...how, ...compareChanges(planned.changes ?? [], now.changes ?? [])]);
}

/**
 * What is not of the changes themselves: of what, by whom, where, with which secrets.
 *
 * @param isSure false: the plan rests on an assumption there, so that what its options read may have come otherwise
 */
export function compareHow(planned: PlannedTask, now: PlannedTask, isSure = true): ChangeMove[] {
  const moves: ChangeMove[] = [];
  if (planned.resource !== now.resource)
    moves.push({ of: 'wanted', text: `it is a ${now.resource}, but in the plan a ${planned.resource}` });
  else if (isSure) moves.push(...compareOptions(planned.options, now.options));
  if (planned.account !== now.account)
    moves.push({
      of: 'wanted',
      text: `it is done as ${now.account ?? 'the login user'}, in the plan as ${planned.account ?? 'the login user'}`,
    });
  if (planned.delegatedTo !== now.delegatedTo)
    moves.push({
      of: 'wanted',
      text: `it is done on ${now.delegatedTo ?? 'the host itself'}, in the plan on ${planned.delegatedTo ?? 'the host itself'}`,
    });
  if (planned.secrets !== now.secrets) moves.push({ of: 'secret', text: 'a secret it uses is a different one' });
  return moves;
}

function foretold({ status, may }: PlannedTask): string {
  if (may !== undefined) return 'may change something';
  return {
    ok: 'is right',
    changed: 'would change',
    skipped: 'is skipped',
    failed: 'would fail',
    unreachable: 'is out of reach',
    held: 'is held',
  }[status];
}

function causesFor({ of }: ChangeMove, wanted: readonly Cause[]): readonly Cause[] {
  switch (of) {
    case 'wanted':
      return wanted;
    case 'either':
      return wanted[0] === 'fact' ? ['host'] : [...wanted, 'host'];
    default:
      return [of];
  }
}

function moveOf(host: string, task: PlannedTask, causes: readonly Cause[], text: string): Move {
  return { host, task: taskTitle(task), ...(task.at === undefined ? {} : { at: task.at }), causes, text };
}

/** A task as reports call it. */
export function taskTitle({ role, task, handler }: PlannedTask): string {
  return `${role === undefined ? '' : `${role} : `}${task}${handler ? ' (handler)' : ''}`;
}
