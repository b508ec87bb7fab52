import { exactOf, isFloatData, textOf, type Data } from '../ansible/data.ts';
import type { AnsibleRole } from '../ansible/tree.ts';
import { code, property, reads, type Code, type Kind } from '../expressions/code.ts';
import { NotImported } from '../expressions/code.ts';
import { JinjaCompiler } from '../expressions/compiler.ts';
import type { Scope } from '../expressions/compiling.ts';
import { isSecretName } from '../expressions/secret-names.ts';
import { print, type Doc } from './doc.ts';
import { anyValue, containsJinja } from './values.ts';

/** The variables that files of tasks may read. */
export interface VariableNames {
  /** The code of a variable; undefined for a name that cannot be one. */
  lookup(name: string): Code | undefined;
  isDeclared(name: string): boolean;
  /** Notes that a value has to be there for all hosts. */
  mustBe(name: string, conditional: boolean): void;
}

/** How a variable is asked for. */
interface Use {
  asked: number;
  needed: number;
}

/** A variable of a role. */
export interface RoleVariable {
  readonly name: string;
  /** The schema, as code. */
  readonly schema: string;
  /** What it is where nobody sets it, and it is no constant. */
  readonly computed?: {
    readonly value: string;
    readonly run: number;
    readonly overrides: boolean;
    readonly kind: Kind;
  };
  readonly comment?: string;
}

/** Of a role: its defaults with their kinds, and what else its files read. */
export class RoleVariables implements VariableNames {
  readonly #role: AnsibleRole;
  readonly #uses = new Map<string, Use>();
  readonly #required = new Set<string>();
  readonly #made = new Map<string, RoleVariable & { readonly kind: Kind; readonly maybe: boolean }>();
  readonly #making = new Set<string>();
  readonly #scope: Scope;
  readonly #ownNames: ReadonlySet<string>;
  /** Names that a play or another role gives it. */
  readonly given = new Set<string>();
  /** Names that were read at any time. */
  readonly asked = new Set<string>();

  /** @param ownNames of the repository: they look like facts, and are none */
  constructor(role: AnsibleRole, ownNames: ReadonlySet<string>, scope: (variables: RoleVariables) => Scope) {
    this.#role = role;
    this.#ownNames = ownNames;
    this.#scope = scope(this);
  }

  isDeclared(name: string): boolean {
    return (
      this.#ownNames.has(name) ||
      this.#role.defaults.has(name) ||
      this.#role.vars.has(name) ||
      this.#role.specs?.entries.has(name) === true
    );
  }

