import * as v from 'valibot';
import { defineResource, type Plan } from '../playbook/index.ts';
import { group as groupQuestion } from '../probes/index.ts';
import { known } from './known.ts';
import { accountName, flag, id } from './schemas.ts';

export interface GroupResult {
  readonly name: string;
  readonly state: 'present' | 'absent';
}

const state = v.optional(v.pipe(v.picklist(['present', 'absent']), v.description('Whether there shall be such a group. Default `present`.')), 'present');

/** A group of the host. */
export const group = defineResource({
  name: 'group',
  summary: 'A group of the host: that it is there or not, and its number.',
  options: {
    name: accountName('The group.'),
    gid: v.optional(id('Its number. Default: the next that is free.')),
    system: flag('Take the number from those for system groups. For a new group only.', false),
    state,
  },
  example: `group({ name: 'deploy', gid: 2000 })`,
  title: (options) => options.name ?? '',
  prepare: (options) => options,
  probes: ({ name }) => [groupQuestion(name)],
  plan({ name, gid, system, state }, found): Plan<GroupResult> {
    const now = found.get(groupQuestion(name));
    const result = { name, state };
    const nothing = { changes: [], steps: [], after: [], touches: [], result };
    const accounts = [{ on: 'accounts' as const }];
    if (state === 'absent') {
      if (now === null) return nothing;
      return {
        changes: [{ what: 'state', from: `present (gid ${now.gid})`, to: 'absent' }],
        steps: [{ script: 'groupdel -- "$1"', args: [name], label: `remove the group ${name}` }],
        after: [known(groupQuestion(name), null)],
        touches: accounts,
        result,
      };
    }
    const number = gid === undefined ? [] : ['-g', String(gid)];
    if (now === null) {
      return {
        changes: [{ what: 'state', from: 'absent', to: 'present' }, ...(gid === undefined ? [] : [{ what: 'gid', to: String(gid) }])],
        steps: [{ script: 'n=$1; shift; groupadd "$@" -- "$n"', args: [name, ...number, ...(system ? ['-r'] : [])], label: `make the group ${name}` }],
        after: [known(groupQuestion(name), { gid: gid ?? -1, members: [] })],
        touches: accounts,
        result,
      };
    }
    if (gid === undefined || now.gid === gid) return nothing;
    return {
      changes: [{ what: 'gid', from: String(now.gid), to: String(gid) }],
      steps: [{ script: 'groupmod -g "$2" -- "$1"', args: [name, String(gid)], label: `change the number of the group ${name}` }],
      after: [known(groupQuestion(name), { ...now, gid })],
      touches: accounts,
      result,
    };
  },
  owns: ({ name }) => [`group ${name}`],
});
