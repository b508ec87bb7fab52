/**
 * A frozen mapping whose keys come in the order given, also those that look like numbers (`443`, `80`), which a
 * JavaScript object puts first and sorts. Such a one is behind a proxy that tells the order to all who go through the
 * keys: loops, Object.entries, JSON.stringify. What copies a mapping (`{ ...mapping }`, Object.fromEntries) loses it;
 * so code that passes on what people wrote makes its copies here.
 */
export function mappingOf<T>(entries: Iterable<readonly [string, T]>): { readonly [key: string]: T } {
  const all = new Map(entries);
  const plain = Object.freeze(Object.fromEntries(all));
  const keys = [...all.keys()];
  if (!keys.some(isIndex)) return plain;
  const sorted = Object.keys(plain);
  return keys.every((key, i) => key === sorted[i]) ? plain : new Proxy(plain, { ownKeys: () => keys });
}

/**
 * What was made of some data, such as the output of a schema, with its mappings in the order that the data has them.
 */
export function inOrderOf(data: unknown, made: unknown): unknown {
  if (data === made) return made;
  if (Array.isArray(made))
    return Array.isArray(data)
      ? unlessSame(
          made,
          made.map((item, i) => inOrderOf(data[i], item)),
        )
      : made;
  if (!isPlain(made) || !isPlain(data)) return made;
  const keys = Object.keys(made);
  const items = keys.map((key) => inOrderOf(data[key], made[key]));
  const isSame = items.every((item, i) => item === made[keys[i] ?? '']);
  if (isSame && !keys.some(isIndex)) return made;
  const places = new Map(Object.keys(data).map((key, i) => [key, i]));
  const order = keys.map((key, i): readonly [string, unknown] => [key, items[i]]);
  return mappingOf(order.sort(([a], [b]) => (places.get(a) ?? places.size) - (places.get(b) ?? places.size)));
}

function unlessSame(old: readonly unknown[], now: readonly unknown[]): readonly unknown[] {
  return now.every((item, i) => item === old[i]) ? old : now;
}

/** What JavaScript takes for an array's index. */
function isIndex(key: string): boolean {
  return /^(?:0|[1-9]\d{0,9})$/.test(key);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
