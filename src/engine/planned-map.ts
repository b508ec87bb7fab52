import { questionKey, type Prediction } from '../contract/index.ts';
import { pathOf, wayTo } from './subjects.ts';

/** Predictions by the keys of their questions, in the order they were put in; and whether any is about a path or below it. */
export class PlannedMap {
  readonly #all = new Map<string, Prediction>();
  /** How many are about a path, or what is below it: what takes a place among thousands need not go through them. */
  readonly #counts = new Map<string, number>();

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
    this.#count(this.#all.get(key), -1);
    this.#all.set(key, known);
    this.#count(known, 1);
  }

  /** Behind all others, so that the order is that of planning. */
  put(known: Prediction): void {
    const key = questionKey(known.question);
    this.delete(key);
    this.set(key, known);
  }

  delete(key: string): void {
    this.#count(this.#all.get(key), -1);
    this.#all.delete(key);
  }

  values(): Iterable<Prediction> {
    return this.#all.values();
  }

  [Symbol.iterator](): Iterator<[string, Prediction]> {
    return this.#all[Symbol.iterator]();
  }

  /** Whether anything is known about the path itself or about one below it. */
  knowsAbout(path: string): boolean {
    return this.#counts.has(path);
  }

  #count(known: Prediction | undefined, by: 1 | -1): void {
    const path = known && pathOf(known.question);
    if (path === undefined) return;
    for (const one of wayTo(path)) {
      const count = (this.#counts.get(one) ?? 0) + by;
      if (count === 0) this.#counts.delete(one);
      else this.#counts.set(one, count);
    }
  }
}
