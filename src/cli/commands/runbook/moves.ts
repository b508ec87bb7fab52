import type { TaskContext } from '../../../contract/index.ts';
import { PlayError, unknownName } from '../../../errors/index.ts';
import type { Attempt } from '../../../operator/runbook-record.ts';
import {
  isQuestion,
  Playbook,
  type PlaySpec,
  type Runbook,
  type RunbookStep,
  type WorkStep,
} from '../../../playbook/index.ts';

/** What is done of a step: it, its inverse, or once more the question whether it holds. */
export type Work = 'do' | 'undo' | 'recheck';

/** A step to take, with its plays. */
export interface Move {
  readonly step: RunbookStep;
  /** `2/4 stop the frontend`. */
  readonly title: string;
  readonly work: Work;
  readonly plays: readonly PlaySpec[];
}

/** What a step does always, as a play; nothing for most. */
export interface Cleanup {
  readonly step: RunbookStep;
  readonly play: PlaySpec;
}

export interface Course {
  readonly moves: readonly Move[];
  /** In the order in which they are done: the last step's first. */
  readonly cleanups: readonly Cleanup[];
  /** Why it goes no further than the last move. */
  readonly end?: string;
}

export interface CourseRequest {
  readonly runbook: Runbook;
  readonly steps: readonly RunbookStep[];
  /** What is known of the last attempt. */
  readonly attempt: Attempt | undefined;
  readonly from: string | undefined;
}

/** The parts of a step, each as a play: what the operator's page lists. */
export function partsOf(
  runbook: Runbook,
  step: WorkStep,
): { readonly part: Part; readonly plays: readonly PlaySpec[] }[] {
  const { roles = [], playbook } = step;
  const own = (tasks: WorkStep['tasks']): PlaySpec => ({ ...base(step), tasks: bound(runbook, tasks) });
  return parts.flatMap((part): { readonly part: Part; readonly plays: readonly PlaySpec[] }[] => {
    const tasks = step[part];
    if (part !== 'tasks') return tasks === undefined ? [] : [{ part, plays: [own(tasks)] }];
    return [{ part, plays: [...playsIn(playbook), { ...own(tasks), roles }] }];
  });
}

const parts = ['before', 'tasks', 'after', 'always', 'back'] as const;
export type Part = (typeof parts)[number];

/** The steps that are still to be done, and those irreversible ones before them that must hold. */
export function forward({ runbook, steps, attempt, from }: CourseRequest): Course {
  const start = from === undefined ? 0 : indexOf(steps, from);
  const moves = steps.flatMap((step, i): Move[] => {
    const isDone = attempt?.steps[step.name]?.status === 'done';
    const isLeftOut = i < start || (from === undefined && isDone);
    const title = titleOf(steps, i);
    if (!isLeftOut) return [{ step, title, work: 'do', plays: isQuestion(step) ? [] : playsOf(runbook, step, title) }];
    if (isQuestion(step) || !isDone || step.irreversible !== true) return [];
    const play = { ...base(step), name: `check again ${title}`, tasks: bound(runbook, step.after) };
    return [{ step, title, work: 'recheck', plays: [play] }];
  });
  return { moves, cleanups: cleanupsOf(runbook, steps) };
}

/** The inverse steps of what was begun, the last first; of all steps where nothing is on record. */
export function backward({ runbook, steps, attempt, from }: CourseRequest): Course {
  const last = from === undefined ? steps.length - 1 : indexOf(steps, from);
  const isKnown = from === undefined && Object.values(attempt?.steps ?? {}).some(({ status }) => status !== 'undone');
  const moves: Move[] = [];
  for (let i = last; i >= 0; i--) {
    const step = steps[i];
    if (step === undefined || isQuestion(step)) continue;
    const title = titleOf(steps, i);
    const record = attempt?.steps[step.name];
    const status = record?.status;
    if (isKnown && (status === undefined || status === 'undone')) continue;
    if (step.irreversible === true && (status === undefined || status === 'undone')) continue;
    if (step.irreversible === true) {
      const end = `cannot go further back: ${title} is irreversible, ${status} since ${record?.at} by ${record?.by}`;
      if (moves.length === 0) throw new PlayError(`The runbook ${end}`);
      return { moves, cleanups: cleanupsOf(runbook, steps), end };
    }
    if (step.back === undefined) continue;
    const play = { ...base(step), name: `back ${title}`, tasks: bound(runbook, step.back) };
    moves.push({ step, title, work: 'undo', plays: [play] });
  }
  if (moves.length === 0)
    throw new PlayError('There is nothing to undo', {
      hint: 'No step that was begun has an inverse. `status` shows what was done.',
    });
  return { moves, cleanups: cleanupsOf(runbook, steps) };
}

/** `2/4 stop the frontend`. */
function titleOf(steps: readonly RunbookStep[], index: number): string {
  return `${index + 1}/${steps.length} ${steps[index]?.name ?? ''}`;
}

/** By name, or by number from 1 on. */
function indexOf(steps: readonly RunbookStep[], from: string): number {
  const index = steps.findIndex(({ name }) => name === from);
  if (index >= 0) return index;
  const number = Number(from);
  if (Number.isInteger(number) && number >= 1 && number <= steps.length) return number - 1;
  throw unknownName(
    'step',
    from,
    steps.map(({ name }) => name),
  );
}

type Tasks = PlaySpec['tasks'];

/** A step's function of the runbook's variables as one of all variables. */
function bound(runbook: Runbook, tasks: WorkStep['tasks']): NonNullable<Tasks> {
  return (context: TaskContext) =>
    tasks?.({ ...context, vars: runbook.variables(context.host.name, context.vars) }) ?? [];
}

function base({
  name: _name,
  description: _description,
  confirm: _confirm,
  before: _before,
  playbook: _playbook,
  tasks: _tasks,
  after: _after,
  back: _back,
  always: _always,
  irreversible: _irreversible,
  roles: _roles,
  ...play
}: WorkStep): Omit<PlaySpec, 'roles'> {
  return play;
}

function playsOf(runbook: Runbook, step: WorkStep, name: string): PlaySpec[] {
  const { before, tasks, after, roles, playbook } = step;
  const preTasks = before && { preTasks: bound(runbook, before) };
  const postTasks = after && { postTasks: bound(runbook, after) };
  const own = { ...(roles ? { roles } : {}), tasks: bound(runbook, tasks) };
  if (playbook === undefined) return [{ ...base(step), name, ...preTasks, ...own, ...postTasks }];
  return [
    ...(preTasks ? [{ ...base(step), name: `${name}: before`, ...preTasks }] : []),
    ...playsIn(playbook),
    { ...base(step), name, ...own, ...postTasks },
  ];
}

/** One that was given by name is there by now (`withPlaybook`). */
const playsIn = (playbook: WorkStep['playbook']): readonly PlaySpec[] =>
  playbook instanceof Playbook ? playbook.plays : [];

function cleanupsOf(runbook: Runbook, steps: readonly RunbookStep[]): Cleanup[] {
  return steps
    .flatMap((step, i): Cleanup[] => {
      if (isQuestion(step) || step.always === undefined) return [];
      return [
        { step, play: { ...base(step), name: `always ${titleOf(steps, i)}`, tasks: bound(runbook, step.always) } },
      ];
    })
    .toReversed();
}
