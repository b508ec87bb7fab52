import type { Inventory } from './inventory.ts';
import { applyLayers, groupLayers } from './layers.ts';
import type { Variable } from './types.ts';

export interface HiddenDefinition {
  readonly name: string;
  /** The definition that counts. */
  readonly used: Variable;
  /** One of a deeper group, or of as deep a one, that does not. */
  readonly hidden: Variable;
}

/**
 * The variables of a host for which the group nearest to it does not have the last word. As in Ansible, a file of
 * `group_vars/`, even that of `all`, beats what the inventory itself says of any group, and one beside the playbook those
 * beside the inventory: nobody expects that who reads the one place alone.
 */
export function hiddenDefinitions(inventory: Inventory, host: string): HiddenDefinition[] {
  const { groups, directories } = inventory.internals(host);
  const used = inventory.written(host);
  const nearest = applyLayers(
    new Map(),
    groups.flatMap((group) => groupLayers(group, directories)),
  );
  return [...nearest].flatMap(([name, hidden]) => {
    const own = used.get(name);
    const isOfGroup = own?.origin.level.kind === 'group';
    return own === undefined || !isOfGroup || own.value === hidden.value ? [] : [{ name, used: own, hidden }];
  });
}