  lookup(name: string): Code {
    this.asked.add(name);
    const made = this.#make(name);
    const read = property('vars', name);
    if (made.computed !== undefined)
      return made.computed.run === 0
        ? code(read, made.computed.kind)
        : code(`${read}({ facts, results })`, made.computed.kind, { run: reads.facts | reads.results });
    if (!made.maybe) return code(read, made.kind);
    const use = this.#uses.get(name) ?? { asked: 0, needed: 0 };
    use.asked++;
    this.#uses.set(name, use);
    return code(read, made.kind, this.#required.has(name) ? {} : { maybe: name });
  }

  mustBe(name: string, conditional: boolean): void {
    const use = this.#uses.get(name);
    if (use !== undefined && !conditional) use.needed++;
  }

  /** After all was looked at once: with `mayRequire`, what is needed wherever it is read has to be set. */
  settle(mayRequire: boolean): void {
    if (mayRequire)
      for (const [name, { asked, needed }] of this.#uses) if (asked === needed && asked > 0) this.#required.add(name);
    this.#uses.clear();
    this.#made.clear();
  }

  /** All that is declared or was asked for, in the order of the role's files. */
  all(): RoleVariable[] {
    const names = [
      ...this.#role.defaults.keys(),
      ...this.#role.vars.keys(),
      ...(this.#role.specs?.entries.keys() ?? []),
      ...this.given,
      ...this.#made.keys(),
    ];
    return [...new Set(names)].map((name) => this.#make(name));
  }

  #make(name: string): RoleVariable & { readonly kind: Kind; readonly maybe: boolean } {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    // What a default is made of may lead back to it.
    if (this.#making.has(name)) return { name, schema: 'v.optional(v.any())', kind: 'any', maybe: true };
    this.#making.add(name);
    const made = this.#declare(name);
    this.#making.delete(name);
    this.#made.set(name, made);
    return made;
  }

  #declare(name: string): RoleVariable & { readonly kind: Kind; readonly maybe: boolean } {
    const constant = this.#role.vars.get(name);
    if (constant !== undefined) return this.#computed(name, constant, true);
    const standard = this.#role.defaults.get(name);
    if (standard === undefined) {
      const isRequired = this.#required.has(name);
      return { name, schema: isRequired ? 'v.any()' : 'v.optional(v.any())', kind: 'any', maybe: !isRequired };
    }
    const plain = isSecretName(name) ? openSchema(standard, this.#scope) : plainSchema(standard, this.#scope);
    if (plain !== undefined) return { name, ...plain, maybe: false };
    return this.#computed(name, standard, false);
  }

  #computed(
    name: string,
    data: Data,
    overrides: boolean,
  ): RoleVariable & { readonly kind: Kind; readonly maybe: boolean } {
    try {
      const { doc, run, kind } = anyValue(new JinjaCompiler(this.#scope), data);
      const value = print(doc, 4, 10);
      return {
        name,
        schema: 'v.optional(v.any())',
        computed: { value, run, overrides, kind: overrides ? kind : 'any' },
        kind: 'any',
        maybe: false,
      };
    } catch (thrown) {
      if (!(thrown instanceof NotImported)) throw thrown;
      const what = textOf(data) ?? 'a list or mapping';
      return {
        name,
        schema: 'v.optional(v.any())',
        kind: 'any',
        maybe: true,
        comment: `Review: its value is not imported (${thrown.message}): ${what.split('\n')[0] ?? ''}`,
      };
    }
  }
}

/** A default of what the inventory may keep in a vault. */
function openSchema(data: Data, scope: Scope): { schema: string; kind: Kind } | undefined {
  if (containsJinja(data) || data.type === 'vault') return undefined;
  return { schema: `v.optional(v.any(), ${print(plainDoc(data, scope), 2, 30)})`, kind: 'any' };
}

/** The schema of a default without Jinja; undefined where there is some. */
function plainSchema(data: Data, scope: Scope): { schema: string; kind: Kind } | undefined {
  if (containsJinja(data)) return undefined;
  const value = print(plainDoc(data, scope), 2, 30);
  switch (data.type) {
    case 'text':
      // It may as well be given as a number.
      return /^[\d.]+$/.test(data.value)
        ? { schema: `v.optional(v.union([v.string(), v.number()]), ${value})`, kind: 'scalar' }
        : { schema: `v.optional(v.string(), ${value})`, kind: 'text' };
    case 'number':
      // A number of the inventory for `v.number()` is one of JavaScript's, which prints 2.0 as 2.
      return isFloatData(data) || typeof exactOf(data) === 'bigint'
        ? { schema: `v.optional(v.any(), ${value})`, kind: 'any' }
        : { schema: `v.optional(v.number(), ${value})`, kind: 'number' };
    case 'flag':
      return { schema: `v.optional(v.boolean(), ${value})`, kind: 'flag' };
    case 'null':
      return { schema: 'v.optional(v.any(), null)', kind: 'any' };
    case 'list': {
      const isTexts = data.items.length > 0 && data.items.every(({ type }) => type === 'text');
      return isTexts
        ? { schema: `v.optional(v.array(v.string()), ${value})`, kind: 'texts' }
        : { schema: `v.optional(v.array(v.any()), ${value})`, kind: 'list' };
    }
    case 'map':
      return { schema: `v.optional(v.record(v.string(), v.any()), ${value})`, kind: 'map' };
    case 'vault':
      return undefined;
  }
}

const plainDoc = (data: Data, scope: Scope): Doc => anyValue(new JinjaCompiler(scope), data).doc;
