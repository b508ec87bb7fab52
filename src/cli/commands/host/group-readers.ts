import { locationText, type Location } from '../../../errors/index.ts';
import { isMapping, type Inventory, type Value } from '../../../inventory/index.ts';

/** A variable that names a group, so that what is made of it changes with the group's hosts. */
export interface GroupReader {
  readonly variable: string;
  readonly groups: readonly string[];
  readonly where: Location | string;
  /** Whose variable it is. */
  readonly hosts: readonly string[];
}

/** Variables with `group: NAME` or `groups: [NAME]` somewhere in their value, each definition once. */
export function groupReaders(inventory: Inventory, groups: readonly string[]): GroupReader[] {
  const found = new Map<
    string,
    { variable: string; groups: readonly string[]; where: Location | string; hosts: string[] }
  >();
  for (const host of inventory.hosts.keys()) {
    for (const { name, value, origin } of inventory.variables(host).values()) {
      const named = new Set<string>();
      collect(value, named);
      const concerned = groups.filter((group) => named.has(group));
      if (concerned.length === 0) continue;
      const key = `${name}\0${locationText(origin.where)}`;
      const known = found.get(key) ?? { variable: name, groups: concerned, where: origin.where, hosts: [] };
      known.hosts.push(host);
      found.set(key, known);
    }
  }
  return [...found.values()];
}

function collect(value: Value, named: Set<string>, key?: string): void {
  if (typeof value === 'string') {
    if (key === 'group' || key === 'groups') named.add(value);
  } else if (Array.isArray(value)) {
    for (const item of value as readonly Value[]) collect(item, named, key);
  } else if (isMapping(value)) {
    for (const [name, item] of Object.entries(value)) collect(item, named, name);
  }
}
