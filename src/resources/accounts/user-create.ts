import { predict, type Change, type Found, type Plan, type TableUser } from '../../contract/index.ts';
import { accountTable, group, localGroup, shadow, user, userIn } from '../../probes/index.ts';
import { reveal } from '../../secrets/index.ts';
import { accountDefaults } from './account-defaults.probe.ts';
import { nextGid, nextUid, refuseNumber } from './account-numbers.ts';
import { accountsAfter, withLine, withMemberships } from './accounts-after.ts';
import { expiryAfter } from './expiry.ts';
import { homeIsOurs, homeStep } from './home-sh.ts';
import { homeAfter, homeDefaults, refuseHome, refuseSwappable, skeletonAfter } from './new-home.ts';
import {
  besideOthers,
  noSshKey,
  needsHome,
  refuseName,
  refused,
  type UserResult,
  type WantedUser,
} from './user-wanted.ts';

// $1 name, $2 yes: lock, $3 the home directory to be made or empty; the rest are the arguments of useradd(8). The
// password's hash comes on stdin, never in an argv.
const createScript = `set -e
${homeIsOurs}
home_is_ours "$3"
name=$1 lock=$2; shift 3
hash=$(cat)
useradd "$@" -- "$name"
[ -z "$hash" ] || printf '%s:%s\\n' "$name" "$hash" | chpasswd -e
[ -z "$lock" ] || usermod -L -- "$name"`;

export function planNewUser(wanted: WantedUser, found: Found): Plan<UserResult> {
  const { name, groups = [], comment, shell, system, createHome, passwordLock, nonUnique, expires } = wanted;
  found.need(accountTable);
  const table = found.get(accountTable);
  const home = wanted.home ?? `${found.get(accountDefaults).homes}/${name}`;
  const makesHome = needsHome(wanted, home, found);
  const defaults = homeDefaults(wanted.skeleton, makesHome, found);
  // useradd would refuse to make a group that is there already; the user then gets the common one, as with Ansible.
  const hasGroup = found.get(wanted.local ? localGroup(name) : group(name)) !== null;
  const ownGroup = wanted.group === undefined && defaults.ownGroup && !hasGroup;
  const primary = wanted.group ?? (ownGroup ? name : defaults.group);
  const hash = wanted.password === undefined ? '' : reveal(wanted.password);
  const why =
    refuseName(name) ??
    refuseNumber('uid', wanted, table.users) ??
    (makesHome ? refuseHome(home, found) : undefined) ??
    (passwordLock === false && hash === '' ? noPassword(name) : undefined);
  if (why !== undefined) return refused(wanted, why);
  // useradd(8) goes by names.
  const makesItself = makesHome && refuseSwappable(home, found) === undefined;
  const uid = wanted.uid ?? nextUid(table, defaults, system);
  const isElsewhere = wanted.local && (found.get(user(name)) !== null || (ownGroup && found.get(group(name)) !== null));
  const args = [
    ...(isElsewhere ? besideOthers('-u', wanted.uid === undefined ? uid : undefined) : []),
    ...(wanted.uid === undefined ? [] : ['-u', String(wanted.uid), ...(nonUnique ? ['-o'] : [])]),
    ...(wanted.group === undefined ? [ownGroup ? '-U' : '-N'] : ['-g', wanted.group]),
    ...(groups.length === 0 ? [] : ['-G', groups.join(',')]),
    ...(comment === undefined ? [] : ['-c', comment]),
    ...(wanted.home === undefined ? [] : ['-d', wanted.home]),
    ...(shell === undefined ? [] : ['-s', shell]),
    ...(system ? ['-r'] : []),
    ...(expires === undefined ? [] : ['-e', expires === 'never' ? '' : expires]),
    ...(wanted.skeleton !== undefined && makesItself ? ['-k', wanted.skeleton] : []),
    createHome && (makesItself || !makesHome) ? '-m' : '-M',
  ];
  const told = (what: string, value: string | undefined): Change[] =>
    value === undefined ? [] : [{ what, to: value }];
  const gid = ownGroup ? nextGid(table, defaults, system, uid) : (found.get(group(primary))?.gid ?? -1);
  const line: TableUser = { name, uid, gid, comment: comment ?? '', home, shell: shell ?? defaults.shell };
  const owner = { ...line, group: primary };
  const withOwn = ownGroup ? withLine(table.groups, name, { name, gid, members: [] }) : table.groups;
  const memberOf = [...table.groups.filter((one) => one.members.includes(name)).map((one) => one.name), ...groups];
  const after = { users: withLine(table.users, name, line), groups: withMemberships(withOwn, name, memberOf) };
  return {
    changes: [
      { what: 'state', from: 'absent', to: 'present' },
      ...told('uid', wanted.uid === undefined ? undefined : String(wanted.uid)),
      ...told('group', wanted.group),
      ...told('groups', groups.length === 0 ? undefined : [...groups].sort().join(',')),
      ...told('comment', comment),
      ...told('home', wanted.home),
      ...told('shell', shell),
      ...told('expires', expires === 'never' ? undefined : expires),
      ...(hash === '' ? [] : [{ what: 'password' }]),
      ...told('password', passwordLock ? 'locked' : undefined),
      ...(makesHome ? [{ what: 'home directory', to: home }] : []),
    ],
    steps: [
      {
        script: createScript,
        args: [name, passwordLock ? 'yes' : '', makesItself ? home : '', ...args],
        stdin: Buffer.from(hash),
        label: `make the user ${name}`,
      },
      ...(makesHome && !makesItself ? [homeStep(name, home, defaults)] : []),
    ],
    after: [
      ...accountsAfter(table, after),
      predict(user(name), userIn({ ...table, ...after }, name) ?? null),
      predict(shadow(name), `${passwordLock ? '!' : ''}${hash === '' ? '!' : hash}`),
      ...expiryAfter(name, expires),
      ...(makesHome ? homeAfter(home, owner, defaults, found) : []),
    ],
    foreseen: () => (makesHome ? skeletonAfter(home, owner, defaults, found) : []),
    touches: [{ on: 'accounts' }, ...(makesHome ? [{ on: 'path' as const, path: home }] : [])],
    result: { name, state: 'present', home, sshKey: noSshKey },
  };
}

function noPassword(name: string): string {
  return `\`passwordLock: false\` needs a password to open: give \`password\`, or leave ${name} locked`;
}
