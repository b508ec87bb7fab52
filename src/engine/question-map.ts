import type { Question } from '../contract/index.ts';

/**
 * Values by questions. A key put together for each look (`questionKey`) has to be hashed anew each time; of a question
 * about one path, as those of a tree of thousands are, the path is looked up as it is, which knows its hash.
 */
export class QuestionMap<V> {
  readonly #kinds = new Map<string, Map<string, V>>();

  get({ kind: { kind }, args }: Question): V | undefined {
    return this.#kinds.get(kind)?.get(wordsOf(args));
  }

  has({ kind: { kind }, args }: Question): boolean {
    return this.#kinds.get(kind)?.has(wordsOf(args)) === true;
  }

  /** @returns whether there was none before */
  set({ kind: { kind }, args }: Question, value: V): boolean {
    const ofKind = this.#kinds.get(kind);
    if (ofKind === undefined) {
      this.#kinds.set(kind, new Map([[wordsOf(args), value]]));
      return true;
    }
    const before = ofKind.size;
    return ofKind.set(wordsOf(args), value).size > before;
  }

  delete({ kind: { kind }, args }: Question): void {
    this.#kinds.get(kind)?.delete(wordsOf(args));
  }

  /** Those of a kind together, in the order in which they came. */
  *values(): Generator<V> {
    for (const ofKind of this.#kinds.values()) yield* ofKind.values();
  }

  /** Those about one kind of thing. @param kind by its name */
  ofKind(kind: string): Iterable<V> {
    return this.#kinds.get(kind)?.values() ?? [];
  }
}

function wordsOf(args: readonly string[]): string {
  return args.length === 1 ? (args[0] ?? '') : args.join('\0');
}
