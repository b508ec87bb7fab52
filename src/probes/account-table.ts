import type { AccountTable, ProbeKind, Question } from '../contract/index.ts';
import type { Group, User } from './account.ts';

/** Where accounts stand, beside what comes from elsewhere (nsswitch.conf(5)). */
export const accountFiles = ['/etc/passwd', '/etc/group', '/etc/shadow', '/etc/gshadow', '/etc/nsswitch.conf'];

const kind: ProbeKind<AccountTable> = {
  kind: 'account-table',
  arity: 1,
  sh: `getent passwd; echo; getent group; exit 0`,
  decode(stdout, questions) {
    const [users = '', groups = ''] = stdout.toString('utf8').split(/(?:^|\n)\n/);
    const lines = (text: string): string[][] =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split(':'));
    const table: AccountTable = {
      users: lines(users).map(([name = '', , uid, gid, comment = '', home = '', shell = '']) => ({
        name,
        uid: Number(uid),
        gid: Number(gid),
        comment,
        home,
        shell,
      })),
      groups: lines(groups).map(([name = '', , gid, members = '']) => ({
        name,
        gid: Number(gid),
        members: members.split(',').filter((one) => one !== ''),
      })),
      former: { users: [], groups: [] },
    };
    return questions.map(() => table);
  },
  depends: () => [{ on: 'accounts' }],
  files: () => accountFiles,
  // Of files as they will be, the host cannot say who is in them no more.
  amid: (table, _, { former }) => ({ ...table, former }),
};

/** All users and groups. Asked where accounts change, which may concern others; else ask for one by name. */
export const accountTable: Question<AccountTable> = { kind, args: [''] };

/**
 * A table of all accounts there will be, with those that are no more.
 *
 * @param before what /etc/passwd and /etc/group hold now
 */
export function amongFormer(table: AccountTable, before: (file: string) => string): AccountTable {
  const former = (file: string, now: readonly { readonly name: string }[]): string[] => {
    const stays = new Set(now.map(({ name }) => name));
    const names = before(file)
      .split('\n')
      .map((line) => line.replace(/:.*/, ''));
    return names.filter((name) => name !== '' && !stays.has(name));
  };
  return {
    ...table,
    former: { users: former('/etc/passwd', table.users), groups: former('/etc/group', table.groups) },
  };
}

/** A user as `user()` answers for them, by name or number; undefined where the table does not say. */
export function userIn(table: AccountTable, wanted: string | number): User | null | undefined {
  const line = table.users.find((one) => (typeof wanted === 'number' ? one.uid : one.name) === wanted);
  if (line === undefined) return table.former.users.some((one) => one === wanted) ? null : undefined;
  const { name, uid, gid, comment, home, shell } = line;
  const groups = table.groups.filter((one) => one.members.includes(name)).map((one) => one.name);
  return {
    name,
    uid,
    gid,
    comment,
    home,
    shell,
    group: table.groups.find((one) => one.gid === gid)?.name ?? String(gid),
    groups: groups.sort(),
  };
}

/** A group as `group()` answers for it, by name or number; undefined where the table does not say. */
export function groupIn(table: AccountTable, wanted: string | number): Group | null | undefined {
  const line = table.groups.find((one) => (typeof wanted === 'number' ? one.gid : one.name) === wanted);
  return line ?? (table.former.groups.some((one) => one === wanted) ? null : undefined);
}

/**
 * Who owns something by these numbers, once the accounts are as in the table; `UNKNOWN` as stat(1) says of numbers
 * without a name.
 */
export function renamed<
  T extends { readonly uid: number; readonly gid: number; readonly owner: string; readonly group: string },
>(at: T, table: AccountTable): T {
  const { users, groups, former } = table;
  const owner = nameOf(
    at.uid,
    at.owner,
    users.map((one) => [one.uid, one.name] as const),
    former.users,
  );
  const group = nameOf(
    at.gid,
    at.group,
    groups.map((one) => [one.gid, one.name] as const),
    former.groups,
  );
  return owner === at.owner && group === at.group ? at : { ...at, owner, group };
}

function nameOf(
  id: number,
  name: string,
  listed: readonly (readonly [number, string])[],
  former: readonly string[],
): string {
  if (id < 0) return name;
  const now = listed.find(([number]) => number === id);
  if (now) return now[1];
  return former.includes(name) || listed.some(([, other]) => other === name) ? 'UNKNOWN' : name;
}
