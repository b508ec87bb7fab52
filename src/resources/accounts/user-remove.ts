import { predict, type AccountTable, type Found, type Plan, type Stat, type TableGroup } from '../../contract/index.ts';
import { accountTable, group, shadow, stat, type User } from '../../probes/index.ts';
import { gone } from '../kit/predictions.ts';
import { presumeIdle, settled } from './account-busy.ts';
import { accountDefaults } from './account-defaults.probe.ts';
import { accountsAfter, withLine, withMemberships } from './accounts-after.ts';
import { homeIsOurs } from './home-sh.ts';
import { refuseSwappable } from './new-home.ts';
import { noSshKey, refused, type UserResult, type WantedUser } from './user-wanted.ts';

/** No such user any more. Its own group goes with it, as userdel(8) does. */
export function planUserRemoval(wanted: WantedUser, now: User, found: Found): Plan<UserResult> {
  const { name, remove } = wanted;
  const mail = `/var/mail/${name}`;
  found.need(accountTable, group(name), accountDefaults, ...(remove ? [stat(now.home), stat(mail)] : []));
  const table = found.get(accountTable);
  const homeNow = remove && now.home.startsWith('/') ? found.get(stat(now.home)) : undefined;
  const removesHome = homeNow !== undefined && homeNow.type !== 'absent';
  // userdel(8) removes the user, leaves such a home, and ends with 12.
  const isForeign = removesHome && homeNow.uid !== now.uid;
  if (isForeign)
    return refused(
      wanted,
      `the home directory ${now.home} belongs to ${homeNow.owner === 'UNKNOWN' ? homeNow.uid : homeNow.owner}, not to ${name}: remove the user without \`remove\`, and the directory with file() if it should go`,
    );
  // The same for the mailbox.
  const box: Stat = remove ? found.get(stat(mail)) : { type: 'absent' };
  if (box.type !== 'absent' && box.uid !== now.uid)
    return refused(
      wanted,
      `the mailbox ${mail} belongs to ${box.owner === 'UNKNOWN' ? box.uid : box.owner}, not to ${name}: remove the user without \`remove\`, and the mailbox with file() if it should go`,
    );
  presumeIdle(wanted, now.uid, found);
  const why = removesHome ? refuseSwappable(now.home, found) : undefined;
  if (why !== undefined) return refused(wanted, why);
  const own = found.get(group(name));
  const groupGoes = own !== null && found.get(accountDefaults).ownGroup && goesWith(table, own, now);
  const left = withMemberships(table.groups, name, []);
  return {
    changes: [
      { what: 'state', from: `present (uid ${now.uid})`, to: 'absent' },
      ...(removesHome ? [{ what: 'home directory', from: now.home, to: 'absent' }] : []),
    ],
    steps: [
      {
        script: `set -e\n${settled}${homeIsOurs}home_is_ours "$1"; n=$2; shift 2; settled userdel "$@" -- "$n"`,
        args: [removesHome ? now.home : '', name, ...(remove ? ['-r'] : [])],
        label: `remove the user ${name}`,
      },
    ],
    after: [
      ...accountsAfter(table, {
        users: withLine(table.users, name, undefined),
        groups: groupGoes ? withLine(left, name, undefined) : left,
      }),
      predict(shadow(name), null),
      ...(removesHome ? gone(now.home) : []),
      ...(remove ? gone(mail) : []),
    ],
    touches: [
      { on: 'accounts' },
      ...(remove
        ? [
            { on: 'path' as const, path: now.home },
            { on: 'path' as const, path: mail },
          ]
        : []),
    ],
    result: { name, state: 'absent', home: now.home, sshKey: noSshKey },
  };
}

/** Whether userdel(8) takes the user's group along: it has no other members, and is nobody else's primary one. */
function goesWith({ users }: AccountTable, own: TableGroup, { name, gid }: User): boolean {
  return (
    own.gid === gid &&
    own.members.every((one) => one === name) &&
    users.every((one) => one.gid !== gid || one.name === name)
  );
}
