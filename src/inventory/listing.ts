import { unknownName } from '../errors/index.ts';
import { Secret, Unreadable } from '../secrets/index.ts';
import { PythonValue, mappingOf } from '../values/index.ts';
import type { Inventory } from './inventory.ts';
import type { Value } from './types.ts';

/**
 * JSON as `ansible-inventory` prints it (by `jsonOf`, which knows how Python prints numbers): names sorted, mappings inside values in their written order; secrets as
 * `<secret>`, Jinja as it was written.
 */
export type Listed =
  | null
  | boolean
  | number
  | string
  | PythonValue
  | readonly Listed[]
  | { readonly [key: string]: Listed };

/** What Ansible says itself, whatever a file says, and so leaves out (`INTERNAL_VARS` of ansible-inventory). */
const internal: ReadonlySet<string> = new Set([
  'ansible_diff_mode',
  'ansible_config_file',
  'ansible_facts',
  'ansible_forks',
  'ansible_inventory_sources',
  'ansible_limit',
  'ansible_playbook_python',
  'ansible_run_tags',
  'ansible_skip_tags',
  'ansible_verbosity',
  'ansible_version',
  'inventory_dir',
  'inventory_file',
  'inventory_hostname',
  'inventory_hostname_short',
  'groups',
  'group_names',
  'omit',
  'playbook_dir',
]);

/** `ansible-inventory --list`. */
export function inventoryList(inventory: Inventory): { readonly [key: string]: Listed } {
  const groups: [string, Listed][] = [...inventory.groups.values()].flatMap(
    ({ name, directHosts, children }): [string, Listed][] => {
      const hosts = name === 'all' ? [] : directHosts;
      if (hosts.length === 0 && children.length === 0) return [];
      return [[name, { ...(children.length === 0 ? {} : { children }), ...(hosts.length === 0 ? {} : { hosts }) }]];
    },
  );
  const hostvars = [...inventory.hosts.keys()]
    .map((name): [string, Listed] => [name, inventoryHost(inventory, name)])
    .filter(([, variables]) => Object.keys(variables ?? {}).length > 0);
  return sorted([...groups, ['_meta', { hostvars: sorted(hostvars) }]]);
}

/** `ansible-inventory --host NAME`: the variables of one host. */
export function inventoryHost(inventory: Inventory, name: string): { readonly [key: string]: Listed } {
  inventory.refuseLocked(name);
  return sorted(
    [...inventory.written(name)]
      .filter(([key]) => !internal.has(key))
      .map(([key, { value }]): [string, Listed] => [key, toListed(value)]),
  );
}

/** `ansible-inventory --graph`; the printer adds the final line break. */
export function inventoryGraph(inventory: Inventory, start = 'all'): string {
  if (!inventory.groups.has(start)) throw unknownName('group', start, inventory.groups.keys());
  const lines: string[] = [];
  const add = (name: string, depth: number): void => {
    lines.push(depth === 0 ? name : `${'  |'.repeat(depth)}--${name}`);
  };
  const visit = (name: string, depth: number): void => {
    const group = inventory.groups.get(name);
    add(`@${name}:`, depth);
    for (const child of group?.children ?? []) visit(child, depth + 1);
    if (name !== 'all') for (const host of group?.directHosts ?? []) add(host, depth + 1);
  };
  visit(start, 0);
  return lines.join('\n');
}

/** A value for printing: secrets stay hidden, Jinja is shown as text. */
export function toListed(value: Value): Listed {
  if (value instanceof Secret) return '<secret>';
  if (value instanceof Unreadable) return value.text instanceof Secret ? '<secret>' : (value.text ?? '<encrypted>');
  if (isList(value)) return value.map(toListed);
  if (value instanceof PythonValue) return value;
  if (typeof value === 'object' && value !== null)
    return mappingOf(Object.entries(value).map(([key, item]): [string, Listed] => [key, toListed(item)]));
  return value;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function sorted(entries: readonly (readonly [string, Listed])[]): { readonly [key: string]: Listed } {
  return mappingOf([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
