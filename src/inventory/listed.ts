import type { PlayError } from '../errors/index.ts';
import { jsonOf } from '../values/index.ts';
import type { GroupRecord, InventoryBuilder } from './builder.ts';
import { toListed } from './listing.ts';
import { isMapping, type Definition, type Value } from './types.ts';

export type ListedMap = { readonly [key: string]: Value };

export interface ListedSource {
  /** The file that is named as the place of all that it lists. */
  readonly path: string;
  readonly builder: InventoryBuilder;
  /** The error for what is listed wrong. */
  readonly bad: (path: string, why: string) => PlayError;
}

/**
 * Reads what `--list` of an executable inventory, or of `ansible-inventory`, printed
 * (ansible/plugins/inventory/script.py).
 *
 * @param ask for the variables of one host, where the listing has no `_meta`
 */
export function readListing(listed: ListedMap, source: ListedSource, ask: (host: string) => Value): void {
  const named = new Set<string>();
  for (const [name, data] of Object.entries(listed)) if (name !== '_meta') readGroup(name, data, source, named);
  const meta = listed['_meta'];
  const hostvars = meta !== undefined && isMapping(meta) ? meta['hostvars'] : undefined;
  for (const name of named) {
    const given = hostvars === undefined ? ask(name) : isMapping(hostvars) ? hostvars[name] : undefined;
    const host = source.builder.hosts.get(name);
    if (given !== undefined && isMapping(given) && host !== undefined)
      for (const [key, value] of Object.entries(given)) setUnlessKnown(host.vars, key, value, source.path);
  }
}

function readGroup(name: string, data: Value, source: ListedSource, named: Set<string>): void {
  const { path, builder, bad } = source;
  const where = { file: path };
  const group = builder.addGroup(name, where);
  const { hosts, vars, children } = normalize(data, name);
  if (hosts !== undefined && !isList(hosts)) throw bad(path, `the hosts of group ${name} are not a list`);
  for (const host of hosts ?? []) {
    if (typeof host !== 'string') throw bad(path, `a host of group ${name} is not text`);
    named.add(host);
    builder.addHost(host, group, where);
  }
  if (vars !== undefined) setVariables(group, vars, source);
  if (children !== undefined && !isList(children)) throw bad(path, `the children of group ${name} are not a list`);
  for (const child of children ?? []) {
    if (typeof child !== 'string') throw bad(path, `a child of group ${name} is not text`);
    builder.addChild(group, builder.addGroup(child, where), where);
  }
}

/** A bare list contains the hosts; a mapping without any of the three keys contains a host's variables. */
function normalize(
  data: Value,
  name: string,
): { readonly hosts?: Value; readonly vars?: Value; readonly children?: Value } {
  if (!isMapping(data)) return { hosts: data };
  return 'hosts' in data || 'vars' in data || 'children' in data ? data : { hosts: [name], vars: data };
}

function setVariables(group: GroupRecord, vars: Value, { path, builder, bad }: ListedSource): void {
  if (!isMapping(vars)) throw bad(path, `the vars of group ${group.name} are not a mapping`);
  for (const [key, value] of Object.entries(vars))
    if (!isKnown(group.vars.get(key), value)) builder.setGroupVariable(group, key, { value, where: { file: path } });
}

/** What another source has said already, and a plugin only repeats, keeps its place. */
function setUnlessKnown(vars: Map<string, Definition>, key: string, value: Value, path: string): void {
  if (!isKnown(vars.get(key), value)) vars.set(key, { value, where: { file: path } });
}

function isKnown(known: Definition | undefined, value: Value): boolean {
  return known !== undefined && jsonOf(toListed(known.value)) === jsonOf(toListed(value));
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
