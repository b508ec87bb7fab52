import { type ProbeKind, type Question } from './types.ts';

export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
  /** The primary group's name. */
  readonly group: string;
  /** Supplementary groups, sorted. */
  readonly groups: readonly string[];
}

export interface Group {
  readonly gid: number;
  readonly members: readonly string[];
}

// Groups are dumped once for all users: membership cannot be asked by name in one process.
const userKind: ProbeKind<User | null> = {
  kind: 'user',
  arity: 1,
  sh: `xargs -0 getent passwd --; echo; getent group; exit 0`,
  decode(stdout, questions) {
    const [users = '', groups = ''] = stdout.toString('utf8').split(/(?:^|\n)\n/);
    const parsed = groups.split('\n').map((line) => line.split(':'));
    const groupName = new Map(parsed.map(([name = '', , gid = '']) => [gid, name]));
    const byName = new Map(users.split('\n').map((line) => [line.split(':')[0] ?? '', line.split(':')]));
    return questions.map(([name = '']) => {
      const fields = byName.get(name);
      if (!fields) return null;
      const [, , uid, gid = '', comment = '', home = '', shell = ''] = fields;
      const member = parsed.filter(([, , , list]) => list?.split(',').includes(name)).map(([group = '']) => group);
      return { uid: Number(uid), gid: Number(gid), comment, home, shell, group: groupName.get(gid) ?? gid, groups: member.sort() };
    });
  },
  depends: () => [{ on: 'accounts' }],
};

/** A user as getent(1) knows it, or null. */
export function user(name: string): Question<User | null> {
  return { kind: userKind, args: [name] };
}

const groupKind: ProbeKind<Group | null> = {
  kind: 'group',
  arity: 1,
  sh: `xargs -0 getent group --; exit 0`,
  decode(stdout, questions) {
    const byName = new Map(stdout.toString('utf8').split('\n').map((line) => [line.split(':')[0] ?? '', line.split(':')]));
    return questions.map(([name = '']) => {
      const fields = byName.get(name);
      return fields ? { gid: Number(fields[2]), members: (fields[3] ?? '').split(',').filter((one) => one !== '') } : null;
    });
  },
  depends: () => [{ on: 'accounts' }],
};

/** A group as getent(1) knows it, or null. */
export function group(name: string): Question<Group | null> {
  return { kind: groupKind, args: [name] };
}

const shadowKind: ProbeKind<string | null> = {
  kind: 'shadow',
  arity: 1,
  sh: `xargs -0 getent shadow --; exit 0`,
  decode(stdout, questions) {
    const byName = new Map(stdout.toString('utf8').split('\n').map((line) => [line.split(':')[0] ?? '', line.split(':')[1] ?? '']));
    return questions.map(([name = '']) => byName.get(name) ?? null);
  },
  depends: () => [{ on: 'accounts' }],
};

/** The password field of /etc/shadow (shadow(5)); null where it cannot be read or the user is not there. */
export function shadow(name: string): Question<string | null> {
  return { kind: shadowKind, args: [name] };
}
