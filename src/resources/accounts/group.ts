import * as v from 'valibot';
import { settled, type Found, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { accountTable, group as groupQuestion, localGroup } from '../../probes/index.ts';
import { accountName, flag, id } from '../kit/schemas.ts';
import { accountDefaults } from './account-defaults.probe.ts';
import { nextGid, refuseNumber } from './account-numbers.ts';
import { accountsAfter, withLine } from './accounts-after.ts';
import { besideOthers, refuseName } from './user-wanted.ts';

export interface GroupResult {
  /** The name of the group. */
  readonly name: string;
  /** Whether there is such a group afterwards. */
  readonly state: 'present' | 'absent';
}

const state = v.optional(
  v.pipe(v.picklist(['present', 'absent']), v.description('Whether the group should exist. Default `present`.')),
  'present',
);

/** A group of the host. */
export const group = defineResource({
  name: 'group',
  summary: 'A group on the host, and its number.',
  options: {
    name: accountName('The group.'),
    gid: v.optional(id('Its number. Default: the next free one.')),
    nonUnique: flag('With `gid`: allow a number that another group has.', false),
    system: flag('Take the number from the range for system groups. Only for a new group.', false),
    local: flag(
      'Look only in /etc/group, not in LDAP or the like: if only those know the name, a local group is created.',
      false,
    ),
    state,
  },
  example: `group({ name: 'deploy', gid: 2000 })`,
  title: (options) => options.name ?? '',
  prepare: (options) => options,
  probes: ({ name, local }) => [groupQuestion(name), ...(local ? [localGroup(name)] : [])],
  plan(wanted, found): Plan<GroupResult> {
    const { name, gid, nonUnique, system, state, local } = wanted;
    const now = found.get(local ? localGroup(name) : groupQuestion(name));
    const result = { name, state };
    const nothing = settled(result);
    if (state === 'absent' ? now === null : now !== null && (gid === undefined || now.gid === gid)) return nothing;
    found.need(accountTable, ...(now === null ? [accountDefaults] : []));
    const table = found.get(accountTable);
    const failure = refuse(wanted, now?.gid, found);
    if (failure !== undefined) return { ...nothing, failure };
    const accounts = [{ on: 'accounts' as const }];
    const number = gid === undefined ? [] : ['-g', String(gid), ...(nonUnique ? ['-o'] : [])];
    if (now === null) {
      const line = { name, gid: gid ?? nextGid(table, found.get(accountDefaults), system), members: [] };
      const isElsewhere = local && found.get(groupQuestion(name)) !== null;
      return {
        changes: [
          { what: 'state', from: 'absent', to: 'present' },
          ...(gid === undefined ? [] : [{ what: 'gid', to: String(gid) }]),
        ],
        steps: [
          {
            script: 'n=$1; shift; groupadd "$@" -- "$n"',
            args: [
              name,
              ...(isElsewhere ? besideOthers('-g', gid === undefined ? line.gid : undefined) : []),
              ...number,
              ...(system ? ['-r'] : []),
            ],
            label: `make the group ${name}`,
          },
        ],
        after: accountsAfter(table, { users: table.users, groups: withLine(table.groups, name, line) }),
        touches: accounts,
        result,
      };
    }
    if (state === 'absent') {
      return {
        changes: [{ what: 'state', from: `present (gid ${now.gid})`, to: 'absent' }],
        steps: [{ script: 'groupdel -- "$1"', args: [name], label: `remove the group ${name}` }],
        after: accountsAfter(table, { users: table.users, groups: withLine(table.groups, name, undefined) }),
        touches: accounts,
        result,
      };
    }
    const to = gid ?? now.gid;
    // groupmod(8) lets those whose primary group it is follow; files keep the old number.
    const users = table.users.map((one) => (one.gid === now.gid ? { ...one, gid: to } : one));
    return {
      changes: [{ what: 'gid', from: String(now.gid), to: String(to) }],
      steps: [
        {
          script: 'n=$1; shift; groupmod "$@" -- "$n"',
          args: [name, ...number],
          label: `change the number of the group ${name}`,
        },
      ],
      after: accountsAfter(table, { users, groups: withLine(table.groups, name, { ...now, gid: to }) }),
      touches: accounts,
      result,
    };
  },
  owns: ({ name, state, gid }) => [
    { on: 'named', name: `group ${name}`, wants: state },
    ...(gid === undefined ? [] : [{ on: 'named' as const, name: `the number of group ${name}`, wants: gid }]),
  ],
});

interface Wanted {
  readonly name: string;
  readonly gid?: number | undefined;
  readonly nonUnique: boolean;
  readonly state: 'present' | 'absent';
}

/** Why groupadd(8), groupmod(8) or groupdel(8) would not do it. */
function refuse(wanted: Wanted, now: number | undefined, found: Found): string | undefined {
  const { name, state } = wanted;
  const { users, groups } = found.get(accountTable);
  if (state === 'absent') {
    const whose = users.filter((one) => one.gid === now).map((one) => one.name);
    return whose.length === 0
      ? undefined
      : `${name} is the primary group of ${whose.slice(0, 5).join(', ')}, so it cannot be removed: give them another first`;
  }
  return (now === undefined ? refuseName(name) : undefined) ?? refuseNumber('gid', wanted, groups);
}
