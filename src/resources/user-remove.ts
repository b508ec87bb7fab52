import type { Plan } from '../playbook/index.ts';
import { accountDefaults, group, shadow, user, type Found, type User } from '../probes/index.ts';
import { gone, known } from './known.ts';
import type { UserResult, WantedUser } from './user-wanted.ts';

/** No such user any more. Its own group goes with it, as userdel(8) does. */
export function planUserRemoval({ name, remove }: WantedUser, now: User, found: Found): Plan<UserResult> {
  const own = found.get(group(name));
  const groupGoes = found.get(accountDefaults).ownGroup && own !== null && now.group === name && own.members.every((one) => one === name);
  return {
    changes: [
      { what: 'state', from: `present (uid ${now.uid})`, to: 'absent' },
      ...(remove ? [{ what: 'home directory', from: now.home, to: 'absent' }] : []),
    ],
    steps: [{ script: 'n=$1; shift; userdel "$@" -- "$n"', args: [name, ...(remove ? ['-r'] : [])], label: `remove the user ${name}` }],
    after: [
      known(user(name), null),
      known(shadow(name), null),
      ...(groupGoes ? [known(group(name), null)] : []),
      ...(remove ? gone(now.home) : []),
    ],
    touches: [{ on: 'accounts' }, ...(remove ? [{ on: 'path' as const, path: now.home }] : [])],
    result: { name, state: 'absent', home: now.home },
  };
}
