import {
  predict,
  type Change,
  type Found,
  type Prediction,
  type PathState,
  type Plan,
  type Step,
} from '../../contract/index.ts';
import { accountTable, group, shadow, stat, type User } from '../../probes/index.ts';
import { reveal } from '../../secrets/index.ts';
import { afterChown } from '../kit/mode.ts';
import { allThatIsThere, below, type Here } from '../kit/tree/here.ts';
import { presumeIdle, settled } from './account-busy.ts';
import { refuseNumber } from './account-numbers.ts';
import { accountsAfter, withLine, withMemberships } from './accounts-after.ts';
import { expiryAfter, expiryFound } from './expiry.ts';
import { homeIsOurs, homeStep } from './home-sh.ts';
import { moves, planMove } from './move-home.ts';
import { homeAfter, homeDefaults, refuseHome, refuseSwappable, skeletonAfter } from './new-home.ts';
import { needsHome, noSshKey, refused, unchanged, type UserResult, type WantedUser } from './user-wanted.ts';

/** Where an existing user differs from what is wanted. */
export function planUserChanges(wanted: WantedUser, now: User, found: Found): Plan<UserResult> {
  const { name, nonUnique } = wanted;
  const primary = wanted.group === undefined || isPrimary(wanted.group, now, found) ? undefined : wanted.group;
  const groups = newGroups(wanted, now, primary ?? now.group);
  const home = wanted.home ?? now.home;
  const fields: (readonly [string, string, string, string | undefined])[] = [
    ['uid', '-u', String(now.uid), wanted.uid === undefined ? undefined : String(wanted.uid)],
    ['group', '-g', now.group, primary],
    ['groups', '-G', supplementary(now).join(','), groups?.join(',')],
    ['comment', '-c', now.comment, wanted.comment],
    ['home', '-d', now.home, wanted.home],
    ['shell', '-s', now.shell, wanted.shell],
    ['expires', '-e', wanted.expires === undefined ? '' : expiryFound(name, found), wanted.expires],
  ];
  const wrong = fields.filter(([, , from, to]) => to !== undefined && to !== from);
  const changes = wrong.map(([what, , from, to]): Change => ({ what, from, to: to ?? '' }));
  const isWrong = (what: string): boolean => wrong.some(([one]) => one === what);
  const password = planPassword(wanted, found);
  const makesHome = needsHome(wanted, home, found) && !moves(wanted, now, found);
  if (changes.length + password.changes.length === 0 && !makesHome)
    return password.failure === undefined ? unchanged(wanted, home) : refused(wanted, password.failure);
  found.need(accountTable);
  const table = found.get(accountTable);
  // Numbers of a user are those of the files in the home directory too.
  const handsOver = (isWrong('uid') || isWrong('group')) && now.home.startsWith('/');
  if (isWrong('uid') || isWrong('home')) presumeIdle(wanted, now.uid, found);
  const why =
    password.failure ??
    (isWrong('uid') ? refuseNumber('uid', wanted, table.users) : undefined) ??
    (makesHome ? refuseHome(home, found) : undefined) ??
    (handsOver ? refuseSwappable(now.home, found) : undefined);
  if (why !== undefined) return refused(wanted, why);
  const line = {
    name,
    uid: wanted.uid ?? now.uid,
    gid: primary === undefined ? now.gid : (found.get(group(primary))?.gid ?? -1),
    comment: wanted.comment ?? now.comment,
    home,
    shell: wanted.shell ?? now.shell,
  };
  const after = {
    users: withLine(table.users, name, line),
    groups: groups === undefined ? table.groups : withMemberships(table.groups, name, groups),
  };
  const owner = { ...line, group: primary ?? now.group };
  const move = isWrong('home') && wanted.moveHome ? planMove(now.home, home, found) : undefined;
  const defaults = homeDefaults(wanted.skeleton, makesHome, found);
  const options = wrong.flatMap(([what, option, , to]) => [
    option,
    what === 'expires' && to === 'never' ? '' : (to ?? ''),
    ...(what === 'uid' && nonUnique ? ['-o'] : []),
  ]);
  const steps: Step[] = [
    ...(move ? [move.step] : []),
    ...(wrong.length === 0
      ? []
      : [
          {
            script: `set -e\n${settled}${homeIsOurs}home_is_ours "$1"; n=$2; shift 2; settled usermod "$@" -- "$n"`,
            args: [handsOver ? now.home : '', name, ...options],
            label: `change the user ${name}`,
          },
        ]),
    ...password.steps,
    ...(makesHome ? [homeStep(name, home, defaults)] : []),
  ];
  return {
    changes: [
      ...changes,
      ...(move ? [move.change] : []),
      ...password.changes,
      ...(makesHome ? [{ what: 'home directory', to: home }] : []),
    ],
    steps,
    after: [
      ...(wrong.length === 0 ? [] : accountsAfter(table, after)),
      ...(move?.after ?? []),
      ...password.after,
      ...(isWrong('expires') ? expiryAfter(name, wanted.expires) : []),
      ...(makesHome ? homeAfter(home, owner, defaults, found) : []),
    ],
    foreseen: () =>
      makesHome
        ? skeletonAfter(home, owner, defaults, found)
        : isWrong('uid') || isWrong('group')
          ? filesAfter(home, now, owner, found)
          : [],
    touches: [
      { on: 'accounts' },
      ...(makesHome || move ? [{ on: 'path' as const, path: home }] : []),
      ...(move ? [{ on: 'path' as const, path: now.home }] : []),
    ],
    result: { name, state: 'present', home, sshKey: noSshKey },
  };
}

