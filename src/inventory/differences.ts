import type { GroupRecord } from './builder.ts';
import type { Inventory } from './inventory.ts';
import { applyLayers, fromFiles, type Layer } from './layers.ts';
import type { Form, Level, Variable } from './types.ts';
import type { VarsFiles } from './vars-files.ts';

export interface Difference {
  readonly name: string;
  readonly here: Variable;
  readonly ansible: Variable;
}

/**
 * The variables of a host for which Ansible would use another definition. There all `group_vars` files beat all inline
 * group variables, and files beside the playbook those beside the inventory, whatever the depth of the groups; here
 * depth comes first.
 */
export function differencesFromAnsible(inventory: Inventory, host: string): Difference[] {
  const here = inventory.written(host);
  const theirs = applyLayers(new Map(), ansibleLayers(inventory, host));
  return [...theirs].flatMap(([name, ansible]) => {
    const own = here.get(name);
    return own === undefined || own.value === ansible.value ? [] : [{ name, here: own, ansible }];
  });
}

/**
 * ansible-core's VARIABLE_PRECEDENCE: all_inventory, groups_inventory, all_plugins_inventory, all_plugins_play,
 * groups_plugins_inventory, groups_plugins_play.
 */
function ansibleLayers(inventory: Inventory, host: string): Layer[] {
  const { record, groups, directories } = inventory.internals(host);
  const all = groups.filter(({ name }) => name === 'all');
  const others = groups.filter(({ name }) => name !== 'all');
  const files = (members: readonly GroupRecord[], folders: readonly VarsFiles[], form: Form): Layer[] =>
    folders.flatMap((folder) =>
      members.flatMap(({ name }) =>
        fromFiles('group', name, { inventory: [folder], playbook: [] }, () => ({ kind: 'group', group: name, form })),
      ),
    );
  const hostLevel = (form: Form): Level => ({ kind: 'host', host, form });
  return [
    ...groups.map(({ name, vars }): Layer => ({
      level: { kind: 'group', group: name, form: 'inventory' },
      variables: vars,
      locked: undefined,
    })),
    ...files(all, directories.inventory, 'vars file'),
    ...files(all, directories.playbook, 'playbook vars file'),
    ...files(others, directories.inventory, 'vars file'),
    ...files(others, directories.playbook, 'playbook vars file'),
    { level: hostLevel('inventory'), variables: record.vars, locked: undefined },
    ...fromFiles('host', host, directories, hostLevel),
    {
      level: { kind: 'extra' },
      variables: new Map(
        [...inventory.extra].map(([name, { value, origin }]) => [name, { value, where: origin.where }]),
      ),
      locked: undefined,
    },
  ];
}
