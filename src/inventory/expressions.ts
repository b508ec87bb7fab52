import { dirname, resolve } from 'node:path';
import { PlayError, nearest, type Location } from '../errors/index.ts';
import {
  BlockedError,
  FixedText,
  JinjaError,
  JinjaSyntaxError,
  LazyMapping,
  Undefined,
  evaluateText,
  isRunTimeName,
  lookUp,
  type JinjaValue,
  type LookupPlaces,
  type Variables,
} from '../jinja/index.ts';
import { Secret, Unreadable, reveal } from '../secrets/index.ts';
import { PythonValue, mappingOf } from '../values/index.ts';
import { Variable, holdsJinja, isMapping, type Value } from './types.ts';

/** What expressions of one host can see besides its variables. */
export interface HostWorld {
  readonly host: string;
  /** The file that first names the host; undefined where none does (`-i web1,`, the implicit localhost). */
  readonly file: string | undefined;
  readonly groupNames: readonly string[];
  /** The playbook's folder, if there is a playbook. */
  readonly playbookDir: string | undefined;
  readonly groups: () => Value;
  readonly hosts: () => Iterable<string>;
  /** The expressions of any host; undefined for an unknown one. */
  readonly of: (host: string) => Expressions | undefined;
  readonly open: LookupPlaces['open'];
  readonly runsLookups: boolean;
}

/**
 * The Jinja in one host's variables, worked out as Ansible does. A value is worked out when it is first asked for, with
 * those it names; it is secret if anything it is made of is. What cannot be (a fact, an unknown filter) becomes an
 * `Unreadable` that says so when used.
 */
export class Expressions {
  readonly #written: ReadonlyMap<string, Variable>;
  readonly #world: HostWorld;
  readonly #found = new Map<string, JinjaValue>();
  readonly #under = new Set<string>();
  /** What stands for a value that reads something that is not there: `default` may say what to take instead. */
  readonly #absent = new WeakMap<Unreadable, Undefined>();
  readonly #variables: Variables;
  readonly #places: LookupPlaces;

