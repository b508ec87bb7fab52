import { isDeepStrictEqual } from 'node:util';
import { mappingOf } from '../values/index.ts';
import { EditRefused } from './text-edit.ts';

/** A value as JSON and YAML both have it. */
export type Data = null | boolean | number | string | readonly Data[] | { readonly [key: string]: Data };

/** What `jsonFile` and `yamlFile` shall make of a document. */
export interface DataEdit {
  /** The way from the top; empty for the whole document. A number, or a string of digits, counts in a list from 0. */
  readonly key: readonly (string | number)[];
  readonly value?: Data | undefined;
  readonly state: 'present' | 'absent';
  /** Keys of a mapping that are not named stay. */
  readonly merge: boolean;
  /** The value is one item of the list at `key`. */
  readonly append: boolean;
}

/** The document as it shall be. @throws EditRefused where the way leads through something that has no keys */
export function editData(old: Data | undefined, edit: DataEdit): Data | undefined {
  return at(old, edit.key, [], edit);
}

function at(
  old: Data | undefined,
  way: readonly (string | number)[],
  gone: readonly (string | number)[],
  edit: DataEdit,
): Data | undefined {
  const [name, ...rest] = way;
  if (name === undefined) return target(old, edit, gone);
  const here = [...gone, name];
  if (isList(old)) {
    const index = typeof name === 'number' || /^\d+$/.test(name) ? Number(name) : -1;
    if (index < 0) throw new EditRefused(`${spell(gone)} is a list, so "${name}" must be a number`);
    if (index > old.length || (index === old.length && edit.state === 'absent')) {
      if (edit.state === 'absent') return old;
      throw new EditRefused(`${spell(gone)} has ${old.length} items, so there is no ${index}`);
    }
    const made = at(old[index], rest, here, edit);
    return made === undefined
      ? old.filter((_, i) => i !== index)
      : [...old.slice(0, index), made, ...old.slice(index + 1)];
  }
  if (old !== undefined && old !== null && !isMapping(old))
    throw new EditRefused(`${spell(gone)} is ${shown(old)}, which has no "${name}"`);
  const mapping = old ?? {};
  const key = String(name);
  const made = at(Object.hasOwn(mapping, key) ? mapping[key] : undefined, rest, here, edit);
  if (made !== undefined) return withKey(mapping, key, made);
  return Object.hasOwn(mapping, key) ? mappingOf(Object.entries(mapping).filter(([one]) => one !== key)) : old;
}

/** What is to be at the end of the way; undefined: nothing. */
function target(
  old: Data | undefined,
  { value, state, merge, append }: DataEdit,
  way: readonly (string | number)[],
): Data | undefined {
  if (append) {
    if (old !== undefined && old !== null && !isList(old))
      throw new EditRefused(`${spell(way)} is ${shown(old)}, not a list`);
    if (state === 'absent') return old?.filter((one) => !isDeepStrictEqual(one, value)) ?? old;
    return old?.some((one) => isDeepStrictEqual(one, value)) ? old : [...(old ?? []), value ?? null];
  }
  if (state === 'absent') return undefined;
  return merge && value !== undefined ? merged(old, value) : (value ?? null);
}

function merged(old: Data | undefined, value: Data): Data {
  if (!isMapping(value) || !isMapping(old)) return value;
  return Object.entries(value).reduce(
    (made, [key, one]) => withKey(made, key, merged(Object.hasOwn(made, key) ? made[key] : undefined, one)),
    old,
  );
}

/** `__proto__` is a key like any other. */
function withKey(
  mapping: { readonly [key: string]: Data },
  key: string,
  value: Data,
): { readonly [key: string]: Data } {
  // Of a key given twice the place is the first's, the value the last's.
  return mappingOf([...Object.entries(mapping), [key, value]]);
}

export function isList(value: Data | undefined): value is readonly Data[] {
  return Array.isArray(value);
}

export function isMapping(value: Data | undefined): value is { readonly [key: string]: Data } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function spell(way: readonly (string | number)[]): string {
  return way.length === 0 ? 'the document' : `"${way.join('.')}"`;
}

function shown(value: Data): string {
  return isList(value) ? 'a list' : isMapping(value) ? 'a mapping' : `a ${typeof value}`;
}
