import type { PlayError } from '../errors/index.ts';
import { Unreadable, missingKey, type Lock } from '../secrets/index.ts';
import { spread } from './record.ts';
import { Variable, type Level } from './types.ts';

/** A file of variables that is encrypted while nothing was given to open it: it may give any variable any value. */
export interface Locked {
  readonly file: string;
  readonly lock: Lock;
  readonly level: Level;
}

/** The value of every variable that a locked file may define. */
export function lockedVariable(name: string, locked: Locked, hidden?: Variable): Variable {
  const { file, level } = locked;
  return new Variable(name, new Unreadable(() => lockedProblem(locked, name)), { where: { file }, level }, hidden);
}

function lockedProblem({ file, lock }: Locked, name: string): PlayError {
  return missingKey(lock, { file }, `This file may set "${name}", but it`);
}

/** The error for code that wants all variables of a host. */
export function allLocked({ file, lock }: Locked): PlayError {
  return missingKey(lock, { file });
}

/** A host's variables by name, where an unknown name may come from the locked file: it is never simply absent. */
export class LockedVariables implements ReadonlyMap<string, Variable> {
  readonly #known: ReadonlyMap<string, Variable>;
  readonly locked: Locked;

  constructor(known: ReadonlyMap<string, Variable>, locked: Locked) {
    this.#known = known;
    this.locked = locked;
  }

  /** The same with some of them replaced. */
  with(others: ReadonlyMap<string, Variable>): LockedVariables {
    return new LockedVariables(new Map([...this.#known, ...others]), this.locked);
  }
  get(name: string): Variable {
    return this.#known.get(name) ?? lockedVariable(name, this.locked);
  }
  has(name: string): boolean {
    return this.#known.has(name);
  }
  get size(): number {
    return this.#known.size;
  }
  /** The known ones: all that can be iterated over. */
  entries(): MapIterator<[string, Variable]> {
    return this.#known.entries();
  }
  keys(): MapIterator<string> {
    return this.#known.keys();
  }
  values(): MapIterator<Variable> {
    return this.#known.values();
  }
  [Symbol.iterator](): MapIterator<[string, Variable]> {
    return this.entries();
  }
  forEach(each: (value: Variable, key: string, map: ReadonlyMap<string, Variable>) => void): void {
    for (const [key, value] of this) each(value, key, this);
  }
}

/** Properties that JavaScript itself, promises, the console and test runners read from any object. */
const harmless = new Set<PropertyKey>(['constructor', 'then', 'toJSON', 'asymmetricMatch', '$$typeof', 'nodeType']);

/** The known part of a locked record: code that merges records may look behind it. */
const behind = new WeakMap<object, { readonly known: Readonly<Record<string, unknown>>; readonly locked: Locked }>();

/** `{ ...a, ...b }` for variables; locked if one of them is. */
export function mergeVariables(
  ...records: readonly Readonly<Record<string, unknown>>[]
): Readonly<Record<string, unknown>> {
  const merged = spread(...records.map((record) => behind.get(record)?.known ?? record));
  const [locked] = records.flatMap((record) => behind.get(record)?.locked ?? []);
  return locked === undefined ? merged : lockedRecord(merged, locked);
}

/** The same as a plain object: an unknown name, `in`, `Object.keys` and a loop throw the locked file's error. */
export function lockedRecord<V>(known: Readonly<Record<string, V>>, locked: Locked): Readonly<Record<string, V>> {
  const isKnown = (key: PropertyKey): boolean => typeof key === 'symbol' || Object.hasOwn(known, key);
  const refuse = (key: PropertyKey): never => {
    throw lockedProblem(locked, String(key));
  };
  const record = new Proxy(known, {
    get: (target, key) => (isKnown(key) || harmless.has(key) ? Reflect.get(target, key) : refuse(key)),
    has: (_, key) => isKnown(key) || refuse(key),
    getOwnPropertyDescriptor: (target, key) =>
      isKnown(key) ? Reflect.getOwnPropertyDescriptor(target, key) : refuse(key),
    ownKeys: () => {
      throw allLocked(locked);
    },
  });
  behind.set(record, { known, locked });
  return record;
}
