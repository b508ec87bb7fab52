import type { PlaySpec } from '../playbook/index.ts';

/**
 * A play's hosts in the order in which they are taken.
 *
 * @param hosts in the order of the inventory
 * @example inOrder('reverseSorted', ['b', 'a', 'c'])  // ['c', 'b', 'a']
 */
export function inOrder(
  order: PlaySpec['order'],
  hosts: readonly string[],
  random: () => number = Math.random,
): string[] {
  switch (order) {
    case undefined:
    case 'inventory':
      return [...hosts];
    case 'reverseInventory':
      return hosts.toReversed();
    // Character by character, as Ansible sorts: "web10" stands before "web2".
    case 'sorted':
      return hosts.toSorted();
    case 'reverseSorted':
      return hosts.toSorted().toReversed();
    case 'shuffle':
      return shuffled(hosts, random);
  }
}

/** Fisher and Yates: every order is as likely as any other. */
function shuffled(hosts: readonly string[], random: () => number): string[] {
  const left = [...hosts];
  return hosts.flatMap(() => left.splice(Math.floor(random() * left.length), 1));
}
