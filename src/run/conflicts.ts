import { isDeepStrictEqual } from 'node:util';
import type { Owned } from '../contract/index.ts';
import { preparedOf } from '../engine/index.ts';
import { locationText, PlayError } from '../errors/index.ts';
import { placeOf, type HostTasks, type ListedTask } from '../playbook/index.ts';

/**
 * Two tasks of one play that each manage the same thing whole undo one another at every run.
 *
 * @throws PlayError naming both, unless they want the same, or one of them is conditional
 */
export function refuseConflicts(host: string, { tasks }: HostTasks): void {
  const owners = new Map<string, { readonly listed: ListedTask; readonly wants: unknown }>();
  for (const listed of tasks) {
    for (const owned of ownedBy(listed)) {
      const key = `${owned.on} ${nameOf(owned)}`;
      const other = owners.get(key);
      const wants = 'wants' in owned ? owned.wants : preparedOf(listed.task);
      if (other && !isDeepStrictEqual(other.wants, wants)) throw conflict(host, nameOf(owned), other.listed, listed);
      owners.set(key, { listed, wants });
    }
  }
}

function ownedBy({ task }: ListedTask): readonly (Owned & { readonly wants?: unknown })[] {
  const ready = preparedOf(task);
  if (ready === undefined || task.keywords.when !== undefined) return [];
  return task.body.resource.owns?.(ready as never) ?? [];
}

function nameOf(owned: Owned): string {
  return owned.on === 'path' ? owned.path : owned.name;
}

function conflict(host: string, what: string, first: ListedTask, second: ListedTask): PlayError {
  const place = (listed: ListedTask): string =>
    `"${listed.task.name}"${listed.task.at ? ` at ${locationText(listed.task.at)}` : ''}`;
  return new PlayError(`Two tasks for ${host} want different things of ${what}: ${place(first)} and ${place(second)}`, {
    ...placeOf(second.task),
    hint: 'Each would undo the other at every run. Leave one out, or give one a `when`.',
  });
}
