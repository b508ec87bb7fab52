import { questionKey, type Prediction } from '../contract/index.ts';
import { pathOf, wayTo } from './subjects.ts';

/** Predictions by the keys of their questions, in the order they were put in; and those about a path or what is below it. */
export class PlannedMap {
  readonly #all = new Map<string, Prediction>();
  /** The keys of those about a path, or what is below it: what takes a place among thousands need not go through them. */
  readonly #below = new Map<string, Set<string>>();

  /** The keys of those that a tool reads out of files. */
  readonly #fromFiles = new Set<string>();
  /** By key: the later it was put in, the higher. */
  readonly #turns = new Map<string, number>();
  #lastTurn = 0;
  /** All of them, the same list until one comes or goes: a package brings thousands, and each task asks for all. */
  #list: readonly Prediction[] | undefined;

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
    this.#list = undefined;
    const isKnown = this.#all.has(key);
    this.#all.set(key, known);
    if (isKnown) return;
    this.#turns.set(key, (this.#lastTurn += 1));
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
    this.#list = undefined;
    this.#all.delete(key);
    this.#turns.delete(key);
    this.#fromFiles.delete(key);
    for (const one of wayOf(known)) {
      const keys = this.#below.get(one);
      if (keys?.delete(key) && keys.size === 0) this.#below.delete(one);
    }
  }

  values(): Iterable<Prediction> {
    return this.#all.values();
  }

  /** In the order they were put in. */
  get all(): readonly Prediction[] {
    return (this.#list ??= [...this.#all.values()]);
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

  /** The same for several paths, each once, in the order they were put in. */
  belowAny(paths: readonly string[]): [string, Prediction][] {
    const [path = '', ...others] = paths;
    if (others.length === 0) return this.below(path);
    const keys = new Set(paths.flatMap((one) => [...(this.#below.get(one) ?? [])]));
    return this.#entries([...keys].sort((a, b) => this.#turn(a) - this.#turn(b)));
  }

  hasBelow(path: string): boolean {
    return this.#below.has(path);
  }

  /** Whether it was put in after another one, which need not be there. */
  isLater(key: string, than: string): boolean {
    return this.#turn(key) > this.#turn(than);
  }

  #turn(key: string): number {
    return this.#turns.get(key) ?? 0;
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
