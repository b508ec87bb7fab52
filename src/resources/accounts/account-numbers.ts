import type { AccountTable } from '../../contract/index.ts';
import type { AccountDefaults, NumberRange } from './account-defaults.probe.ts';

/** Why an account cannot have the number that is wanted: another one has it. */
export function refuseNumber<K extends 'uid' | 'gid'>(
  kind: K,
  wanted: { readonly name: string; readonly nonUnique: boolean } & { readonly [key in K]?: number | undefined },
  accounts: readonly ({ readonly name: string } & { readonly [key in K]: number })[],
): string | undefined {
  const number = wanted[kind];
  if (number === undefined || wanted.nonUnique) return undefined;
  const other = accounts.find((one) => one[kind] === number && one.name !== wanted.name);
  return other && `the ${kind} ${number} is that of ${other.name}; take another, or say \`nonUnique: true\``;
}

/**
 * A number that cannot be foretold: below zero, and no other account's, so that users still find their groups by it.
 */
export function unknownNumber(used: readonly number[]): number {
  return Math.min(-1, ...used) - 1;
}

/**
 * The number useradd(8) and groupadd(8) give a new account (shadow's find_new_uid.c): for people the one behind the
 * highest in use, for the system the one below the lowest; where that leaves the range, the nearest that is free.
 *
 * @param preferred a group's: the number of its user
 */
function nextNumber(used: readonly number[], { min, max }: NumberRange, system: boolean, preferred?: number): number {
  // A planned package makes an account too, and nobody knows with which number.
  if (used.some((one) => one < 0)) return unknownNumber(used);
  const taken = new Set(used);
  if (preferred !== undefined && preferred >= min && preferred <= max && !taken.has(preferred)) return preferred;
  const inRange = used.filter((one) => one >= min && one <= max);
  const step = system ? -1 : 1;
  const start =
    inRange.length === 0 ? (system ? max : min) : system ? Math.min(...inRange) - 1 : Math.max(...inRange) + 1;
  for (const from of [start, system ? max : min]) {
    for (let id = from; id >= min && id <= max; id += step) if (!taken.has(id)) return id;
  }
  return unknownNumber(used);
}

export function nextUid({ users }: AccountTable, defaults: AccountDefaults, system: boolean): number {
  return nextNumber(
    users.map((one) => one.uid),
    system ? defaults.systemUids : defaults.uids,
    system,
  );
}

export function nextGid(
  { groups }: AccountTable,
  defaults: AccountDefaults,
  system: boolean,
  preferred?: number,
): number {
  return nextNumber(
    groups.map((one) => one.gid),
    system ? defaults.systemGids : defaults.gids,
    system,
    preferred,
  );
}
