import { PlayError } from '../errors/index.ts';
import { placeOf } from './call-site.ts';
import type { Handler } from './handler.ts';
import type { PlacedItem } from './placed-items.ts';
import { withScope, type Scope } from './scope.ts';
import type { Service } from './service.ts';
import { Task } from './task.ts';
import { callUserCode } from './user-code.ts';

/** A handler's task, made as the tasks of a role (or play) are. */
export function handlerTask(handler: Handler, scope: Scope): Task {
  const body = (): unknown => withScope({ ...scope, made: new Set() }, () => handler.body(scope));
  const task = callUserCode(`The handler "${handler.name}"`, handler, body);
  if (!(task instanceof Task))
    throw new PlayError(`The handler "${handler.name}" does not return a task`, placeOf(handler));
  if (task.keywords.name !== undefined && task.keywords.name !== handler.name)
    throw new PlayError(`The task of the handler "${handler.name}" has a name of its own, "${task.keywords.name}"`, {
      ...placeOf(handler),
      hint: 'Leave it out: output, `--start-at-task` and records know a handler by its own name.',
    });
  return task;
}

/** A task with the service it is part of: a handler is part of the first that notifies it. */
export interface ServedTask {
  readonly task: Task;
  readonly service: Service | undefined;
}

/** The tasks of an item as written, in the order in which they stand; those of roles in it are the roles' own. */
export function servedTasks(item: PlacedItem, outer: Service | undefined): readonly ServedTask[] {
  const service = item.keywords.service ?? outer;
  if (item instanceof Task) return [{ task: item, service }];
  if (item.scope !== undefined) return [];
  const { rescue, always } = item;
  return [...item.tasks, ...(item.trial?.healthy ?? []), ...rescue, ...always].flatMap((one) =>
    servedTasks(one, service),
  );
}
