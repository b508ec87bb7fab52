import { code, NotImported, reads, type Code } from '../expressions/code.ts';
import type { Scope } from '../expressions/compiling.ts';
import { isGivenByAnsible } from '../expressions/names.ts';
import { Parameters } from './parameters.ts';
import type { VariableNames } from './variables.ts';

/** Names that several files of a role share: what one registers or sets, another reads. */
export class SharedNames {
  /** Names that files import. */
  readonly taken: ReadonlySet<string>;
  readonly #definedIn = new Map<string, Set<string>>();
  readonly #shared = new Set<string>();
  readonly #modules = new Map<string, string>();
  readonly #runs = new Map<string, number>();
  readonly #includes = new Map<string, Set<string>>();

  constructor(taken: ReadonlySet<string>) {
    this.taken = taken;
  }

  define(name: string, file: string, module: string, run = 0): void {
    this.#runs.set(name, (this.#runs.get(name) ?? 0) | run);
    this.#definedIn.set(name, (this.#definedIn.get(name) ?? new Set()).add(file));
    this.#modules.set(name, module);
  }

  /** Notes that a file includes another. */
  includes(file: string, other: string): void {
    this.#includes.set(file, (this.#includes.get(file) ?? new Set()).add(other));
  }

  /** Names that a file defines, or files that it includes. */
  namesOf(file: string, seen = new Set<string>()): string[] {
    if (seen.has(file)) return [];
    seen.add(file);
    const own = [...this.#definedIn].filter(([, files]) => files.has(file)).map(([name]) => name);
    return [...own, ...[...(this.#includes.get(file) ?? [])].flatMap((one) => this.namesOf(one, seen))];
  }

  /** Asked from a file that does not define it. */
  isElsewhere(name: string): boolean {
    if (!this.#definedIn.has(name)) return false;
    this.#shared.add(name);
    return true;
  }

  isShared(name: string): boolean {
    return this.#shared.has(name);
  }

  /** What of the run it reads. */
  runOf(name: string): number {
    return this.#runs.get(name) ?? 0;
  }

  /** The module whose result it is; `set_fact` for a value. */
  moduleOf(name: string): string {
    return this.#modules.get(name) ?? '';
  }
}

/** What the names in one file of tasks mean, and what the file imports. */
export class FileScope implements Scope {
  readonly file: string;
  readonly variables: VariableNames;
  readonly shared: SharedNames;
  readonly #locals = new Map<string, Code>();
  readonly #parameters: Parameters;
  readonly #taken = new Set<string>();
  #imports = new Map<string, Set<string>>();
  #parts = new Set<string>();

  /** @param parameters names that are given where the file is included */
  constructor(file: string, variables: VariableNames, shared: SharedNames, parameters = new Parameters()) {
    this.file = file;
    this.variables = variables;
    this.shared = shared;
    this.#parameters = parameters;
  }

  get taken(): ReadonlySet<string> {
    return this.shared.taken;
  }

  name(name: string): Code | undefined {
    const local = this.#locals.get(name);
    if (local !== undefined) return local;
    if (this.#parameters.has(name)) return this.#fromInclude(name);
    if (this.shared.isElsewhere(name)) return this.#fromElsewhere(name);
    if (name === 'item') throw new NotImported('name item', 'this is not a loop: there is no item here');
    if (isGivenByAnsible(name) && !this.variables.isDeclared(name)) return undefined;
    const found = this.variables.lookup(name);
    if (found !== undefined) this.#parts.add('vars');
    return found;
  }

  #fromElsewhere(name: string): Code {
    this.#parts.add('known');
    const module = this.shared.moduleOf(name);
    if (module !== 'set_fact')
      return code(`known.${name}`, 'any', { run: reads.results, result: { module, of: `results(known.${name})` } });
    return this.#orDeclared(name, 'known', this.shared.runOf(name) !== 0);
  }

  #fromInclude(name: string): Code {
    this.#parts.add('given');
    return this.#orDeclared(name, 'given', this.#parameters.runOf(name) !== 0);
  }

  /** What was handed over by this name, if it was; else the variable that is called so. */
  #orDeclared(name: string, by: 'known' | 'given', isFunction: boolean): Code {
    const own = isFunction ? `${by}.${name}?.({ facts, results })` : `${by}.${name}`;
    const run = isFunction ? reads.facts | reads.results : 0;
    const declared = this.variables.isDeclared(name) ? this.variables.lookup(name) : undefined;
    if (declared === undefined) return code(own, 'any', { run, maybe: name });
    this.#parts.add('vars');
    return code(`(${own} ?? ${declared.text})`, 'any', { run: run | declared.run, maybe: name });
  }

  /** Names that are given where the file is included. */
  get given(): readonly string[] {
    return this.#parameters.names;
  }

  context(part: 'host' | 'groups' | 'hostvars' | 'playHosts'): string {
    this.#parts.add(part);
    return part;
  }

  /** Notes that a part of a tasks function's arguments is read: `vars`, `known`, `given`. */
  part(name: string): string {
    this.#parts.add(name);
    return name;
  }

  /** Those of the role or play, and of the inventory. */
  everyVariable(): string {
    return `${this.part('vars')}, ${this.context('hostvars')}[${this.context('host')}.name]`;
  }

  /** How many conditions stand around what is made now. */
  conditions = 0;

  needs(name: string): void {
    this.variables.mustBe(name, this.conditions > 0);
  }

  /** The text of a template that files of tasks may look up. */
  template: Scope['template'];

  /** Notes what the file imports; nothing where it is in this very file (`from` is empty). */
  use(name: string, from = 'ansible'): string {
    if (from === '') return name;
    this.#imports.set(from, (this.#imports.get(from) ?? new Set()).add(name));
    return name;
  }

  get imports(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#imports;
  }
  get parts(): ReadonlySet<string> {
    return this.#parts;
  }

  /** A name for a constant of the file that nothing else has. */
  constant(wanted: string): string {
    let name = wanted;
    for (let i = 2; this.#taken.has(name); i++) name = `${wanted}${i}`;
    this.#taken.add(name);
    return name;
  }

  define(name: string, value: Code): void {
    this.#locals.set(name, value);
  }

  /** Another file redefines it: its value here may be out of date. */
  forget(name: string): void {
    if (this.#locals.delete(name)) this.shared.isElsewhere(name);
  }

  local(name: string): Code | undefined {
    return this.#locals.get(name);
  }

  /** Does something; what it noted is forgotten where it fails. */
  attempt<T>(work: () => T): T {
    const imports = new Map([...this.#imports].map(([from, names]) => [from, new Set(names)]));
    const parts = new Set(this.#parts);
    try {
      return work();
    } catch (thrown) {
      this.#imports = imports;
      this.#parts = parts;
      throw thrown;
    }
  }
}