  constructor(written: ReadonlyMap<string, Variable>, world: HostWorld) {
    this.#written = written;
    this.#world = world;
    this.#places = {
      folders: [world.playbookDir ?? process.cwd()],
      open: world.open,
      names: () => this.names(),
      runs: world.runsLookups,
    };
    this.#variables = {
      written: (name) => this.#magic(name) ?? this.#written.get(name)?.value,
      variable: (name) => this.value(name),
      missing: (name) => this.#missing(name),
      lookup: (name, args) => lookUp(name, args, this.#variables, this.#places),
    };
  }

  /** A variable whose value is worked out when it is read. */
  of(name: string): Variable | undefined {
    const written = this.#written.get(name);
    if (written === undefined || !written.jinja) return written;
    return new Variable(name, () => this.#output(this.value(name) ?? null, name), written.origin, written.overrides);
  }

  /** All names that expressions of the host can read. */
  names(): string[] {
    const magic = magicNames.filter((name) => this.#magic(name) !== undefined);
    return [...new Set([...this.#written.keys(), ...magic])].filter((name) => name !== 'vars' && name !== 'hostvars');
  }

  /** A value as other expressions see it; undefined where there is no such name. */
  value(name: string): JinjaValue | undefined {
    const magic = this.#magic(name);
    if (magic !== undefined) return magic;
    const known = this.#found.get(name);
    if (known !== undefined) return known;
    const written = this.#written.get(name);
    if (written === undefined) return undefined;
    if (!written.jinja) return written.value;
    if (this.#under.has(name))
      throw new JinjaError('wrong', `"${name}" refers to itself`, 'Break the circle: give one of them a value.');
    this.#under.add(name);
    try {
      const value = this.#evaluated(written.value);
      const found = (value instanceof Unreadable ? this.#absent.get(value) : undefined) ?? value;
      this.#found.set(name, found);
      return found;
    } finally {
      this.#under.delete(name);
    }
  }

  #evaluated(value: Value): JinjaValue {
    if (!holdsJinja(value)) return value;
    if (value instanceof Unreadable) return this.#text(value);
    if (Array.isArray(value)) return Object.freeze((value as readonly Value[]).map((item) => this.#evaluated(item)));
    if (!isMapping(value)) return value;
    return mappingOf(Object.entries(value).map(([key, item]): [string, JinjaValue] => [key, this.#evaluated(item)]));
  }

  #text(expression: Unreadable): JinjaValue {
    const { text = '' } = expression;
    try {
      const value = evaluateText(reveal(text), this.#variables);
      // What a vault's text is made into is a secret too, whatever it reads.
      return text instanceof Secret && typeof value === 'string' ? new Secret(value, text.source, [text]) : value;
    } catch (error) {
      const unreadable = problemOf(error, expression);
      if (error instanceof JinjaError && error.problem === 'undefined')
        this.#absent.set(unreadable, new Undefined(error.message, false, () => error.hint));
      return unreadable;
    }
  }

  /** What Ansible gives every host by itself. */
  #magic(name: string): JinjaValue | undefined {
    const { host, file, groupNames, playbookDir, groups, hosts, of } = this.#world;
    switch (name) {
      case 'inventory_hostname':
        return host;
      case 'inventory_hostname_short':
        return host.split('.')[0] ?? host;
      case 'group_names':
        return groupNames;
      case 'groups':
        return groups();
      case 'inventory_file':
        return file;
      case 'inventory_dir':
        return file === undefined ? undefined : dirname(file);
      case 'playbook_dir':
        return playbookDir;
      case 'hostvars':
        return new LazyMapping(hosts, (one) => of(one)?.asMapping());
      case 'vars':
        return new LazyMapping(
          () => this.names(),
          (one) => this.#unevaluated(one),
        );
      case 'ansible_host':
        return this.#written.has(name) ? undefined : host;
      default:
        return undefined;
    }
  }

  /** Of `vars` Ansible gives values as they are written. */
  #unevaluated(name: string): JinjaValue | undefined {
    if (this.#written.get(name)?.jinja !== true) return this.value(name);
    throw new JinjaError(
      'hole',
      `vars['${name}'] is an expression itself, which Ansible gives as its text`,
      `Write lookup('vars', '${name}').`,
    );
  }

  /** The host's variables in `hostvars`. */
  asMapping(): LazyMapping {
    return new LazyMapping(
      () => this.names(),
      (name) => {
        // In a host's own expressions the name stands for it; in `hostvars` only what is written is there.
        if (name === 'ansible_host' && !this.#written.has(name)) return undefined;
        const value = this.value(name);
        if (value === undefined && isRunTimeName(name)) this.#missing(name);
        return value;
      },
    );
  }

  #missing(name: string): Undefined {
    if (isRunTimeName(name))
      throw new JinjaError(
        'hole',
        `"${name}" is known only in a run`,
        'Read facts and results in TypeScript: an option given as a function ({ facts, results }).',
      );
    return new Undefined(`the inventory gives this host no "${name}"`, false, () => {
      const [close] = nearest(name, this.names(), 1);
      const meant = close === undefined ? '' : `Did you mean "${close}"? `;
      return `${meant}Facts, defaults of roles and variables of a playbook are not looked up here: compute such a value in TypeScript (in the playbook or the role).`;
    });
  }

  /** A value as it leaves expressions: play's own kinds alone, frozen. */
  #output(value: JinjaValue, name: string): Value {
    if (value instanceof Undefined) return this.#refused(value.error(), name);
    if (value instanceof FixedText) return value.text;
    if (value === null || typeof value !== 'object' || value instanceof PythonValue) return value;
    if (value instanceof Secret || value instanceof Unreadable) return value;
    if (Array.isArray(value))
      return Object.freeze((value as readonly JinjaValue[]).map((item) => this.#output(item, name)));
    if (value instanceof LazyMapping)
      return mappingOf(
        [...value.keys()].map((key): [string, Value] => [key, this.#output(value.get(key) ?? null, name)]),
      );
    if (Object.getPrototypeOf(value) === Object.prototype)
      return mappingOf(
        Object.entries(value as Readonly<Record<string, JinjaValue>>).map(([key, item]): [string, Value] => [
          key,
          this.#output(item, name),
        ]),
      );
    return this.#refused(new JinjaError('hole', 'this is a function, not a value'), name);
  }

  #refused(error: JinjaError, name: string): Unreadable {
    const written = this.#written.get(name)?.value;
    const expression = written instanceof Unreadable ? written : undefined;
    return problemOf(error, expression ?? new Unreadable(() => new PlayError(error.message), ''));
  }
}

const magicNames = [
  'inventory_hostname',
  'inventory_hostname_short',
  'group_names',
  'groups',
  'inventory_file',
  'inventory_dir',
  'playbook_dir',
];

/** The files of an inventory, absolute; undefined for a list of hosts on the command line. */
export function inventoryFileOf(where: Location | string): string | undefined {
  return typeof where === 'string' || where.file.startsWith('-') ? undefined : resolve(where.file);
}

/** What stands in place of a value that could not be worked out. */
function problemOf(error: unknown, expression: Unreadable): Unreadable {
  // What hangs on a value that nobody can know here is no more an expression that play does not evaluate than that is.
  if (error instanceof BlockedError)
    return new Unreadable(error.by.problem, error.by.text === undefined ? undefined : expression.text);
  const { text = '' } = expression;
  if (error instanceof JinjaSyntaxError || error instanceof JinjaError) {
    const where = expression.problem().where;
    const at = where === undefined ? {} : { where };
    // What looks like a name may be part of a password.
    if (text instanceof Secret) return new Unreadable(() => secretProblem(error, at), text);
    const { what, hint } = told(error, shown(text));
    return new Unreadable(() => new PlayError(what, { ...at, hint }), text);
  }
  if (error instanceof RangeError) return problemOf(new JinjaError('wrong', 'this is nested too deep'), expression);
  throw error;
}

function shown(text: string): string {
  const line = text.trim().replaceAll(/\s*\n\s*/g, ' ');
  return line.length > 120 ? `${line.slice(0, 117)}...` : line;
}

function told(error: JinjaError | JinjaSyntaxError, text: string): { readonly what: string; readonly hint: string } {
  if (error instanceof JinjaSyntaxError) {
    const place = error.line === 1 ? `column ${error.column}` : `line ${error.line}, column ${error.column}`;
    return {
      what: `This value is not valid Jinja: ${text}: ${error.message} (${place} of the value)`,
      hint: 'Text that only looks like Jinja takes the tag !unsafe.',
    };
  }
  const hint = error.hint ?? 'Compute the value in TypeScript (in the playbook or the role), or write it out.';
  if (error.problem === 'undefined')
    return {
      what: `This value reads another one that does not exist: ${text}: ${error.message}`,
      hint: error.hint ?? 'Check the spelling, or give it a fallback: | default(...).',
    };
  if (error.problem === 'hole')
    return { what: `This value is a Jinja expression that play does not evaluate: ${text}: ${error.message}`, hint };
  return {
    what: `This value cannot be worked out: ${text}: ${error.message}`,
    hint: error.hint ?? 'Ansible fails here as well: fix the expression, or write the value out.',
  };
}

function secretProblem(error: JinjaError | JinjaSyntaxError, at: { readonly where?: Location | string }): PlayError {
  const isMissing = error instanceof JinjaError && error.problem === 'undefined';
  return new PlayError(
    isMissing
      ? 'This encrypted value reads another one that is not there'
      : 'This encrypted value is a Jinja expression that play cannot evaluate',
    {
      ...at,
      hint: 'Check the names between {{ and }}. Text that only looks like Jinja takes the tag !unsafe.',
      detail: '',
    },
  );
}
