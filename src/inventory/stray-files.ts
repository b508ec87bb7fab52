import { localhostNames, type Inventory } from './inventory.ts';

/** A variables file that is never read, since no host has its name. */
export interface StrayFile {
  readonly name: string;
  readonly file: string;
}

/**
 * The files in `host_vars/` for hosts that the inventory does not have: misspelt, or left behind. (Those of groups are
 * warned about when an inventory is loaded.)
 */
export function strayHostFiles(inventory: Inventory): StrayFile[] {
  // The folders are the same for every host, and this one always exists.
  const { directories } = inventory.internals('localhost');
  return [...directories.inventory, ...directories.playbook]
    .flatMap((directory) => [...directory.names('host')])
    .filter(([name]) => !inventory.hosts.has(name) && !localhostNames.includes(name))
    .map(([name, file]) => ({ name, file }));
}
