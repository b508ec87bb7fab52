import type { Change, Known, Plan } from '../playbook/index.ts';
import { accountDefaults, group, shadow, stat, user, type Found } from '../probes/index.ts';
import { reveal } from '../secrets/index.ts';
import { known } from './known.ts';
import { homeStat, needsHome, type UserResult, type WantedUser } from './user-wanted.ts';

// $1 name, $2 yes: lock; the rest are the arguments of useradd(8). The password's hash comes on stdin, never in an argv.
const createScript = `set -e
name=$1 lock=$2; shift 2
hash=$(cat)
useradd "$@" -- "$name"
[ -z "$hash" ] || printf '%s:%s\\n' "$name" "$hash" | chpasswd -e
[ -z "$lock" ] || usermod -L -- "$name"`;

export function planNewUser(wanted: WantedUser, found: Found): Plan<UserResult> {
  const { name, uid, groups = [], comment, shell, system, createHome, passwordLock } = wanted;
  const defaults = found.get(accountDefaults);
  const home = wanted.home ?? `${defaults.homes}/${name}`;
  // useradd would refuse to make a group that is there already; the user then gets the common one, as with Ansible.
  const ownGroup = wanted.group === undefined && defaults.ownGroup && found.get(group(name)) === null;
  const primary = wanted.group ?? (ownGroup ? name : defaults.group);
  const makesHome = needsHome(wanted, home, found);
  const args = [
    ...(uid === undefined ? [] : ['-u', String(uid)]),
    ...(wanted.group === undefined ? [ownGroup ? '-U' : '-N'] : ['-g', wanted.group]),
    ...(groups.length === 0 ? [] : ['-G', groups.join(',')]),
    ...(comment === undefined ? [] : ['-c', comment]),
    ...(wanted.home === undefined ? [] : ['-d', wanted.home]),
    ...(shell === undefined ? [] : ['-s', shell]),
    ...(system ? ['-r'] : []),
    createHome ? '-m' : '-M',
  ];
  const hash = wanted.password === undefined ? '' : reveal(wanted.password);
  const told = (what: string, value: string | undefined): Change[] => (value === undefined ? [] : [{ what, to: value }]);
  const ids = { uid: uid ?? -1, gid: found.get(group(primary))?.gid ?? -1 };
  const sorted = [...groups].sort();
  return {
    changes: [
      { what: 'state', from: 'absent', to: 'present' },
      ...told('uid', uid === undefined ? undefined : String(uid)),
      ...told('group', wanted.group),
      ...told('groups', groups.length === 0 ? undefined : sorted.join(',')),
      ...told('comment', comment),
      ...told('home', wanted.home),
      ...told('shell', shell),
      ...(hash === '' ? [] : [{ what: 'password' }]),
      ...told('password', passwordLock ? 'locked' : undefined),
      ...(makesHome ? [{ what: 'home directory', to: home }] : []),
    ],
    steps: [{ script: createScript, args: [name, passwordLock ? 'yes' : '', ...args], stdin: Buffer.from(hash), label: `make the user ${name}` }],
    after: [
      known(user(name), { ...ids, comment: comment ?? '', home, shell: shell ?? defaults.shell, group: primary, groups: sorted }),
      known(shadow(name), `${passwordLock ? '!' : ''}${hash === '' ? '!' : hash}`),
      ...(makesHome ? [known(stat(home), homeStat(name, primary, defaults.homeMode, ids))] : []),
      ...(ownGroup ? [known(group(name), { gid: ids.gid, members: [] })] : []),
      ...joins(name, sorted, found),
    ],
    touches: [{ on: 'accounts' }, ...(makesHome ? [{ on: 'path' as const, path: home }] : [])],
    result: { name, state: 'present', home },
  };
}

function joins(name: string, groups: readonly string[], found: Found): Known[] {
  return groups.flatMap((one) => {
    const now = found.get(group(one));
    return now === null ? [] : [known(group(one), { ...now, members: [...new Set([...now.members, name])] })];
  });
}
