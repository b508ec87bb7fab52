import { PlayError, locationText, type Location } from '../errors/index.ts';
import type { Definition, OnWarning, Value } from './types.ts';

export class GroupRecord {
  readonly name: string;
  readonly where: Location | string;
  readonly vars = new Map<string, Definition>();
  /** Direct members, in the order they were named. */
  readonly hosts = new Set<HostRecord>();
  readonly children = new Set<GroupRecord>();
  readonly parents = new Set<GroupRecord>();
  /** The longest path down from `all`. */
  depth = 0;
  /** `ansible_group_priority`: of several groups at one depth the highest wins. */
  priority = 1;

  constructor(name: string, where: Location | string) {
    this.name = name;
    this.where = where;
  }
}

export class HostRecord {
  readonly name: string;
  readonly where: Location | string;
  readonly vars = new Map<string, Definition>();
  readonly groups = new Set<GroupRecord>();

  constructor(name: string, where: Location | string) {
    this.name = name;
    this.where = where;
  }
}

/**
 * Collects what the sources say. Order matters: hosts are listed in the order they, and their groups, were first named.
 */
export class InventoryBuilder {
  readonly groups = new Map<string, GroupRecord>();
  readonly hosts = new Map<string, HostRecord>();
  readonly warn: OnWarning;
  readonly #all: GroupRecord;
  readonly #ungrouped: GroupRecord;

  constructor(warn: OnWarning) {
    this.warn = warn;
    this.#all = this.addGroup('all', 'always there');
    this.#ungrouped = this.addGroup('ungrouped', 'always there');
    this.addChild(this.#all, this.#ungrouped, 'always there');
  }

  /** The same hosts, groups and variables, to be added to: this one stays as it is. */
  copy(): InventoryBuilder {
    const copy = new InventoryBuilder(this.warn);
    for (const { name, where } of this.groups.values()) copy.addGroup(name, where);
    for (const host of this.hosts.values()) copy.#take(host);
    for (const group of this.groups.values()) {
      const same = copy.addGroup(group.name, group.where);
      for (const [name, definition] of group.vars) same.vars.set(name, definition);
      same.priority = group.priority;
      for (const child of group.children) copy.addChild(same, copy.addGroup(child.name, child.where), child.where);
      for (const { name } of group.hosts) {
        const member = copy.hosts.get(name);
        if (member !== undefined) same.hosts.add(member);
      }
    }
    return copy;
  }

  #take({ name, where, vars, groups }: HostRecord): void {
    const host = new HostRecord(name, where);
    for (const [key, definition] of vars) host.vars.set(key, definition);
    for (const group of groups) host.groups.add(this.addGroup(group.name, group.where));
    this.hosts.set(name, host);
  }

  addGroup(name: string, where: Location | string): GroupRecord {
    const known = this.groups.get(name);
    if (known !== undefined) return known;
    const group = new GroupRecord(name, where);
    this.groups.set(name, group);
    return group;
  }

  addHost(name: string, group: GroupRecord, where: Location, port?: number): HostRecord {
    refuseHostName(name, where);
    let host = this.hosts.get(name);
    if (host === undefined) {
      host = new HostRecord(name, where);
      this.hosts.set(name, host);
      // As in Ansible: the port counts only where the host is first named.
      if (port !== undefined) host.vars.set('ansible_port', { value: port, where });
    }
    group.hosts.add(host);
    host.groups.add(group);
    return host;
  }

  setGroupVariable(group: GroupRecord, name: string, definition: Definition): void {
    if (name === 'ansible_group_priority') group.priority = priorityOf(definition.value, definition.where);
    else group.vars.set(name, definition);
  }

  addChild(parent: GroupRecord, child: GroupRecord, where: Location | string): void {
    if (parent.children.has(child)) return;
    if (parent === child || isAncestor(child, parent)) {
      throw new PlayError(`Group ${child.name} cannot be a child of ${parent.name}: they would contain each other`, {
        where,
        hint:
          parent === child
            ? 'Remove the line: a group holds itself already.'
            : `${cyclePath(child, parent)}. Remove one of these links; ${child.name} is first named at ${locationText(child.where)}.`,
      });
    }
    parent.children.add(child);
    child.parents.add(parent);
  }

  /** The rules every inventory keeps, once all sources are read. */
  finish(): void {
    for (const group of this.groups.values())
      if (group !== this.#all && group.parents.size === 0) this.addChild(this.#all, group, group.where);
    for (const host of this.hosts.values()) {
      const isGrouped = [...host.groups].some((group) => group !== this.#all && group !== this.#ungrouped);
      if (isGrouped && this.#ungrouped.hosts.delete(host)) host.groups.delete(this.#ungrouped);
      if (!isGrouped) {
        this.#ungrouped.hosts.add(host);
        host.groups.add(this.#ungrouped);
      }
      if (this.groups.has(host.name)) {
        this.warn({
          what: `"${host.name}" is both a host and a group`,
          where: host.where,
          hint: 'A pattern of this name means the host. Rename one of them.',
        });
      }
    }
    setDepths(this.#all);
  }
}

/**
 * A host's name appears in file names, in arguments, and in lines that people read: a name that could mislead there is
 * refused.
 */
function refuseHostName(name: string, where: Location): void {
  if (name === '') throw new PlayError('A host has an empty name', { where });
  // oxlint-disable-next-line no-control-regex
  const wrong = /[\s/\\\x00-\x1f\x7f-\x9f]/u.exec(name)?.[0] ?? /^-|^\.{1,2}$/.exec(name)?.[0];
  if (wrong === undefined) return;
  throw new PlayError(`${JSON.stringify(name)} cannot be the name of a host`, {
    where,
    hint: `It ${/^[-.]/.test(wrong) ? 'is, or begins with,' : 'holds'} ${JSON.stringify(wrong)}. Give it another name, and say where to reach it in ansible_host.`,
  });
}

function isAncestor(candidate: GroupRecord, of: GroupRecord, seen = new Set<GroupRecord>()): boolean {
  for (const parent of of.parents) {
    if (parent === candidate) return true;
    if (seen.has(parent)) continue;
    seen.add(parent);
    if (isAncestor(candidate, parent, seen)) return true;
  }
  return false;
}

/** `a > b > c`: the links that already lead down from `from` to `to`. */
function cyclePath(from: GroupRecord, to: GroupRecord): string {
  const walk = (group: GroupRecord): string[] | undefined => {
    if (group === to) return [group.name];
    for (const child of group.children) {
      const rest = walk(child);
      if (rest !== undefined) return [group.name, ...rest];
    }
    return undefined;
  };
  return `Already given: ${(walk(from) ?? []).join(' > ')}`;
}

/**
 * Parents before children, so that each group is final when its children are met: linear, however groups are linked.
 */
function setDepths(all: GroupRecord): void {
  const order: GroupRecord[] = [];
  const seen = new Set<GroupRecord>();
  const visit = (group: GroupRecord): void => {
    if (seen.has(group)) return;
    seen.add(group);
    for (const child of group.children) visit(child);
    order.push(group);
  };
  visit(all);
  for (const group of order.reverse())
    for (const child of group.children) child.depth = Math.max(child.depth, group.depth + 1);
}

function priorityOf(value: Value, where: Location | string): number {
  const priority = typeof value === 'string' && /^\s*[-+]?\d+\s*$/.test(value) ? Number(value) : value;
  if (typeof priority === 'number') return Math.trunc(priority);
  throw new PlayError('ansible_group_priority must be a whole number', { where });
}