/** Two groups may share a number. */
function isPrimary(name: string, now: User, found: Found): boolean {
  return name === now.group || found.get(group(name))?.gid === now.gid;
}

/** A primary group that lists its user as a member too is no supplementary one. */
function supplementary(now: User): string[] {
  return now.groups.filter((one) => one !== now.group);
}

/**
 * The supplementary groups after, sorted; undefined where they are right. What was the primary group may become one of
 * them.
 */
function newGroups({ groups, append }: WantedUser, now: User, primary: string): string[] | undefined {
  if (groups === undefined) return undefined;
  const current = now.groups.filter((one) => one !== primary);
  const wanted = [...new Set([...groups.filter((one) => one !== primary), ...(append ? current : [])])].sort();
  return wanted.join(',') === [...current].sort().join(',') ? undefined : wanted;
}

/** usermod(8) hands what is in the home directory, where that is the user's, to the new numbers. */
function filesAfter(
  home: string,
  before: User,
  after: Pick<User, 'name' | 'uid' | 'gid' | 'group'>,
  found: Found,
): Prediction[] {
  if (home === '' || home === '/') return [];
  const top = found.get(stat(home));
  if (top.type === 'absent' || (top.uid !== before.uid && top.uid !== after.uid)) return [];
  const paths: readonly (readonly [string, PathState & Pick<Here, 'assumed'>])[] = [
    [home, top],
    ...[...allThatIsThere(home, home, found)].map(([name, one]) => [below(home, name), one] as const),
  ];
  return paths.flatMap(([path, { type, mode, uid, gid, owner, group: its, size, identity, assumed }]): Prediction[] => {
    const handed = {
      ...(uid === before.uid ? { uid: after.uid, owner: after.name } : {}),
      ...(gid === before.gid ? { gid: after.gid, group: after.group } : {}),
    };
    if (Object.keys(handed).length === 0) return [];
    const left = type === 'file' ? afterChown(mode) : mode;
    return [predict(stat(path), { type, mode: left, uid, gid, owner, group: its, size, identity, ...handed }, assumed)];
  });
}

const passwordScript = `{ printf '%s:' "$1"; cat; echo; } | chpasswd -e`;

interface PasswordPlan {
  readonly changes: Change[];
  readonly steps: Step[];
  readonly after: Prediction[];
  readonly failure?: string;
}

/** The hash, and whether it is locked: a `!` before it (usermod(8), -L). */
function planPassword({ name, password, updatePassword, passwordLock }: WantedUser, found: Found): PasswordPlan {
  if (passwordLock === undefined && (password === undefined || updatePassword === 'on_create'))
    return { changes: [], steps: [], after: [] };
  const now = found.get(shadow(name)) ?? '';
  const isLocked = now.startsWith('!');
  const hash = password === undefined || updatePassword === 'on_create' ? undefined : reveal(password);
  // Where the lock is looked after apart, it is no part of the hash.
  const bare = (text: string): string => (passwordLock === undefined ? text : text.replace(/^!+/, ''));
  const newHash = hash !== undefined && bare(now) !== bare(hash) ? hash : undefined;
  const base = bare(newHash ?? now);
  if (passwordLock === false && base === '')
    return {
      changes: [],
      steps: [],
      after: [],
      failure: `the password of ${name} cannot be unlocked: there is none; give \`password\`, or leave it locked`,
    };
  const lockNow = passwordLock !== undefined && passwordLock !== isLocked;
  const after = passwordLock ? (newHash === undefined && isLocked ? now : `!${base}`) : base;
  const write = (text: string, label: string): Step => ({
    script: passwordScript,
    args: [name],
    stdin: Buffer.from(text),
    label,
  });
  const label =
    newHash === undefined
      ? `${passwordLock ? 'lock' : 'unlock'} the password of ${name}`
      : `set the password of ${name}`;
  return {
    changes: [
      ...(newHash === undefined ? [] : [{ what: 'password' }]),
      ...(lockNow
        ? [{ what: 'password', from: isLocked ? 'locked' : 'open', to: passwordLock ? 'locked' : 'open' }]
        : []),
    ],
    steps: after === now ? [] : [write(after, label)],
    after: after === now ? [] : [predict(shadow(name), after)],
  };
}
