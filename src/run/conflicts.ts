import { isDeepStrictEqual } from 'node:util';
import { preparedOf } from '../engine/index.ts';
import { locationText, PlayError } from '../errors/index.ts';
import { placeOf, type HostTasks, type ListedTask } from '../playbook/index.ts';

/**
 * Two tasks of one play that each manage the same path whole undo one another at every run.
 *
 * @throws PlayError naming both, unless they want the same, or one of them is conditional
 */
export function refuseConflicts(host: string, { tasks }: HostTasks): void {
  const owners = new Map<string, ListedTask>();
  for (const listed of tasks) {
    for (const path of ownedPaths(listed)) {
      const other = owners.get(path);
      if (other && !isDeepStrictEqual(preparedOf(other.task), preparedOf(listed.task)))
        throw conflict(host, path, other, listed);
      owners.set(path, listed);
    }
  }
}

function ownedPaths({ task }: ListedTask): readonly string[] {
  const ready = preparedOf(task);
  if (ready === undefined || task.keywords.when !== undefined) return [];
  return task.body.resource.owns?.(ready as never) ?? [];
}

function conflict(host: string, path: string, first: ListedTask, second: ListedTask): PlayError {
  const place = (listed: ListedTask): string =>
    `"${listed.task.name}"${listed.task.at ? ` at ${locationText(listed.task.at)}` : ''}`;
  return new PlayError(`Two tasks for ${host} want different things of ${path}: ${place(first)} and ${place(second)}`, {
    ...placeOf(second.task),
    hint: 'Each would undo the other at every run. Leave one out, or give one a `when`.',
  });
}
