import { PlayError, unknownName, type Location } from '../errors/index.ts';
import { expandHostPattern } from './address.ts';
import type { GroupRecord, InventoryBuilder } from './builder.ts';
import { withoutJinja } from './ini.ts';
import type { Value } from './types.ts';

/** A group as TypeScript data, in the shape of a YAML inventory. */
export interface GroupTree {
  /** Hosts by name, each with its variables, or null for none; or a list of names. A name may stand for many: `web[01:10]`. */
  readonly hosts?: Readonly<Record<string, Readonly<Record<string, Value>> | null>> | readonly string[];
  /** Variables of every host of the group. */
  readonly vars?: Readonly<Record<string, Value>>;
  /** Child groups, whose hosts belong to this group too. */
  readonly children?: Readonly<Record<string, GroupTree | null>>;
}
/** An inventory as TypeScript data: its groups by name. */
export type InventoryTree = Readonly<Record<string, GroupTree | null>>;

/** A typed inventory and the file it came from; `group_vars/` and `host_vars/` are looked for beside that file. */
export interface TypedSource extends Location {
  readonly groups: InventoryTree;
}

/**
 * Gives an inventory written in TypeScript its type.
 *
 * @example export default defineInventory({ web: { hosts: { 'web[01:10]': { http_port: 80 } } } })
 */
export function defineInventory(groups: InventoryTree): InventoryTree {
  return groups;
}

export function readTree({ groups, ...where }: TypedSource, builder: InventoryBuilder): void {
  for (const [name, tree] of Object.entries(groups)) readGroup(name, tree, where, builder);
}

function readGroup(name: string, tree: GroupTree | null, where: Location, builder: InventoryBuilder): GroupRecord {
  const group = builder.addGroup(name, where);
  if (tree === null) return group;
  if (typeof tree !== 'object' || Array.isArray(tree))
    throw new PlayError(`Group ${name} must be an object`, { where, hint: 'Give it hosts, children and vars.' });
  for (const key of Object.keys(tree))
    if (!['hosts', 'vars', 'children'].includes(key))
      throw unknownName(`key of group ${name}`, key, ['hosts', 'vars', 'children'], { where });
  refuseKinds(name, { ...tree }, where);
  for (const [key, value] of Object.entries(tree.vars ?? {}))
    builder.setGroupVariable(group, key, { value: withoutJinja(value, where), where });
  for (const [child, subtree] of Object.entries(tree.children ?? {}))
    builder.addChild(group, readGroup(child, subtree, where, builder), where);
  for (const [pattern, variables] of hostsOf(tree)) {
    const { names, port } = expandHostPattern(pattern, where);
    for (const host of names.map((each) => builder.addHost(each, group, where, port))) {
      for (const [key, value] of Object.entries(variables ?? {}))
        host.vars.set(key, { value: withoutJinja(value, where), where });
    }
  }
  return group;
}

/** What the types enforce, for code that is run without type checks. */
function refuseKinds(
  name: string,
  { hosts, vars, children }: Readonly<Record<string, unknown>>,
  where: Location,
): void {
  const isNamed = (value: unknown): value is Readonly<Record<string, unknown>> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const refuse = (what: string, hint: string): never => {
    throw new PlayError(`${what} of group ${name} are of a wrong kind`, { where, hint });
  };
  if (vars !== undefined && !isNamed(vars)) refuse('The vars', 'Write vars: { port: 80 }.');
  if (children !== undefined && !isNamed(children))
    refuse('The children', 'Write children: { db: { hosts: [...] } }, or db: null for a group defined elsewhere.');
  const isList = Array.isArray(hosts) && hosts.every((host) => typeof host === 'string');
  const isTable =
    isNamed(hosts) &&
    Object.values(hosts).every((variables) => variables === null || variables === undefined || isNamed(variables));
  if (hosts !== undefined && !isList && !isTable)
    refuse('The hosts', "Write hosts: ['web1'], or hosts: { web1: { port: 80 } } with their variables.");
}

function hostsOf({ hosts = {} }: GroupTree): [string, Readonly<Record<string, Value>> | null][] {
  return isList(hosts) ? hosts.map((name) => [name, null]) : Object.entries(hosts);
}

function isList(hosts: NonNullable<GroupTree['hosts']>): hosts is readonly string[] {
  return Array.isArray(hosts);
}
