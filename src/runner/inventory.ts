import { localhostNames, matchHosts, type Inventory } from '../inventory/index.ts';
import { warnOf } from '../report/warnings.ts';
import type { RunnerInventory } from './types.ts';

export interface InventoryParts {
  readonly inventory: Inventory;
  readonly limit: string | undefined;
  readonly sources: readonly string[];
  /** The source that stands for hosts which were only named. */
  readonly named: string | undefined;
}

/** What a tool sees of an inventory. */
export function inventoryView({ inventory, limit, sources, named }: InventoryParts): RunnerInventory {
  return {
    hosts: (pattern = 'all') => matchHosts(inventory, pattern, { limit, onWarning: warnOf }),
    groups: Object.fromEntries([...inventory.groups].map(([name, group]) => [name, group.hosts])),
    variables: (host) => inventory.vars(inventory.host(host).name),
    isListed(host) {
      const where = inventory.hosts.get(host)?.where;
      if (where === undefined) return localhostNames.includes(host);
      // So a list of names is told as a place.
      return !(named !== undefined && typeof where === 'object' && where.file === `-i ${named}`);
    },
    sources,
  };
}
