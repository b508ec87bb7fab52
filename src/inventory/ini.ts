import { PlayError, excerpt, nearest, type Location } from '../errors/index.ts';
import { parseInlineValue } from '../formats/python-literal.ts';
import { PythonValue, mappingOf } from '../values/index.ts';
import { expandHostPattern } from './address.ts';
import type { GroupRecord, InventoryBuilder } from './builder.ts';
import { plainText } from './jinja.ts';
import { rememberSpelling } from './number-spellings.ts';
import { splitWords } from './shell-words.ts';
import { checkFloat } from './spelling-traps.ts';
import { isMapping, type Definition, type Value } from './types.ts';
import type { YamlDialect } from './yaml-file.ts';

const section = /^\[(?<group>[^:\]\s]+)(?::(?<kind>\w+))?\]\s*(?:#.*)?$/u;
const groupName = /^([^:\]\s]+)\s*(?:#.*)?$/u;

/** A group named before its own section: as a child of these parents, or by its variables. */
interface Pending {
  readonly where: Location;
  readonly parents: { readonly group: GroupRecord; readonly where: Location }[];
}

/** Reads an INI inventory (ansible/plugins/inventory/ini.py) into `builder`. */
export function readIni(text: string, file: string, builder: InventoryBuilder, dialect: YamlDialect = 'ansible'): void {
  new IniReader(text, file, builder, dialect).read();
}

class IniReader {
  readonly #text: string;
  readonly #file: string;
  readonly #builder: InventoryBuilder;
  readonly #children = new Map<string, Pending>();
  readonly #variables = new Map<string, Location>();
  readonly #dialect: YamlDialect;
  #line = 0;

  constructor(text: string, file: string, builder: InventoryBuilder, dialect: YamlDialect) {
    this.#dialect = dialect;
    this.#text = text;
    this.#file = file;
    this.#builder = builder;
  }

  read(): void {
    let group = this.#builder.addGroup('ungrouped', 'always there');
    let kind = 'hosts';
    for (const raw of this.#text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
      this.#line++;
      const line = raw.trim();
      if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
      const indent = raw.length - raw.trimStart().length;
      const header = section.exec(line)?.groups;
      if (header !== undefined) {
        kind = header['kind'] ?? 'hosts';
        group = this.#open(header['group'] ?? '', kind, indent);
      } else if (line.startsWith('[') && line.endsWith(']')) {
        throw this.#error(
          `Not a section: ${line}`,
          indent,
          'Write [group], [group:children] or [group:vars], without spaces.',
        );
      } else if (kind === 'hosts') this.#hosts(line, indent, group);
      else if (kind === 'vars') this.#variable(line, indent, group);
      else this.#child(line, indent, group);
    }
    this.#checkPending();
  }

  #open(name: string, kind: string, indent: number): GroupRecord {
    if (kind !== 'hosts' && kind !== 'children' && kind !== 'vars') {
      throw this.#error(
        `Section [${name}:${kind}] is of an unknown kind`,
        indent,
        'Kinds are [group], [group:children] and [group:vars].',
      );
    }
    const where = this.#at(indent);
    const isNew = !this.#builder.groups.has(name);
    if (kind === 'vars' && isNew && !this.#children.has(name)) this.#variables.set(name, where);
    const group = this.#builder.addGroup(name, where);
    if (kind !== 'vars') {
      this.#variables.delete(name);
      for (const parent of this.#children.get(name)?.parents ?? [])
        this.#builder.addChild(parent.group, group, parent.where);
      this.#children.delete(name);
    }
    return group;
  }

  #hosts(line: string, indent: number, group: GroupRecord): void {
    const words = splitWords(line);
    if (typeof words === 'string')
      throw this.#error(
        `This host line has an open quotation: ${words}`,
        indent,
        'Close the quotation, or escape the quote with a backslash.',
      );
    const [first, ...assignments] = words;
    if (first === undefined) return;
    const where = this.#at(indent + first.at);
    if (first.text === '---') throw this.#error('This looks like YAML', indent, 'Name the file NAME.yml.');
    const { names, port } = expandHostPattern(first.text, where);
    if (first.text.endsWith(':') && port === undefined) {
      throw this.#error(
        `Host "${first.text}" ends in a colon`,
        indent,
        'A colon separates a port: host:2222. For YAML name the file NAME.yml.',
      );
    }
    const variables = assignments.map(({ text, at }): [string, Definition] => {
      const equals = text.indexOf('=');
      if (equals === -1)
        throw this.#error(
          `Expected name=value, got: ${text}`,
          indent + at,
          'Variables of a host stand on its line as name=value; quote values with spaces.',
        );
      return [text.slice(0, equals), this.#definition(text.slice(equals + 1), indent + at)];
    });
    for (const name of names) {
      const host = this.#builder.addHost(name, group, where, port);
      for (const [key, definition] of variables) host.vars.set(key, definition);
    }
  }

  #variable(line: string, indent: number, group: GroupRecord): void {
    const equals = line.indexOf('=');
    if (equals === -1)
      throw this.#error(
        `Expected name=value, got: ${line}`,
        indent,
        `Lines under [${group.name}:vars] are name=value.`,
      );
    this.#builder.setGroupVariable(
      group,
      line.slice(0, equals).trim(),
      this.#definition(line.slice(equals + 1).trim(), indent),
    );
  }

  #child(line: string, indent: number, parent: GroupRecord): void {
    const name = groupName.exec(line)?.[1];
    if (name === undefined)
      throw this.#error(
        `Expected the name of a group, got: ${line}`,
        indent,
        `Lines under [${parent.name}:children] are names of groups.`,
      );
    const where = this.#at(indent);
    const child = this.#builder.groups.get(name);
    if (child !== undefined) return this.#builder.addChild(parent, child, where);
    const pending = this.#children.get(name) ?? { where, parents: [] };
    pending.parents.push({ group: parent, where });
    this.#children.set(name, pending);
  }

  #checkPending(): void {
    const waiting = new Map([
      ...this.#variables,
      ...[...this.#children].map(([name, { where }]) => [name, where] as const),
    ]);
    const declared = [...this.#builder.groups.keys()].filter((name) => !waiting.has(name));
    for (const [name, where] of waiting) {
      const detail = excerpt(this.#text, where) ?? '';
      const [meant] = nearest(name, declared, 1);
      throw new PlayError(`Group ${name} has no section of its own`, {
        where,
        detail,
        hint: `${meant === undefined ? '' : `Did you mean "${meant}"? Otherwise: `}Ansible wants [${name}] or [${name}:children] for a group that is named here: add it, empty if it has no hosts.`,
      });
    }
  }

  #definition(text: string, column: number): Definition {
    const where = this.#at(column);
    const value = parseInlineValue(text);
    if (typeof value === 'number') rememberSpelling(value, text.trim(), where);
    const trap =
      this.#dialect === 'strict' ? checkFloat(text, value instanceof PythonValue ? value.plain : value) : undefined;
    if (trap !== undefined) throw this.#error(trap.what, column, trap.hint);
    return { value: withoutJinja(value, where), where };
  }

  #at(column: number): Location {
    return { file: this.#file, line: this.#line, column: column + 1 };
  }

  #error(what: string, column: number, hint: string): PlayError {
    const where = this.#at(column);
    return new PlayError(what, { where, hint, detail: excerpt(this.#text, where) ?? '' });
  }
}

/** The value with every Jinja text in it replaced by an object that says so. */
export function withoutJinja(value: Value, where: Location | string): Value {
  if (typeof value === 'string') return plainText(value, where);
  if (Array.isArray(value)) return Object.freeze(value.map((item: Value) => withoutJinja(item, where)));
  if (isMapping(value)) {
    return mappingOf(Object.entries(value).map(([key, item]): [string, Value] => [key, withoutJinja(item, where)]));
  }
  return value;
}
