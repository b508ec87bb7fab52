import { PlayError, unknownName, type Location } from '../errors/index.ts';
import type { Vault } from '../secrets/index.ts';
import { mappingOf } from '../values/index.ts';
import { HostRecord, type GroupRecord, type InventoryBuilder } from './builder.ts';
import { Expressions, inventoryFileOf } from './expressions.ts';
import { applyLayers, byPrecedence, groupLayers, groupsLayers, hostLayers, type VarsDirectories } from './layers.ts';
import { LockedVariables, allLocked, lockedRecord, type Locked } from './locked.ts';
import { Overlay } from './overlay.ts';
import { recordOf, spread } from './record.ts';
import { readTree, type TypedSource } from './typed.ts';
import { Variable, type Definition, type Value } from './types.ts';

/** The names Ansible uses for the machine itself, even when no inventory lists it. */
export const localhostNames: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/** The groups of a host in order of precedence, with their merged variables; hosts with the same groups share one. */
interface Chain {
  readonly groups: readonly GroupRecord[];
  readonly names: readonly string[];
  variables: ReadonlyMap<string, Variable> | undefined;
  /** Those of `variables` that contain Jinja. */
  jinja: readonly string[];
  record: Readonly<Record<string, Value>> | undefined;
  /** One of their encrypted files that could not be read. */
  locked: Locked | undefined;
}

export class Host {
  readonly name: string;
  readonly where: Location | string;
  readonly #chain: () => Chain;

  constructor(record: HostRecord, chain: () => Chain) {
    this.name = record.name;
    this.where = record.where;
    this.#chain = chain;
  }

  /** All groups it is in, also through their parents, sorted; without `all` (Ansible's `group_names`). */
  get groups(): readonly string[] {
    return this.#chain().names;
  }
}

export interface Group {
  readonly name: string;
  readonly where: Location | string;
  /** 0 for `all`; otherwise the longest path down from it. */
  readonly depth: number;
  readonly priority: number;
  /** Direct ones, in the order they were named. */
  readonly children: readonly string[];
  readonly parents: readonly string[];
  readonly directHosts: readonly string[];
  /** Members, also through child groups, in Ansible's order. */
  readonly hosts: readonly string[];
}

interface InventoryOptions {
  /** Opens encrypted files among the variables. */
  readonly vault: Vault;
  readonly playbookDir: string | undefined;
  /** Whether lookups in variables run commands. */
  readonly runsLookups: boolean;
}

/** Hosts, groups and their variables. Nothing is merged before it is asked for. */
export class Inventory {
  readonly hosts: ReadonlyMap<string, Host>;
  readonly groups: ReadonlyMap<string, Group>;
  /** The variables from `-e`; they also beat arguments written in the playbook, which `variables` cannot know. */
  readonly extra: ReadonlyMap<string, Variable>;
  /** Opens encrypted files among the variables. */
  readonly vault: Vault;
  readonly #builder: InventoryBuilder;
  readonly #directories: VarsDirectories;
  readonly #options: InventoryOptions;
  readonly #extra: ReadonlyMap<string, Definition>;
  readonly #chains = new Map<string, Chain>();
  readonly #written = new Map<string, ReadonlyMap<string, Variable>>();
  readonly #variables = new Map<string, ReadonlyMap<string, Variable>>();
  readonly #records = new Map<string, Readonly<Record<string, Value>>>();
  readonly #expressions = new Map<string, Expressions>();
  #members: Value | undefined;

