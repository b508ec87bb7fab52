/** A read-only map on top of another one: a host's own variables over those of its groups, which many hosts share. */
export class Overlay<V> implements ReadonlyMap<string, V> {
  readonly own: ReadonlyMap<string, V>;
  readonly #base: ReadonlyMap<string, V>;
  #added: number | undefined;

  constructor(own: ReadonlyMap<string, V>, base: ReadonlyMap<string, V>) {
    this.own = own;
    this.#base = base;
  }

  get size(): number {
    this.#added ??= [...this.own.keys()].filter((key) => !this.#base.has(key)).length;
    return this.#base.size + this.#added;
  }
  get(key: string): V | undefined {
    return this.own.get(key) ?? this.#base.get(key);
  }
  has(key: string): boolean {
    return this.own.has(key) || this.#base.has(key);
  }
  *entries(): MapIterator<[string, V]> {
    for (const [key, value] of this.#base) yield [key, this.own.get(key) ?? value];
    for (const [key, value] of this.own) if (!this.#base.has(key)) yield [key, value];
  }
  *keys(): MapIterator<string> {
    for (const [key] of this.entries()) yield key;
  }
  *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }
  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }
  forEach(each: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this.entries()) each(value, key, this);
  }
}
