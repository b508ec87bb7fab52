import { posix } from 'node:path';
import { questionKey, type Question } from '../contract/index.ts';
import { pathOf } from './subjects.ts';

/** Which questions a change may put in doubt, by what is cheap to look up. */
export interface Reach {
  /** Keys of questions whose answers it gives anew. */
  readonly keys: Iterable<string>;
  /** Last names of paths. */
  readonly names: Iterable<string>;
  readonly paths: Iterable<string>;
}

/**
 * Questions by what puts their answers in doubt: a list of a thousand files has thousands of answers, and each change
 * concerns a few of them. What is found is more than what is in doubt, never less.
 */
export class QuestionIndex<V> {
  readonly #all = new Map<V, number>();
  readonly #byKey = new Map<string, Set<V>>();
  readonly #byPath = new Map<string, Set<V>>();
  readonly #byName = new Map<string, Set<V>>();
  /** Those that only a closer look can tell of. */
  readonly #others = new Map<string, Set<V>>();

  add(question: Question, value: V): void {
    this.#all.set(value, (this.#all.get(value) ?? 0) + 1);
    for (const [map, key] of this.#placesOf(question)) {
      const known = map.get(key);
      if (known === undefined) map.set(key, new Set([value]));
      else known.add(value);
    }
  }

  /** Takes back `add`: of a value with several questions, for each of them. */
  delete(question: Question, value: V): void {
    const left = (this.#all.get(value) ?? 0) - 1;
    if (left > 0) this.#all.set(value, left);
    else this.#all.delete(value);
    for (const [map, key] of this.#placesOf(question)) {
      const known = map.get(key);
      known?.delete(value);
      if (known?.size === 0) map.delete(key);
    }
  }

  all(): Iterable<V> {
    return this.#all.keys();
  }

  near({ keys, names, paths }: Reach): Set<V> {
    const found = new Set<V>();
    const take = (some: ReadonlySet<V> | undefined): void => some?.forEach((one) => found.add(one));
    for (const some of this.#others.values()) take(some);
    for (const key of keys) take(this.#byKey.get(key));
    for (const name of names) take(this.#byName.get(name));
    for (const path of paths) take(this.#byPath.get(path));
    return found;
  }

  #placesOf(question: Question): readonly (readonly [Map<string, Set<V>>, string])[] {
    const key = questionKey(question);
    if (isWide(question)) return [[this.#others, key]];
    const path = pathOf(question);
    if (path === undefined) return [[this.#byKey, key]];
    return [
      [this.#byPath, path],
      [this.#byName, baseName(path)],
    ];
  }
}

/** Whether more than its key, and the path it is about, decides what puts it in doubt. */
function isWide({ kind, args }: Question): boolean {
  if (kind.volatile || kind.files || kind.ofWay || kind.hasOtherNames) return true;
  return kind
    .depends(args)
    .some((one) => one.on === 'below' || (one.on === 'path' && posix.normalize(one.path) !== one.path));
}

/** The last name of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