  constructor(
    builder: InventoryBuilder,
    directories: VarsDirectories,
    extra: ReadonlyMap<string, Definition>,
    options: InventoryOptions,
  ) {
    this.vault = options.vault;
    this.#options = options;
    this.#extra = extra;
    this.#builder = builder;
    this.#directories = directories;
    this.extra = applyLayers(new Map(), [{ level: { kind: 'extra' }, variables: extra, locked: undefined }]);
    this.hosts = new Map(
      [...builder.hosts].map(([name, record]) => [name, new Host(record, () => this.#chainOf(record))]),
    );
    this.groups = new Map([...builder.groups].map(([name, record]) => [name, new GroupView(record)]));
  }

  /** The same with further hosts and groups; those that are known already get what is said of them besides. */
  with(sources: readonly TypedSource[]): Inventory {
    const builder = this.#builder.copy();
    for (const source of sources) readTree(source, builder);
    builder.finish();
    return new Inventory(builder, this.#directories, this.#extra, this.#options);
  }

  /**
   * A host by name; `localhost` is there even when no source names it.
   *
   * @throws PlayError naming the nearest hosts when it is unknown
   */
  host(name: string): Host {
    const host = this.hosts.get(name);
    if (host !== undefined) return host;
    const record = this.#record(name);
    return new Host(record, () => this.#chainOf(record));
  }

  /**
   * All static variables of a host, each with its origin and what it overrode; `{{ name }}` in them is looked up. Where
   * an encrypted file could not be read, an unknown name is an `Unreadable` too.
   */
  variables(host: string): ReadonlyMap<string, Variable> {
    let variables = this.#variables.get(host);
    if (variables === undefined) {
      variables = this.#resolve(host, this.written(host));
      this.#variables.set(host, variables);
    }
    return variables;
  }

  /** The same as written in the files, for listings: Jinja as text. */
  written(host: string): ReadonlyMap<string, Variable> {
    let written = this.#written.get(host);
    if (written === undefined) {
      written = this.#merge(this.#record(host));
      this.#written.set(host, written);
    }
    return written;
  }

  variable(host: string, name: string): Variable | undefined {
    return this.variables(host).get(name);
  }

  /**
   * The values alone, as a frozen plain object. A value play cannot give (Jinja, locked vault) is an `Unreadable` that
   * throws when used.
   */
  vars(host: string): Readonly<Record<string, Value>> {
    const known = this.#records.get(host);
    if (known !== undefined) return known;
    const variables = this.variables(host);
    const shared = this.#chainOf(this.#record(host));
    shared.record ??= recordOf(shared.variables?.values() ?? []);
    const record =
      variables instanceof LockedVariables
        ? lockedRecord(recordOf(variables.values()), variables.locked)
        : variables instanceof Overlay
          ? Object.freeze(spread(shared.record, recordOf(variables.own.values())))
          : shared.record;
    this.#records.set(host, record);
    return record;
  }

  /** Whether `-e name=value` gave a variable: its value is text, whatever was meant. */
  isTyped(name: string): boolean {
    // What is in a file or in braces has a place in it.
    return typeof this.extra.get(name)?.origin.where === 'string';
  }

  /** The variables of `-e`, as they are on a host: Jinja in them reads its variables. */
  extraVars(host: string): Readonly<Record<string, Value>> {
    const variables = this.variables(host);
    return recordOf([...this.extra.keys()].flatMap((name) => variables.get(name) ?? []));
  }

  /** The encrypted files of a host that could not be read because nothing was given to open them. */
  lockedFiles(host: string): readonly Locked[] {
    const record = this.#record(host);
    const layers = [
      ...this.#chainOf(record).groups.flatMap((group) => groupLayers(group, this.#directories)),
      ...hostLayers(record, this.#directories),
    ];
    return layers.flatMap(({ locked }) => locked ?? []);
  }

  /**
   * @throws PlayError when an encrypted file of the host could not be read: a list of all its variables would lack some
   */
  refuseLocked(host: string): void {
    const written = this.written(host);
    if (written instanceof LockedVariables) throw allLocked(written.locked);
  }

  /** Reads every variables file of every group and of these hosts, so that a mistake in one is found now. */
  check(hosts: Iterable<string> = this.hosts.keys()): void {
    for (const group of this.#builder.groups.values()) groupLayers(group, this.#directories);
    for (const host of hosts) hostLayers(this.#record(host), this.#directories);
  }

  /** What precedence is computed from, for this folder's own listings. */
  internals(host: string): {
    readonly record: HostRecord;
    readonly groups: readonly GroupRecord[];
    readonly directories: VarsDirectories;
  } {
    const record = this.#record(host);
    return { record, groups: this.#chainOf(record).groups, directories: this.#directories };
  }

  #record(name: string): HostRecord {
    const record = this.#builder.hosts.get(name);
    if (record !== undefined) return record;
    if (!localhostNames.includes(name)) throw unknownName('host', name, this.#builder.hosts.keys());
    return implicitLocalhost(name, this.#builder);
  }

  #chainOf(host: HostRecord): Chain {
    const key = [...host.groups].map(({ name }) => name).join('\n');
    let chain = this.#chains.get(key);
    if (chain === undefined) {
      const groups = [...withAncestors(host.groups)].sort(byPrecedence);
      const names = groups
        .map(({ name }) => name)
        .filter((name) => name !== 'all')
        .sort();
      chain = { groups, names, variables: undefined, jinja: [], record: undefined, locked: undefined };
      this.#chains.set(key, chain);
    }
    return chain;
  }

  #merge(host: HostRecord): ReadonlyMap<string, Variable> {
    const chain = this.#chainOf(host);
    if (chain.variables === undefined) {
      const layers = groupsLayers(chain.groups, this.#directories);
      chain.variables = applyLayers(new Map(), layers);
      chain.jinja = namesOfJinja(chain.variables);
      chain.locked = layers.findLast(({ locked: one }) => one !== undefined)?.locked;
    }
    const layers = hostLayers(host, this.#directories);
    const own = applyLayers(chain.variables, layers);
    const locked = layers.findLast(({ locked: one }) => one !== undefined)?.locked ?? chain.locked;
    for (const [name, { value, origin }] of this.extra)
      own.set(name, new Variable(name, value, origin, own.get(name) ?? chain.variables.get(name)));
    const merged = own.size === 0 ? chain.variables : new Overlay(own, chain.variables);
    return locked === undefined ? merged : new LockedVariables(merged, locked);
  }

  /** Most hosts have nothing to look up, and keep sharing the variables of their groups. */
  #resolve(host: string, written: ReadonlyMap<string, Variable>): ReadonlyMap<string, Variable> {
    const { jinja } = this.#chainOf(this.#record(host));
    const own =
      written instanceof Overlay
        ? (written as Overlay<Variable>).own
        : new Map(written instanceof LockedVariables ? written : []);
    const concerned = new Set([...jinja, ...namesOfJinja(own)]);
    if (concerned.size === 0) return written;
    const expressions = this.#expressionsOf(host);
    const resolved = new Map(own);
    for (const name of concerned) {
      const variable = expressions.of(name);
      if (variable !== undefined) resolved.set(name, variable);
    }
    return written instanceof LockedVariables ? written.with(resolved) : new Overlay(resolved, written);
  }

  #expressionsOf(host: string): Expressions {
    let expressions = this.#expressions.get(host);
    if (expressions === undefined) {
      const record = this.#record(host);
      expressions = new Expressions(this.written(host), {
        host,
        file: inventoryFileOf(record.where),
        groupNames: this.#chainOf(record).names,
        playbookDir: this.#options.playbookDir,
        groups: () => (this.#members ??= mappingOf([...this.groups].map(([name, group]) => [name, group.hosts]))),
        hosts: () => this.hosts.keys(),
        of: (name) => (this.#knows(name) ? this.#expressionsOf(name) : undefined),
        runsLookups: this.#options.runsLookups,
        open: (bytes, file) => {
          const plain = this.vault.decryptFile(bytes, { file });
          return plain === undefined ? { bytes, isSecret: false } : { bytes: plain, isSecret: true };
        },
      });
      this.#expressions.set(host, expressions);
    }
    return expressions;
  }

  #knows(name: string): boolean {
    return this.hosts.has(name) || localhostNames.includes(name);
  }
}

class GroupView implements Group {
  readonly #record: GroupRecord;
  #hosts: readonly string[] | undefined;

  constructor(record: GroupRecord) {
    this.#record = record;
  }
  get name(): string {
    return this.#record.name;
  }
  get where(): Location | string {
    return this.#record.where;
  }
  get depth(): number {
    return this.#record.depth;
  }
  get priority(): number {
    return this.#record.priority;
  }
  get children(): readonly string[] {
    return [...this.#record.children].map(({ name }) => name);
  }
  get parents(): readonly string[] {
    return [...this.#record.parents].map(({ name }) => name);
  }
  get directHosts(): readonly string[] {
    return [...this.#record.hosts].map(({ name }) => name);
  }
  get hosts(): readonly string[] {
    this.#hosts ??= membersOf(this.#record);
    return this.#hosts;
  }
}

/** The group's own hosts, then its children's, then theirs: Ansible walks the levels one by one. */
function membersOf(group: GroupRecord): string[] {
  const seen = new Set<GroupRecord>([group]);
  // A Set grows while it is walked, which makes this a breadth-first search.
  for (const next of seen) for (const child of next.children) seen.add(child);
  const hosts = new Set<string>();
  for (const next of seen) for (const host of next.hosts) hosts.add(host.name);
  return [...hosts];
}

function withAncestors(groups: Iterable<GroupRecord>): Set<GroupRecord> {
  const all = new Set(groups);
  for (const group of all) for (const parent of group.parents) all.add(parent);
  return all;
}

function implicitLocalhost(name: string, builder: InventoryBuilder): HostRecord {
  const record = new HostRecord(name, 'implicit localhost');
  const all = builder.groups.get('all');
  if (all === undefined) throw new PlayError('The inventory has no group all');
  record.groups.add(all);
  record.vars.set('ansible_connection', { value: 'local', where: record.where });
  return record;
}

function namesOfJinja(variables: ReadonlyMap<string, Variable>): string[] {
  return [...variables.values()].filter(({ jinja }) => jinja).map(({ name }) => name);
}
