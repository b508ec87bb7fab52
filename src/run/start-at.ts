import { unknownName } from '../errors/index.ts';
import { filterItems, flatten, type HostTasks, type ListedTask } from '../playbook/index.ts';
import type { PreparedPlay } from './types.ts';

/**
 * Leaves out everything before a task, as ansible-playbook's `--start-at-task` does: the plays before the one that has
 * it, and in that play the tasks before it. A host of that play without the task has nothing to do there. Handlers
 * stay.
 *
 * @param wanted a task's name, `role : name`, or a glob for either
 * @throws PlayError naming the nearest tasks
 */
export function startAt(wanted: string, plays: readonly PreparedPlay[]): PreparedPlay[] {
  const tasksOf = ({ selected }: PreparedPlay): readonly ListedTask[] =>
    [...selected.values()].flatMap(({ tasks }) => tasks);
  const first = plays.findIndex((play) => tasksOf(play).some((task) => isCalled(wanted, task)));
  if (first < 0)
    throw unknownName('task', wanted, plays.flatMap(tasksOf).flatMap(namesOf), { where: '--start-at-task' });
  return plays.map((play, index) => {
    if (index > first) return play;
    const selected = new Map(
      [...play.selected].map(([host, list]) => [
        host,
        index < first ? { ...list, items: [], tasks: [] } : from(wanted, list),
      ]),
    );
    return { ...play, selected };
  });
}

function from(wanted: string, list: HostTasks): HostTasks {
  let begun = false;
  const items = filterItems(list.items, (task) => (begun ||= isCalled(wanted, task)) || task.gate !== undefined);
  return { ...list, items, tasks: items.flatMap(flatten) };
}

function namesOf({ name, role }: ListedTask): string[] {
  return role === null ? [name] : [name, `${role} : ${name}`];
}

function isCalled(wanted: string, task: ListedTask): boolean {
  const glob = new RegExp(
    `^${wanted
      .split('*')
      .map((part) => part.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('?', '.'))
      .join('.*')}$`,
    's',
  );
  return namesOf(task).some((name) => name === wanted || glob.test(name));
}
