import type { GroupRecord, HostRecord } from './builder.ts';
import { lockedVariable, type Locked } from './locked.ts';
import { Variable, type Definition, type Form, type Level } from './types.ts';
import type { VarsFiles } from './vars-files.ts';

/** The variables of one step of the precedence. */
export interface Layer {
  readonly level: Level;
  readonly variables: ReadonlyMap<string, Definition>;
  /** The file is encrypted and cannot be read: it may give any variable any value. */
  readonly locked: Locked | undefined;
}

export interface VarsDirectories {
  readonly inventory: readonly VarsFiles[];
  readonly playbook: readonly VarsFiles[];
}

/** What the inventory itself says about a group, then each of its files: within a level the later one wins. */
export function groupLayers(group: GroupRecord, directories: VarsDirectories): Layer[] {
  return [ofInventory(group), ...ofFiles(group, directories)];
}

/**
 * The variables of a host's groups in Ansible's order (VARIABLE_PRECEDENCE of ansible-core: all_inventory,
 * groups_inventory, all_plugins_inventory, all_plugins_play, groups_plugins_inventory, groups_plugins_play): what
 * the inventory itself says of any group comes before all files, and files beside the playbook behind those beside the
 * inventory, however deep a group is.
 *
 * @param groups parents before children, as `byPrecedence` sorts them
 */
export function groupsLayers(groups: readonly GroupRecord[], directories: VarsDirectories): Layer[] {
  const all = groups.filter(({ name }) => name === 'all');
  const others = groups.filter(({ name }) => name !== 'all');
  const files = (members: readonly GroupRecord[], part: Partial<VarsDirectories>): Layer[] =>
    members.flatMap((group) => ofFiles(group, { inventory: [], playbook: [], ...part }));
  // One folder after the other, and in each the groups.
  const beside = (members: readonly GroupRecord[]): Layer[] => [
    ...directories.inventory.flatMap((folder) => files(members, { inventory: [folder] })),
    ...directories.playbook.flatMap((folder) => files(members, { playbook: [folder] })),
  ];
  return [...groups.map(ofInventory), ...beside(all), ...beside(others)];
}

function ofInventory({ name, vars }: GroupRecord): Layer {
  return { level: { kind: 'group', group: name, form: 'inventory' }, variables: vars, locked: undefined };
}

function ofFiles({ name }: GroupRecord, directories: VarsDirectories): Layer[] {
  return fromFiles('group', name, directories, (form) => ({ kind: 'group', group: name, form }));
}

export function hostLayers(host: HostRecord, directories: VarsDirectories): Layer[] {
  const level = (form: Form): Level => ({ kind: 'host', host: host.name, form });
  const inline: Layer = { level: level('inventory'), variables: host.vars, locked: undefined };
  return [inline, ...fromFiles('host', host.name, directories, level)];
}

function fromFiles(
  kind: 'group' | 'host',
  name: string,
  directories: VarsDirectories,
  level: (form: Form) => Level,
): Layer[] {
  // As in Ansible: a host named by a path (chroot) has no files.
  if (name.startsWith('/')) return [];
  const read = (files: readonly VarsFiles[], form: Form): Layer[] =>
    files
      .flatMap((directory) => directory.of(kind, name))
      .map(({ variables, locked }) => ({
        level: level(form),
        variables,
        locked: locked && { ...locked, level: level(form) },
      }));
  return [...read(directories.inventory, 'vars file'), ...read(directories.playbook, 'playbook vars file')];
}

/**
 * The variables the layers add to or change in `base`, each with the one it hides. A locked layer makes everything
 * below it unreadable: the visible value may not be the one that counts.
 */
export function applyLayers(base: ReadonlyMap<string, Variable>, layers: readonly Layer[]): Map<string, Variable> {
  const own = new Map<string, Variable>();
  for (const { level, variables, locked } of layers) {
    if (locked !== undefined) {
      for (const name of new Set([...base.keys(), ...own.keys()]))
        own.set(name, lockedVariable(name, locked, own.get(name) ?? base.get(name)));
    }
    for (const [name, { value, where }] of variables)
      own.set(name, new Variable(name, value, { where, level }, own.get(name) ?? base.get(name)));
  }
  return own;
}

/** The order in which groups are merged: from `all` down; at one depth by priority, then by name. */
export function byPrecedence(a: GroupRecord, b: GroupRecord): number {
  return a.depth - b.depth || a.priority - b.priority || (a.name < b.name ? -1 : 1);
}
