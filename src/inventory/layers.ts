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
  const level = (form: Form): Level => ({ kind: 'group', group: group.name, form });
  return [inline(group.vars, level('inventory')), ...fromFiles('group', group.name, directories, level)];
}

export function hostLayers(host: HostRecord, directories: VarsDirectories): Layer[] {
  const level = (form: Form): Level => ({ kind: 'host', host: host.name, form });
  return [inline(host.vars, level('inventory')), ...fromFiles('host', host.name, directories, level)];
}

function inline(variables: ReadonlyMap<string, Definition>, level: Level): Layer {
  return { level, variables, locked: undefined };
}

export function fromFiles(
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
