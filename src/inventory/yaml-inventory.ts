import { PlayError, unknownName, type Location } from '../errors/index.ts';
import { expandHostPattern } from './address.ts';
import type { GroupRecord, InventoryBuilder } from './builder.ts';
import type { YamlEntry, YamlFile } from './yaml-file.ts';

const sections = ['hosts', 'vars', 'children'] as const;

/** Called for a file that tells a plugin what to do. */
export type OnPlugin = (plugin: string, where: Location) => void;

/** Reads a YAML inventory (ansible/plugins/inventory/yaml.py) into `builder`. */
export function readYamlInventory(source: YamlFile, builder: InventoryBuilder, onPlugin: OnPlugin): void {
  const groups = source.entries(source.root);
  if (groups === undefined) {
    throw new PlayError('A YAML inventory must be a mapping of groups', {
      where: source.where(source.root),
      hint: 'Begin with all: and below it hosts:, children: and vars:.',
    });
  }
  const plugin = groups.find(({ key }) => key === 'plugin');
  if (plugin !== undefined) {
    const name = source.value(plugin.node);
    return onPlugin(typeof name === 'string' ? name : '', plugin.where);
  }
  const reader = new YamlInventoryReader(source, builder);
  for (const entry of groups) reader.group(entry);
}

class YamlInventoryReader {
  readonly #source: YamlFile;
  readonly #builder: InventoryBuilder;

  constructor(source: YamlFile, builder: InventoryBuilder) {
    this.#source = source;
    this.#builder = builder;
  }

  group({ key, where, node }: YamlEntry): GroupRecord {
    const group = this.#builder.addGroup(key, where);
    if (this.#source.isNull(node)) return group;
    const parts = this.#source.entries(node);
    if (parts === undefined)
      throw new PlayError(`Group ${key} must be a mapping`, {
        where,
        hint: 'Below a group stand hosts:, children: and vars:.',
      });
    for (const part of parts) this.#section(group, part);
    return group;
  }

  #section(group: GroupRecord, part: YamlEntry): void {
    if (!sections.some((known) => known === part.key))
      throw unknownName('key of a group', part.key, sections, { where: part.where });
    for (const entry of this.#members(group, part)) {
      if (part.key === 'vars')
        this.#builder.setGroupVariable(group, entry.key, { value: this.#source.value(entry.node), where: entry.where });
      else if (part.key === 'children') this.#builder.addChild(group, this.group(entry), entry.where);
      else this.#host(group, entry);
    }
  }

  #host(group: GroupRecord, { key, where, node }: YamlEntry): void {
    const { names, port } = expandHostPattern(key, where);
    const variables = this.#source.isNull(node) ? [] : this.#source.entries(node);
    if (variables === undefined)
      throw new PlayError(`Host ${key} must hold a mapping of its variables`, {
        where,
        hint: 'Write NAME: VALUE lines below it, or nothing.',
      });
    const definitions = variables.map(
      (entry) => [entry.key, { value: this.#source.value(entry.node), where: entry.where }] as const,
    );
    for (const name of names) {
      const host = this.#builder.addHost(name, group, where, port);
      for (const [variable, definition] of definitions) host.vars.set(variable, definition);
    }
  }

  /** The entries of a section; a single word stands for a mapping with that key. */
  #members(group: GroupRecord, { key, where, node }: YamlEntry): YamlEntry[] {
    if (this.#source.isNull(node)) return [];
    const entries = this.#source.entries(node);
    if (entries !== undefined) return entries;
    const word = this.#source.value(node);
    if (typeof word === 'string') return [{ key: word, where: this.#source.where(node), node: null }];
    throw new PlayError(`"${key}" of group ${group.name} must be a mapping`, { where, hint: listHint(key, where) });
  }
}

function listHint(key: string, where: Location): string {
  return key === 'vars'
    ? 'Write NAME: VALUE lines below it.'
    : `Write each as "name:" on a line of its own, not as "- name" (from line ${where.line ?? 1} on).`;
}
