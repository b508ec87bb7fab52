import { questionKey, type ProbeKind, type Question, type Subject } from '../contract/index.ts';

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
  /** What was added and nobody has looked for yet: where nothing changes, nobody ever does. */
  #unsorted: { readonly question: Question; readonly value: V }[] = [];
  readonly #byKey = new Map<string, Set<V>>();
  readonly #byName = new Map<string, Set<V>>();
  /** Those that only a closer look can tell of. */
  readonly #others = new Map<string, Set<V>>();

  add(question: Question, value: V): void {
    this.#unsorted.push({ question, value });
  }

  /** Takes back `add`: of a value with several questions, for each of them. */
  delete(question: Question, value: V): void {
    this.#sort();
    const { map, key } = this.#placeOf(question);
    const left = map.get(key);
    left?.delete(value);
    if (left?.size === 0) map.delete(key);
  }

  all(): Set<V> {
    this.#sort();
    const found = new Set<V>();
    for (const map of [this.#byKey, this.#byName, this.#others])
      for (const some of map.values()) for (const one of some) found.add(one);
    return found;
  }

  near({ keys, names, paths }: Reach): Set<V> {
    this.#sort();
    const found = new Set<V>();
    const take = (some: ReadonlySet<V> | undefined): void => some?.forEach((one) => found.add(one));
    for (const some of this.#others.values()) take(some);
    for (const key of keys) take(this.#byKey.get(key));
    for (const name of names) take(this.#byName.get(name));
    for (const path of paths) take(this.#byName.get(baseName(path)));
    return found;
  }

  #sort(): void {
    for (const { question, value } of this.#unsorted) {
      const { map, key } = this.#placeOf(question);
      const known = map.get(key);
      if (known === undefined) map.set(key, new Set([value]));
      else known.add(value);
    }
    this.#unsorted = [];
  }

  #placeOf(question: Question): { readonly map: Map<string, Set<V>>; readonly key: string } {
    const depends = question.kind.depends(question.args);
    if (isWide(question.kind, depends)) return { map: this.#others, key: questionKey(question) };
    const subject = depends.find(({ on }) => on === 'path');
    return subject?.on === 'path'
      ? { map: this.#byName, key: baseName(subject.path) }
      : { map: this.#byKey, key: questionKey(question) };
  }
}

/** Whether more than its key, and the one path it is about, decides what puts it in doubt. */
function isWide(kind: ProbeKind, depends: readonly Subject[]): boolean {
  if (kind.volatile || kind.files || kind.ofWay || kind.hasOtherNames) return true;
  let paths = 0;
  for (const one of depends) {
    if (one.on === 'below') return true;
    if (one.on === 'path' && (++paths > 1 || !isNormal(one.path))) return true;
  }
  return false;
}

/** What of a path says that it has other spellings (or is above another one). */
const spelt = /\/(?:\/|\.\.?(?:\/|$))|^\.|^$/;

function isNormal(path: string): boolean {
  return !spelt.test(path);
}

/** The last name of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
