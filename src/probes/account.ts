import type { ProbeKind, Question } from '../contract/index.ts';
import { accountFiles, groupIn, userIn } from './account-table.ts';
import { givenAll, readsNone } from './sh-texts.ts';

export interface User {
  readonly name: string;
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
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

type Field = 'name' | 'number';

// Groups are dumped once for all users: membership cannot be asked by name in one process.
function userKind(
  kind: string,
  by: Field,
  texts = givenAll('getent passwd --', 'echo; getent group; exit 0'),
): ProbeKind<User | null> {
  return {
    kind,
    arity: 1,
    ...texts,
    decode(stdout, questions) {
      const [users = '', groups = ''] = stdout.toString('utf8').split(/(?:^|\n)\n/);
      const parsed = groups.split('\n').map((line) => line.split(':'));
      // Of groups that share a number the first gives the name, as getgrgid(3) does.
      const groupName = new Map(parsed.toReversed().map(([name = '', , gid = '']) => [gid, name]));
      const find = finder(users, by);
      return questions.map(([wanted = '']) => {
        const fields = find(wanted);
        if (!fields) return null;
        const [name = '', , uid, gid = '', comment = '', home = '', shell = ''] = fields;
        const member = parsed.filter(([, , , list]) => list?.split(',').includes(name)).map(([group = '']) => group);
        return {
          name,
          uid: Number(uid),
          gid: Number(gid),
          comment,
          home,
          shell,
          group: groupName.get(gid) ?? gid,
          groups: member.sort(),
        };
      });
    },
    depends: () => [{ on: 'accounts' }],
    files: () => accountFiles,
    amid: (answer, [wanted = ''], accounts) =>
      planned(userIn(accounts, by === 'name' ? wanted : Number(wanted)), answer),
  };
}

function groupKind(kind: string, by: Field, texts = givenAll('getent group --')): ProbeKind<Group | null> {
  return {
    kind,
    arity: 1,
    ...texts,
    decode(stdout, questions) {
      const find = finder(stdout.toString('utf8'), by);
      return questions.map(([wanted = '']) => {
        const fields = find(wanted);
        return fields
          ? {
              name: fields[0] ?? '',
              gid: Number(fields[2]),
              members: (fields[3] ?? '').split(',').filter((one) => one !== ''),
            }
          : null;
      });
    },
    depends: () => [{ on: 'accounts' }],
    files: () => accountFiles,
    amid: (answer, [wanted = ''], accounts) =>
      planned(groupIn(accounts, by === 'name' ? wanted : Number(wanted)), answer),
  };
}

function withoutTable<A>({ amid: _amid, ...kind }: ProbeKind<A>): ProbeKind<A> {
  return kind;
}

/** Gives the fields of the line of a name or number. */
function finder(lines: string, by: Field): (wanted: string) => readonly string[] | undefined {
  const parsed = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(':'));
  return (wanted) =>
    parsed.find(([name, , number]) => (by === 'name' ? name === wanted : Number(number) === Number(wanted)));
}

/** What planned accounts make of an answer; undefined where they say nothing of it. */
function planned<T>(after: T | undefined, answer: T): T {
  return after === undefined ? answer : after;
}

const userByName = userKind('user', 'name');
const userByNumber = userKind('user-number', 'number');
const groupByName = groupKind('group', 'name');
const groupByNumber = groupKind('group-number', 'number');
// The table of all accounts does not tell theirs from those of LDAP: what is planned says of each.
const localUserByName = withoutTable(
  userKind('local-user', 'name', readsNone('cat /etc/passwd; echo; cat /etc/group; exit 0')),
);
const localGroupByName = withoutTable(groupKind('local-group', 'name', readsNone('cat /etc/group; exit 0')));

/** A user as getent(1) knows it, or null. */
export function user(name: string): Question<User | null> {
  return { kind: userByName, args: [name] };
}

/** A group as getent(1) knows it, or null. */
export function group(name: string): Question<Group | null> {
  return { kind: groupByName, args: [name] };
}

/** A user that stands in the host's own /etc/passwd, with its own groups, or null. */
export function localUser(name: string): Question<User | null> {
  return { kind: localUserByName, args: [name] };
}

/** A group that stands in the host's own /etc/group, or null. */
export function localGroup(name: string): Question<Group | null> {
  return { kind: localGroupByName, args: [name] };
}

/** The user meant by a name or by a number in digits, as chown(1) takes both; or null. */
export function userBy(wanted: string): Question<User | null> {
  return isNumber(wanted) ? { kind: userByNumber, args: [wanted] } : user(wanted);
}

/** The group meant by a name or by a number in digits; or null. */
export function groupBy(wanted: string): Question<Group | null> {
  return isNumber(wanted) ? { kind: groupByNumber, args: [wanted] } : group(wanted);
}

/** Whether a user or group is meant by its number. */
export function isNumber(wanted: string): boolean {
  return /^\d+$/.test(wanted);
}

/** A field of shadow(5), by its place; null for users it does not have. */
function shadowField<A>(kind: string, place: number, read: (text: string) => A): ProbeKind<A | null> {
  return {
    kind,
    arity: 1,
    ...givenAll('getent shadow --'),
    decode(stdout, questions) {
      const byName = new Map(
        stdout
          .toString('utf8')
          .split('\n')
          .map((line) => line.split(':'))
          .map((fields) => [fields[0] ?? '', read(fields[place] ?? '')]),
      );
      return questions.map(([name = '']) => byName.get(name) ?? null);
    },
    depends: () => [{ on: 'accounts' }],
    files: () => accountFiles,
  };
}

const shadowKind = shadowField('shadow', 1, (text) => text);
const expiryKind = shadowField('shadow-expiry', 7, (text) => (/^\d+$/.test(text) ? Number(text) : null));

/** The password field of /etc/shadow (shadow(5)); null where it cannot be read or the user is not there. */
export function shadow(name: string): Question<string | null> {
  return { kind: shadowKind, args: [name] };
}

/** The day on which an account ends, in days since 1970 (shadow(5)); null for one that never does, or is not there. */
export function shadowExpiry(name: string): Question<number | null> {
  return { kind: expiryKind, args: [name] };
}
