import { predict, type AccountTable, type Prediction, type TableGroup } from '../../contract/index.ts';
import {
  accountFiles,
  accountTable,
  content,
  group,
  groupIn,
  localGroup,
  localUser,
  sha256,
  user,
  userIn,
} from '../../probes/index.ts';

/** What is known once the host's accounts are as in `after`, `before` them being those of now. */
export function accountsAfter(before: AccountTable, after: Pick<AccountTable, 'users' | 'groups'>): Prediction[] {
  const table = {
    ...after,
    former: {
      users: formerNames(before.former.users, before.users, after.users),
      groups: formerNames(before.former.groups, before.groups, after.groups),
    },
  };
  const users = changedNames(before.users, after.users, (name) => [userIn(before, name), userIn(table, name)]);
  const groups = changedNames(before.groups, after.groups, (name) => [groupIn(before, name), groupIn(table, name)]);
  const why = 'earlier tasks change accounts';
  return [
    predict(accountTable, table),
    ...users.flatMap((name) => [user(name), localUser(name)].map((one) => predict(one, userIn(table, name) ?? null))),
    ...groups.flatMap((name) =>
      [group(name), localGroup(name)].map((one) => predict(one, groupIn(table, name) ?? null)),
    ),
    ...accountFiles.flatMap((path) => [
      { question: content(path), answer: null, unknown: why },
      { question: sha256(path), answer: null, unknown: why },
    ]),
  ];
}

function changedNames(
  before: readonly { readonly name: string }[],
  after: readonly { readonly name: string }[],
  both: (name: string) => readonly [unknown, unknown],
): string[] {
  const names = new Set([...before, ...after].map((one) => one.name));
  return [...names].filter((name) => {
    const [old, now] = both(name);
    return JSON.stringify(old ?? null) !== JSON.stringify(now ?? null);
  });
}

/** Names that are gone: what they owned has no name then. */
function formerNames(
  known: readonly string[],
  before: readonly { readonly name: string }[],
  after: readonly { readonly name: string }[],
): string[] {
  const now = new Set(after.map((one) => one.name));
  return [...new Set([...known, ...before.map((one) => one.name)])].filter((name) => !now.has(name));
}

/** A name's line replaced in place, or a new one at the end; undefined: no line. */
export function withLine<T extends { readonly name: string }>(
  lines: readonly T[],
  name: string,
  line: T | undefined,
): T[] {
  if (line !== undefined && lines.every((one) => one.name !== name)) return [...lines, line];
  return lines.flatMap((one) => (one.name !== name ? [one] : line === undefined ? [] : [line]));
}

/** The groups with a user in just these of them. */
export function withMemberships(
  groups: readonly TableGroup[],
  name: string,
  memberOf: readonly string[],
): TableGroup[] {
  return groups.map((one) => {
    const others = one.members.filter((member) => member !== name);
    const isMember = one.members.includes(name);
    if (memberOf.includes(one.name)) return isMember ? one : { ...one, members: [...one.members, name] };
    return isMember ? { ...one, members: others } : one;
  });
}
