import { Secret, Unreadable } from '../../secrets/index.ts';
import { PythonValue } from '../../values/index.ts';
import { BlockedError, JinjaError } from './problem.ts';

/** What an expression may come to. Mappings are plain objects with names as keys, as everywhere in play. */
export type JinjaValue =
  | null
  | boolean
  | number
  | string
  | PythonValue
  | Secret
  | Unreadable
  | FixedText
  | Undefined
  | Callable
  | LazyMapping
  | Namespace
  | readonly JinjaValue[]
  | JinjaMapping;
export interface JinjaMapping {
  readonly [key: string]: JinjaValue;
}

/** Arguments of a call: by position and by name. */
export interface CallArguments {
  readonly positional: readonly JinjaValue[];
  readonly named: ReadonlyMap<string, JinjaValue>;
}

/** Something that is not there. Any use throws; attributes of it are undefined too, as in Ansible. */
export class Undefined {
  readonly message: string;
  /** Whether it prints as nothing: what an inline if without else gives. */
  readonly isLenient: boolean;
  readonly #hint: (() => string | undefined) | undefined;

  /** @param hint is asked for only when it is an error: most are met by `default` */
  constructor(message: string, isLenient = false, hint?: () => string | undefined) {
    this.message = message;
    this.isLenient = isLenient;
    this.#hint = hint;
  }

  error(): JinjaError {
    return new JinjaError('undefined', this.message, this.#hint?.());
  }
}

/**
 * A text that Ansible does not take for a list or mapping although it looks like one: what `to_json` and its like made.
 */
export class FixedText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }
  get text(): string {
    return this.#text;
  }
}

/** Python's tuple: a list that prints with parentheses. */
export class Tuple extends Array<JinjaValue> {
  static make(items: readonly JinjaValue[]): Tuple {
    const made = new Tuple();
    for (const item of items) made.push(item);
    return made;
  }
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

/** A function, a method of a value, or a macro. */
export class Callable {
  readonly name: string;
  readonly call: (args: CallArguments) => JinjaValue;
  /** What it has besides: `loop` of a recursive loop is both. */
  readonly attributes: LazyMapping | undefined;

  constructor(name: string, call: (args: CallArguments) => JinjaValue, attributes?: LazyMapping) {
    this.name = name;
    this.call = call;
    this.attributes = attributes;
  }
}

/** A mapping whose values are made when they are asked for: `hostvars`, a host's variables in it, `vars`. */
export class LazyMapping {
  readonly keys: () => Iterable<string>;
  readonly get: (key: string) => JinjaValue | undefined;

  constructor(keys: () => Iterable<string>, get: (key: string) => JinjaValue | undefined) {
    this.keys = keys;
    this.get = get;
  }
}

/** What `namespace()` makes: attributes that `{% set ns.x = 1 %}` changes. */
export class Namespace {
  readonly attributes: Map<string, JinjaValue>;

  constructor(attributes: Iterable<readonly [string, JinjaValue]>) {
    this.attributes = new Map(attributes);
  }
}

export function isSequence(value: JinjaValue): value is readonly JinjaValue[] {
  return Array.isArray(value);
}

export function isMapping(value: JinjaValue): value is JinjaMapping | LazyMapping {
  return value instanceof LazyMapping || isPlainMapping(value);
}

export function isPlainMapping(value: JinjaValue): value is JinjaMapping {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Unreadable) &&
    Object.getPrototypeOf(value) === Object.prototype
  );
}

export function keysOf(mapping: JinjaMapping | LazyMapping): string[] {
  return mapping instanceof LazyMapping ? [...mapping.keys()] : Object.keys(mapping);
}

/** The value of a key, or undefined. */
export function valueAt(mapping: JinjaMapping | LazyMapping, key: string): JinjaValue | undefined {
  if (mapping instanceof LazyMapping) return mapping.get(key);
  return Object.hasOwn(mapping, key) ? mapping[key] : undefined;
}

export function entriesOf(mapping: JinjaMapping | LazyMapping): [string, JinjaValue][] {
  return keysOf(mapping).map((key): [string, JinjaValue] => [key, valueAt(mapping, key) ?? null]);
}

/** A value that may be used: what is not there, and what cannot be read, throws. */
export function present(value: JinjaValue): Exclude<JinjaValue, Undefined | Unreadable | FixedText> {
  if (value instanceof FixedText) return value.text;
  if (value instanceof Undefined) {
    if (value.isLenient) return '';
    throw value.error();
  }
  if (value instanceof Unreadable) throw new BlockedError(value);
  return value;
}

/** The same, with a secret's text in its place: for what only compares or counts. */
export function plain(value: JinjaValue): Exclude<JinjaValue, Undefined | Unreadable | FixedText | Secret> {
  const found = present(value);
  return found instanceof Secret ? found.expose() : found;
}

/** As Python calls its type, for messages. */
export function typeName(value: JinjaValue): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  if (value instanceof PythonValue) return value.kind;
  if (typeof value === 'string' || value instanceof Secret || value instanceof FixedText) return 'str';
  if (value instanceof Tuple) return 'tuple';
  if (isSequence(value)) return 'list';
  if (value instanceof Undefined) return 'AnsibleUndefined';
  if (value instanceof Callable) return 'function';
  if (value instanceof Namespace) return 'Namespace';
  return isMapping(value) ? 'dict' : 'object';
}

/** What a loop goes through: the items of a list, the keys of a mapping, the characters of a text. */
export function itemsOf(value: JinjaValue): readonly JinjaValue[] {
  const found = plain(value);
  if (isSequence(found)) return found;
  if (typeof found === 'string') return [...found];
  if (isMapping(found)) return keysOf(found);
  throw wrong(`${typeName(found)} is nothing to go through`);
}

export function wrong(message: string): JinjaError {
  return new JinjaError('wrong', message);
}
