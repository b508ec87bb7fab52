import type { AccountTables } from './portrait.ts';

/** Accounts of a twin: the host's, and those of the base that the host has not. */
export interface MergedAccounts extends AccountTables {
  /** Numbers of the base's own files that belong to another number in the twin. */
  readonly uids: ReadonlyMap<number, number>;
  readonly gids: ReadonlyMap<number, number>;
}

const rows = (table: string): string[][] =>
  table
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => line.split(':'));
const written = (lines: readonly (readonly string[])[]): string => lines.map((row) => `${row.join(':')}\n`).join('');

/**
 * The host's accounts under the numbers they have there. What the base has beyond them, the users to log in with above all, keeps its
 * number where that is free.
 *
 * @param hash the crypted password of the user `operator`
 */
export function mergeAccounts(host: AccountTables, base: AccountTables, hash: string): MergedAccounts {
  const groups = merge(rows(host.group), rows(base.group));
  const gids = groups.numbers;
  const ofBase = rows(base.passwd).map((row) => row.with(3, String(gids.get(Number(row[3])) ?? row[3])));
  const users = merge(rows(host.passwd), ofBase);
  const members = withMembers(groups.rows, rows(base.group));
  return {
    passwd: written(users.rows),
    group: written(members),
    shadow: written(
      shadowOf(users.rows, rows(host.shadow), rows(base.shadow)).map((row) =>
        row[0] === 'operator' ? row.with(1, hash) : row,
      ),
    ),
    gshadow: written(shadowOf(members, rows(host.gshadow), rows(base.gshadow))),
    uids: users.numbers,
    gids,
  };
}

/** Rows of `host`, then those of `base` under names it has not; and which numbers of the base became others. */
function merge(
  host: readonly string[][],
  base: readonly string[][],
): { readonly rows: string[][]; readonly numbers: Map<number, number> } {
  const merged = [...host];
  const byName = new Map(host.map((row) => [row[0], Number(row[2])]));
  const used = new Set(host.map((row) => Number(row[2])));
  const numbers = new Map<number, number>();
  for (const row of base) {
    const number = Number(row[2]);
    let becomes = byName.get(row[0]);
    if (becomes === undefined) {
      becomes = number;
      // Of the same kind: adduser(8) has system accounts below 1000.
      while (used.has(becomes)) becomes += number < 1000 && becomes >= 999 ? -900 : 1;
      used.add(becomes);
      merged.push(row.with(2, String(becomes)));
    }
    if (becomes !== number) numbers.set(number, becomes);
  }
  return { rows: merged, numbers };
}

/** The users to log in with stay in the groups that give them their rights, such as sudo. */
function withMembers(groups: readonly string[][], base: readonly string[][]): string[][] {
  const more = new Map(base.map((row) => [row[0], (row[3] ?? '').split(',').filter(Boolean)]));
  return groups.map((row) => {
    const members = new Set([...(row[3] ?? '').split(',').filter(Boolean), ...(more.get(row[0] ?? '') ?? [])]);
    return row.with(3, [...members].join(','));
  });
}

function shadowOf(accounts: readonly string[][], host: readonly string[][], base: readonly string[][]): string[][] {
  const known = new Map([...base, ...host].map((row) => [row[0], row]));
  return accounts.map(([name = '']) => known.get(name) ?? []).filter((row) => row.length > 0);
}
