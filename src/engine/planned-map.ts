import { questionKey, type Prediction } from '../contract/index.ts';
import { pathOf, wayTo } from './subjects.ts';

/** Predictions by the keys of their questions, in the order they were put in; and those about a path or what is below it. */
export class PlannedMap {
  readonly #all = new Map<string, Prediction>();
  /** The keys of those about a path, or what is below it: what takes a place among thousands need not go through them. */
  readonly #below = new Map<string, Set<string>>();

  /** The keys of those that a tool reads out of files. */
  readonly #fromFiles = new Set<string>();

  get size(): number {
    return this.#all.size;
  }

  get(key: string): Prediction | undefined {
    return this.#all.get(key);
  }

  has(key: string): boolean {
    return this.#all.has(key);
  }

  set(key: string, known: Prediction): void {
    const isKnown = this.#all.has(key);
    this.#all.set(key, known);
    if (isKnown) return;
    if (known.question.kind.files !== undefined) this.#fromFiles.add(key);
    for (const one of wayOf(known)) {
      const keys = this.#below.get(one);
      if (keys === undefined) this.#below.set(one, new Set([key]));
      else keys.add(key);
    }
  }

  /** Behind all others, so that the order is that of planning. */
  put(known: Prediction): void {
    const key = questionKey(known.question);
    this.delete(key);
    this.set(key, known);
  }

  delete(key: string): void {
    const known = this.#all.get(key);
    if (known === undefined) return;
    this.#all.delete(key);
    this.#fromFiles.delete(key);
    for (const one of wayOf(known)) {
      const keys = this.#below.get(one);
      if (keys?.delete(key) && keys.size === 0) this.#below.delete(one);
    }
  }

  values(): Iterable<Prediction> {
    return this.#all.values();
  }

  [Symbol.iterator](): Iterator<[string, Prediction]> {
    return this.#all[Symbol.iterator]();
  }

  /** Those that a tool reads out of files. */
  fromFiles(): [string, Prediction][] {
    return this.#entries(this.#fromFiles);
  }

  /** What is known about the path itself and about those below it, by its keys. */
  below(path: string): [string, Prediction][] {
    return this.#entries(this.#below.get(path) ?? []);
  }

  #entries(keys: Iterable<string>): [string, Prediction][] {
    return [...keys].flatMap((key) => {
      const known = this.#all.get(key);
      return known === undefined ? [] : [[key, known]];
    });
  }
}

function wayOf({ question }: Prediction): readonly string[] {
  const path = pathOf(question);
  return path === undefined ? [] : wayTo(path);
}
