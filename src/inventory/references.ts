import { PlayError, nearest } from '../errors/index.ts';
import { Secret, Unreadable, reveal, sourcesOf } from '../secrets/index.ts';
import { mappingOf } from '../values/index.ts';
import { Variable, holdsJinja, isMapping, type Value } from './types.ts';

/** A piece of a text: literal text, or the path to a value (`a.b[0]` is a, b, 0). */
type Piece = string | readonly [string, ...string[]];

/**
 * The one part of Jinja that variables can hardly do without: a value, or part of a text, that names another variable
 * (`"{{ vault_password }}"`, `"{{ inventory_hostname }}.lan"`, `"{{ users[0].name }}"`). It is looked up for the host,
 * keeps its type where it is the whole value, and is secret if anything it reads is. Anything more (filters, lookups,
 * tests, facts) remains an `Unreadable` that says so when used.
 */
export class References {
  readonly #written: ReadonlyMap<string, Variable>;
  /** Variables that Ansible sets for a host by itself (`inventory_hostname`). */
  readonly #given: Readonly<Record<string, Value>>;
  readonly #found = new Map<string, Variable>();
  readonly #under = new Set<string>();

  constructor(written: ReadonlyMap<string, Variable>, given: Readonly<Record<string, Value>>) {
    this.#written = written;
    this.#given = given;
  }

  /** A variable with the values it names in place. */
  of(name: string): Variable | undefined {
    const known = this.#found.get(name) ?? this.#written.get(name);
    if (known === undefined || this.#found.has(name) || !known.jinja) return known;
    this.#under.add(name);
    const found = new Variable(name, this.#value(known.value), known.origin, known.overrides);
    this.#under.delete(name);
    this.#found.set(name, found);
    return found;
  }

  #value(value: Value): Value {
    if (!holdsJinja(value)) return value;
    if (value instanceof Unreadable) return this.#text(value);
    if (Array.isArray(value)) return Object.freeze((value as readonly Value[]).map((item) => this.#value(item)));
    if (!isMapping(value)) return value;
    return mappingOf(Object.entries(value).map(([key, item]): [string, Value] => [key, this.#value(item)]));
  }

  #text(expression: Unreadable): Value {
    const written = reveal(expression.text ?? '');
    const lineEnds = lineEndsOf(written);
    // Jinja drops the last line break; Ansible restores those that are missing then.
    const pieces = piecesOf(lineEnds === 0 ? written : written.slice(0, -1));
    if (pieces === undefined) return expression;
    const [only] = pieces;
    if (pieces.length === 1 && only !== undefined && typeof only !== 'string') {
      const value = this.#lookUp(only, expression);
      const isText =
        typeof value === 'string' || value instanceof Secret || (typeof value === 'number' && only.length > 1);
      // In a block (`key: |`), too, a number, a list and the like keep their type.
      if (lineEnds === 0 || !isText) return value;
    }
    const values = pieces.map((piece) => (typeof piece === 'string' ? piece : this.#lookUp(piece, expression)));
    const missing = values.find((value) => value instanceof Unreadable);
    if (missing !== undefined) return new Unreadable(missing.problem, expression.text);
    const texts = values.filter(
      (value) => typeof value === 'string' || Number.isInteger(value) || value instanceof Secret,
    ) as (string | number | Secret)[];
    // Python prints true, null, fractions and lists differently, and Ansible takes a text that looks like a list for
    // one.
    const looksLikeList = typeof only === 'string' && /^\s*[[{]/.test(only);
    if (texts.length < values.length || looksLikeList) return expression;
    const secrets = [...texts, expression.text].filter((text) => text instanceof Secret);
    const join = (): string =>
      withLineEnds(texts.map((text) => (text instanceof Secret ? text.expose() : String(text))).join(''), lineEnds);
    return secrets.length === 0 ? join() : new Secret(join, sourcesOf(secrets), secrets);
  }

  #lookUp([name, ...rest]: readonly [string, ...string[]], expression: Unreadable): Value {
    if (this.#under.has(name))
      return unknown(expression, `"${name}" refers to itself`, () => 'Break the circle: give one of them a value.');
    let value = Object.hasOwn(this.#given, name) ? this.#given[name] : this.of(name)?.value;
    if (value === undefined) {
      const hint = (): string => {
        const [close] = nearest(name, this.#written.keys(), 1);
        const meant = close === undefined ? '' : `Did you mean "${close}"? `;
        return `${meant}Facts, defaults of roles and variables of a playbook are not looked up here: compute such a value in TypeScript (in the playbook or the role).`;
      };
      return unknown(expression, `the inventory gives this host no "${name}"`, hint);
    }
    for (const key of rest) {
      if (value instanceof Unreadable) return value;
      const next: Value | undefined = Array.isArray(value)
        ? (value as readonly Value[])[Number(key)]
        : value !== undefined && isMapping(value) && Object.hasOwn(value, key)
          ? value[key]
          : undefined;
      if (next === undefined)
        return unknown(expression, `"${name}" has no "${key}"`, () => 'Check the spelling of the key.');
      value = next;
    }
    return value;
  }
}

function lineEndsOf(text: string): number {
  return text.length - text.replace(/\n+$/, '').length;
}

function withLineEnds(text: string, count: number): string {
  return text + '\n'.repeat(Math.max(0, count - lineEndsOf(text)));
}

/** @param hint asked for when the error is shown: a host may have thousands of such values */
function unknown(expression: Unreadable, why: string, hint: () => string): Unreadable {
  const { where } = expression.problem();
  const { text = '' } = expression;
  // What looks like a name may be part of a password.
  if (text instanceof Secret)
    return new Unreadable(
      () =>
        new PlayError('This encrypted value reads another one that is not there', {
          ...(where === undefined ? {} : { where }),
          hint: 'Check the names between {{ and }}. Text that only looks like Jinja takes the tag !unsafe.',
          detail: '',
        }),
      text,
    );
  return new Unreadable(
    () =>
      new PlayError(`This value reads another one that is not there: ${text.trim()}: ${why}`, {
        ...(where === undefined ? {} : { where }),
        hint: hint(),
      }),
    text,
  );
}

const reference = /\{\{\s*([A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*|\[(?:\d+|'[^'\\]*'|"[^"\\]*")\])*)\s*\}\}/g;
/** Literals of Jinja and Python, and words that are no names. */
const words = new Set([
  'true',
  'false',
  'none',
  'True',
  'False',
  'None',
  'not',
  'and',
  'or',
  'in',
  'is',
  'if',
  'else',
  'omit',
  'lookup',
  'query',
  'hostvars',
  'vars',
  'loop',
  'item',
]);

/** @returns undefined for anything but names */
function piecesOf(text: string): readonly Piece[] | undefined {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(reference)) {
    if (match.index > at) pieces.push(text.slice(at, match.index));
    const [name = '', ...rest] = [...(match[1] ?? '').matchAll(/[A-Za-z_]\w*|\d+|'([^']*)'|"([^"]*)"/g)].map(
      ([whole, single, double]) => single ?? double ?? whole,
    );
    if (words.has(name)) return undefined;
    pieces.push([name, ...rest]);
    at = match.index + match[0].length;
  }
  if (at < text.length) pieces.push(text.slice(at));
  return pieces.some((piece) => typeof piece === 'string' && /\{\{|\{%|\{#|\}\}/.test(piece)) ? undefined : pieces;
}
