import type { Inventory } from '../../../inventory/index.ts';
import { HostVariables } from '../../../project/variables.ts';
import { someOf, type Finding } from './finding.ts';

/** Groups without hosts, and hosts that are one machine by their address. */
export function lintMembers(inventory: Inventory, hosts: readonly string[]): Finding[] {
  return [...emptyGroups(inventory), ...sharedAddresses(inventory, hosts)];
}

function emptyGroups(inventory: Inventory): Finding[] {
  return [...inventory.groups.values()]
    .filter(({ name, hosts }) => hosts.length === 0 && name !== 'all' && name !== 'ungrouped')
    .map(({ name, where }) => ({
      rule: 'empty-group',
      what: `The group ${name} has no hosts`,
      where,
      hint: 'What is written for it has no effect. Give it hosts, or remove it.',
    }));
}

/** The same address and port twice: two names of one machine get two opinions of it, or one of them is a mistake. */
function sharedAddresses(inventory: Inventory, hosts: readonly string[]): Finding[] {
  const places = new Map<string, string[]>();
  for (const host of hosts) {
    const variables = new HostVariables(inventory, host);
    if (variables.anyText('ansible_connection') === 'local') continue;
    const address = variables.anyText('ansible_host') || variables.anyText('ansible_ssh_host') || host;
    const place = `${address}:${variables.anyText('ansible_port') || variables.anyText('ansible_ssh_port') || '22'}`;
    places.set(place, [...(places.get(place) ?? []), host]);
  }
  return [...places]
    .filter(([, sharing]) => sharing.length > 1)
    .map(([place, sharing]) => {
      const [, second = ''] = sharing;
      const where = inventory.variable(second, 'ansible_host')?.origin.where ?? inventory.host(second).where;
      return {
        rule: 'duplicate-address',
        what: `${someOf(sharing)} are all at ${place.replace(/:22$/, '')}`,
        where,
        hint: 'Correct ansible_host, or keep one name and put it into the groups of both.',
      };
    });
}
