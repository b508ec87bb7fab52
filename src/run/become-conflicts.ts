import { locationText, PlayError, type Location } from '../errors/index.ts';
import type { HostTasks, ListedTask, PlaySpec } from '../playbook/index.ts';
import type { Placed, RunRequest } from './types.ts';

/**
 * In Ansible a host's `ansible_become` and `ansible_become_user` silently override what play and task say, which is
 * hardly ever what the author of either meant. Here the two have to agree.
 *
 * @throws PlayError that shows both places
 */
export function refuseBecomeAgainst(
  host: string,
  { spec, name }: { readonly spec: PlaySpec; readonly name: string },
  { tasks }: HostTasks,
  request: RunRequest,
): void {
  const { become, user } = request.becomeOf?.(host, request.inventory) ?? {};
  if (!become && !user) return;
  const play = { what: `the play "${name}"`, placed: request.playbook };
  const isWritten = spec.become ?? (spec.becomeUser === undefined ? undefined : true);
  if (become && isWritten !== undefined && isWritten !== become.value)
    throw against(host, 'ansible_become', become, {
      ...play,
      says: spec.become === undefined ? `becomeUser: '${spec.becomeUser}'` : `become: ${spec.become}`,
    });
  if (user && spec.becomeUser !== undefined && spec.becomeUser !== user.value)
    throw against(host, 'ansible_become_user', user, { ...play, says: `becomeUser: '${spec.becomeUser}'` });
  for (const listed of tasks) {
    // A delegated task becomes whoever the other host's variables say.
    if (listed.inherited.delegateTo !== undefined) continue;
    const task = { what: `the task "${listed.name}"`, placed: listed.task };
    if (become && listed.become !== become.value)
      throw against(host, 'ansible_become', become, { ...task, says: saysOf(listed) });
    if (user && listed.become && listed.becomeUser !== user.value)
      throw against(host, 'ansible_become_user', user, { ...task, says: `becomeUser: '${listed.becomeUser}'` });
  }
}

function saysOf({ become, becomeUser }: ListedTask): string {
  return become ? `become: true (as ${becomeUser})` : 'become: false';
}

interface Other {
  readonly what: string;
  /** The place is worked out only when it is reported: that costs reading a source map. */
  readonly placed: { readonly at: Location | undefined };
  readonly says: string;
}

function against(
  host: string,
  variable: string,
  { value, at }: Placed<boolean | string>,
  { what, placed, says }: Other,
): PlayError {
  const other = placed.at;
  return new PlayError(`${host}: ${variable} is ${String(value)}, but ${what} says ${says}`, {
    where: at,
    detail: `${what} is at ${other ? locationText(other) : 'the playbook'}`,
    hint: 'In Ansible the variable would silently win. Remove one of them, or make them agree.',
  });
}
