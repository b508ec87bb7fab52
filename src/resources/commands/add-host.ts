import * as v from 'valibot';
import { settled, type AddedHost } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { anything } from '../kit/schemas.ts';

/** A host for the plays behind this one's. */
export const addHost = defineResource({
  name: 'addHost',
  summary:
    'Adds a host to the inventory, for the plays after this one. Its options must be known before the run: a host that only a result can name needs a second run.',
  options: {
    name: v.pipe(
      v.string(),
      v.nonEmpty('must not be empty'),
      v.description(
        'The name of the host. One that is already known gets the groups and variables in addition to its own.',
      ),
    ),
    groups: v.optional(
      v.pipe(
        v.array(v.pipe(v.string(), v.regex(/^[^\s:,&!~[\]]+$/, 'must be the name of a group'))),
        v.description('Groups it joins; a new one is created, with its variables from `group_vars`.'),
      ),
      [],
    ),
    vars: v.optional(
      v.pipe(
        v.record(v.string(), anything),
        v.description('Its variables: `ansible_host`, and whatever else `host_vars` could hold.'),
      ),
      {},
    ),
  },
  example: `addHost({ name: 'web3', groups: ['web'], vars: { ansible_host: '10.0.0.3' } })`,
  title: ({ name }) => name ?? '',
  prepare: (options): AddedHost => options,
  probes: () => [],
  plan: () => settled({}),
  addsHosts: (added) => [added],
});
