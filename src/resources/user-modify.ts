import type { Change, Known, Plan, Step } from '../playbook/index.ts';
import { accountDefaults, group, shadow, stat, user, type Found, type User } from '../probes/index.ts';
import { reveal } from '../secrets/index.ts';
import { known } from './known.ts';
import { homeStat, needsHome, unchanged, type UserResult, type WantedUser } from './user-wanted.ts';

/** Where an existing user differs from what is wanted. */
export function planUserChanges(wanted: WantedUser, now: User, found: Found): Plan<UserResult> {
  const { name } = wanted;
  const primary = wanted.group === undefined || isPrimary(wanted.group, now) ? undefined : wanted.group;
  const groups = newGroups(wanted, now);
  const home = wanted.home ?? now.home;
  const fields: (readonly [string, string, string, string | undefined])[] = [
    ['uid', '-u', String(now.uid), wanted.uid === undefined ? undefined : String(wanted.uid)],
    ['group', '-g', now.group, primary],
    ['groups', '-G', supplementary(now).join(','), groups?.join(',')],
    ['comment', '-c', now.comment, wanted.comment],
    ['home', '-d', now.home, wanted.home],
    ['shell', '-s', now.shell, wanted.shell],
  ];
  const wrong = fields.filter(([, , from, to]) => to !== undefined && to !== from);
  const changes = wrong.map(([what, , from, to]): Change => ({ what, from, to: to ?? '' }));
  const password = planPassword(wanted, found);
  const makesHome = needsHome(wanted, home, found);
  const after: User = {
    ...now,
    uid: wanted.uid ?? now.uid,
    ...(primary === undefined ? {} : { group: primary, gid: found.get(group(primary))?.gid ?? -1 }),
    comment: wanted.comment ?? now.comment,
    home,
    shell: wanted.shell ?? now.shell,
    groups: groups ?? now.groups,
  };
  const { homeMode } = found.get(accountDefaults);
  if (changes.length + password.changes.length === 0 && !makesHome) return unchanged(wanted, home);
  const steps: Step[] = [
    ...(wrong.length === 0 ? [] : [{ script: 'n=$1; shift; usermod "$@" -- "$n"', args: [name, ...wrong.flatMap(([, option, , to]) => [option, to ?? ''])], label: `change the user ${name}` }]),
    ...password.steps,
    ...(makesHome ? [{ script: homeScript, args: [name, home, homeMode], label: `make the home directory ${home}` }] : []),
  ];
  return {
    changes: [...changes, ...password.changes, ...(makesHome ? [{ what: 'home directory', to: home }] : [])],
    steps,
    after: [
      known(user(name), after),
      ...password.after,
      ...(makesHome ? [known(stat(home), homeStat(name, after.group, homeMode, after))] : []),
      ...(groups === undefined ? [] : membership(name, supplementary(now), groups, found)),
    ],
    touches: [{ on: 'accounts' }, ...(makesHome ? [{ on: 'path' as const, path: home }] : [])],
    result: { name, state: 'present', home },
  };
}

// Made closed, filled, handed over, opened. Parents that are missing are made as mkdir -p does.
const homeScript = `set -e
umask 022; mkdir -p -- "$(dirname -- "$2")"
(umask 077; mkdir -- "$2")
if [ -d /etc/skel ]; then cp -a /etc/skel/. "$2"; fi
chown -R -h "$(id -u -- "$1"):$(id -g -- "$1")" -- "$2"
chmod -- "0$3" "$2"`;

function isPrimary(wanted: string, now: User): boolean {
  return wanted === now.group || (/^\d+$/.test(wanted) && Number(wanted) === now.gid);
}

/** A primary group that lists its user as a member too is no supplementary one. */
function supplementary(now: User): string[] {
  return now.groups.filter((one) => one !== now.group);
}

/** The supplementary groups after, sorted; undefined where they are right. */
function newGroups({ groups, append }: WantedUser, now: User): string[] | undefined {
  if (groups === undefined) return undefined;
  const current = supplementary(now);
  const wanted = [...new Set([...groups.filter((one) => one !== now.group), ...(append ? current : [])])].sort();
  return wanted.join(',') === [...current].sort().join(',') ? undefined : wanted;
}

function membership(name: string, before: readonly string[], after: readonly string[], found: Found): Known[] {
  return [...new Set([...before, ...after])].flatMap((one) => {
    if (before.includes(one) === after.includes(one)) return [];
    const now = found.get(group(one));
    const others = now?.members.filter((member) => member !== name) ?? [];
    return now === null ? [] : [known(group(one), { ...now, members: after.includes(one) ? [...others, name] : others })];
  });
}

const passwordScript = `{ printf '%s:' "$1"; cat; echo; } | chpasswd -e`;

/** The hash, and whether it is locked: a `!` before it (usermod(8), -L). */
function planPassword({ name, password, updatePassword, passwordLock }: WantedUser, found: Found): { changes: Change[]; steps: Step[]; after: Known[] } {
  if (passwordLock === undefined && (password === undefined || updatePassword === 'on_create')) return { changes: [], steps: [], after: [] };
  const now = found.get(shadow(name)) ?? '';
  const isLocked = now.startsWith('!');
  const hash = password === undefined || updatePassword === 'on_create' ? undefined : reveal(password);
  const newHash = hash !== undefined && (passwordLock === true ? now.replace(/^!+/, '') : now) !== hash ? hash : undefined;
  const base = newHash ?? now;
  const lock = passwordLock !== undefined && passwordLock !== base.startsWith('!') ? passwordLock : undefined;
  const lockNow = passwordLock !== undefined && passwordLock !== isLocked;
  const after = lock === undefined ? base : lock ? `!${base}` : base.replace(/^!/, '');
  return {
    changes: [...(newHash === undefined ? [] : [{ what: 'password' }]), ...(lockNow ? [{ what: 'password', from: isLocked ? 'locked' : 'open', to: passwordLock ? 'locked' : 'open' }] : [])],
    steps: [
      ...(newHash === undefined ? [] : [{ script: passwordScript, args: [name], stdin: Buffer.from(newHash), label: `set the password of ${name}` }]),
      ...(lock === undefined ? [] : [{ script: 'usermod "$2" -- "$1"', args: [name, lock ? '-L' : '-U'], label: `${lock ? 'lock' : 'unlock'} the password of ${name}` }]),
    ],
    after: after === now ? [] : [known(shadow(name), after)],
  };
}
