import { compare, isEqual, isIn, isTrue } from '../python/compare.ts';
import { calculate, countOf, numberOf } from '../python/numbers.ts';
import type { Parameters } from '../python/parameters.ts';
import { textOf } from '../python/text.ts';
import {
  Tuple,
  Undefined,
  isMapping,
  isSequence,
  itemsOf,
  plain,
  present,
  typeName,
  wrong,
  type CallArguments,
  type JinjaValue,
} from '../python/value.ts';
import { movingFilter, type FilterDefinition, type Filters, type Toolbox } from './definition.ts';

/** What items are compared by: an attribute, a text in small letters unless case counts. */
function keyOf(given: Parameters, tools: Toolbox): (item: JinjaValue) => JinjaValue {
  const path = given.get('attribute');
  const isExact = given.isTrue('case_sensitive');
  return (item) => {
    const value = plain(path === undefined || path === null ? item : tools.attribute(item, path));
    return typeof value === 'string' && !isExact ? value.toLowerCase() : value;
  };
}

function sorted(items: readonly JinjaValue[], given: Parameters, tools: Toolbox): JinjaValue[] {
  const path = given.get('attribute');
  const parts = typeof path === 'string' ? path.split(',').map((part) => part.trim()) : [path ?? null];
  const isExact = given.isTrue('case_sensitive');
  const keys = (item: JinjaValue): JinjaValue =>
    Tuple.make(
      parts.map((part) => {
        const value = plain(part === null ? item : tools.attribute(item, part));
        return typeof value === 'string' && !isExact ? value.toLowerCase() : value;
      }),
    );
  const order = given.isTrue('reverse') ? -1 : 1;
  return items
    .map((item) => ({ item, key: keys(item) }))
    .sort((a, b) => order * compare(a.key, b.key))
    .map(({ item }) => item);
}

function uniqueOf(items: readonly JinjaValue[], key: (item: JinjaValue) => JinjaValue = (item) => item): JinjaValue[] {
  const seen: JinjaValue[] = [];
  return items.filter((item) => {
    const mark = key(item);
    const isNew = !seen.some((one) => isEqual(one, mark));
    if (isNew) seen.push(mark);
    return isNew;
  });
}

const extreme = (sign: 1 | -1): FilterDefinition =>
  movingFilter(['case_sensitive?', 'attribute?'], (input, given, tools) => {
    const key = keyOf(given, tools);
    const [first, ...rest] = itemsOf(input);
    if (first === undefined) return new Undefined('No aggregated item, sequence was empty.');
    return rest.reduce((best, item) => (sign * compare(key(item), key(best)) > 0 ? item : best), first);
  });

/** `select('test', ...)`: what its items are held to. */
function testOf(given: Parameters, tools: Toolbox, skip: number): (item: JinjaValue) => boolean {
  const [name, ...rest] = given.rest.slice(skip);
  const args: CallArguments = { positional: rest, named: given.others };
  return name === undefined ? isTrue : (item) => tools.test(textOf(name), item, args);
}

const selecting = (wanted: boolean, byAttribute: boolean): FilterDefinition =>
  movingFilter(['*'], (input, given, tools) => {
    const test = testOf(given, tools, byAttribute ? 1 : 0);
    const path = given.rest[0];
    if (byAttribute && path === undefined) throw wrong('an attribute is missing');
    return itemsOf(input).filter(
      (item) => test(byAttribute && path !== undefined ? tools.attribute(item, path) : item) === wanted,
    );
  });

const map = movingFilter(['*'], (input, given, tools) => {
  const path = given.others.get('attribute');
  const items = itemsOf(input);
  if (path !== undefined) {
    const fallback = given.others.get('default');
    return items.map((item) => {
      const found = tools.attribute(item, path);
      return found instanceof Undefined && fallback !== undefined ? fallback : found;
    });
  }
  const [name, ...positional] = given.rest;
  if (name === undefined) throw wrong('map needs a filter or attribute=');
  return items.map((item) => tools.filter(textOf(name), item, { positional, named: given.others }));
});

const combining = (combine: (a: readonly JinjaValue[], b: readonly JinjaValue[]) => JinjaValue[]): FilterDefinition =>
  movingFilter(['other'], (input, given) => uniqueOf(combine(listOf(input), listOf(given.get('other') ?? null))));

function listOf(value: JinjaValue): readonly JinjaValue[] {
  const found = plain(value);
  if (isSequence(found)) return found;
  if (isMapping(found)) return itemsOf(found);
  throw wrong(`a list is needed here, not ${typeName(found)}`);
}

function flattened(items: readonly JinjaValue[], levels: number, skipNulls: boolean): JinjaValue[] {
  return items.flatMap((item): JinjaValue[] => {
    const value = present(item);
    if (skipNulls && (value === null || value === 'None' || value === 'null')) return [];
    return isSequence(value) ? (levels > 0 ? flattened(value, levels - 1, skipNulls) : [value]) : [value];
  });
}

const zipping = (isLong: boolean): FilterDefinition =>
  movingFilter(['*'], (input, given) => {
    const lists = [input, ...given.rest].map(itemsOf);
    const length = (isLong ? Math.max : Math.min)(...lists.map((list) => list.length));
    const fill = given.others.get('fillvalue') ?? null;
    return Array.from({ length }, (_, i) => Tuple.make(lists.map((list) => list[i] ?? fill)));
  });

function combinations(items: readonly JinjaValue[], size: number): JinjaValue[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) => combinations(items.slice(i + 1), size - 1).map((rest) => [item, ...rest]));
}

function permutations(items: readonly JinjaValue[], size: number): JinjaValue[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1), size - 1).map((rest) => [item, ...rest]));
}

function chunks(items: readonly JinjaValue[], size: number): JinjaValue[][] {
  if (size < 1) throw wrong('batches need a size of 1 or more');
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** `slice(3)` deals the items out in so many columns. */
function columns(items: readonly JinjaValue[], count: number, fill: JinjaValue | undefined): JinjaValue[][] {
  const each = Math.floor(items.length / count);
  const longer = items.length % count;
  let from = 0;
  return Array.from({ length: count }, (_, i) => {
    const size = each + (i < longer ? 1 : 0);
    const column = items.slice(from, from + size);
    from += size;
    return fill !== undefined && fill !== null && i >= longer ? [...column, fill] : column;
  });
}

const length = movingFilter([], (input) => {
  const value = plain(input);
  if (typeof value === 'string') return [...value].length;
  if (isSequence(value) || isMapping(value)) return itemsOf(value).length;
  throw wrong(`${typeName(value)} has no length`);
});

function firstOf([first]: readonly JinjaValue[]): JinjaValue {
  return first === undefined ? new Undefined('the list is empty') : first;
}

/** Filters on lists; the sources are the documentation of Jinja2 and of Ansible's builtin filters. */
export const listFilters: Filters = {
  length,
  count: length,
  list: movingFilter([], (input) => [...itemsOf(input)]),
  first: movingFilter([], (input) => firstOf(itemsOf(input))),
  last: movingFilter([], (input) => firstOf(itemsOf(input).slice(-1))),
  reverse: movingFilter([], (input) => {
    const value = plain(input);
    return typeof value === 'string' ? [...value].reverse().join('') : [...itemsOf(value)].reverse();
  }),
  sort: movingFilter(['reverse?', 'case_sensitive?', 'attribute?'], (input, given, tools) =>
    sorted(itemsOf(input), given, tools),
  ),
  unique: movingFilter(['case_sensitive?', 'attribute?'], (input, given, tools) =>
    uniqueOf(itemsOf(input), keyOf(given, tools)),
  ),
  min: extreme(-1),
  max: extreme(1),
  sum: movingFilter(['attribute?', 'start?'], (input, given, tools) => {
    const path = given.get('attribute');
    return itemsOf(input).reduce(
      (total, item) => {
        const [a, b] = [plain(total), plain(path === undefined || path === null ? item : tools.attribute(item, path))];
        if (isSequence(a) && isSequence(b)) return [...a, ...b];
        const [x, y] = [numberOf(a), numberOf(b)];
        if (x === undefined || y === undefined) throw wrong(`${typeName(b)} cannot be added to ${typeName(a)}`);
        return calculate('+', x, y);
      },
      given.get('start') ?? 0,
    );
  }),
  map,
  select: selecting(true, false),
  reject: selecting(false, false),
  selectattr: selecting(true, true),
  rejectattr: selecting(false, true),
  groupby: movingFilter(['attribute', 'default?', 'case_sensitive?'], (input, given, tools) => {
    const path = given.get('attribute') ?? null;
    const fallback = given.get('default');
    const keyed = itemsOf(input).map((item) => {
      const found = tools.attribute(item, path);
      const grouper = found instanceof Undefined && fallback !== undefined ? fallback : found;
      const value = plain(grouper);
      return {
        item,
        grouper,
        key: typeof value === 'string' && !given.isTrue('case_sensitive') ? value.toLowerCase() : value,
      };
    });
    keyed.sort((a, b) => compare(a.key, b.key));
    const keys = uniqueOf(keyed.map(({ key }) => key));
    return keys.map((key) => {
      const group = keyed.filter((one) => isEqual(one.key, key));
      return Tuple.make([group[0]?.grouper ?? key, group.map(({ item }) => item)]);
    });
  }),
  batch: movingFilter(['linecount', 'fill_with?'], (input, given) => {
    const size = given.count('linecount', 1);
    const fill = given.get('fill_with');
    return chunks(itemsOf(input), size).map((chunk) =>
      fill === undefined || fill === null ? chunk : [...chunk, ...Array<JinjaValue>(size - chunk.length).fill(fill)],
    );
  }),
  slice: movingFilter(['slices', 'fill_with?'], (input, given) =>
    columns(itemsOf(input), Math.max(1, given.count('slices', 1)), given.get('fill_with')),
  ),
  flatten: movingFilter(['levels?', 'skip_nulls?'], (input, given) =>
    flattened(itemsOf(input), given.count('levels', Number.POSITIVE_INFINITY), given.isTrue('skip_nulls', true)),
  ),
  union: combining((a, b) => [...a, ...b]),
  intersect: combining((a, b) => a.filter((item) => isIn(item, b))),
  difference: combining((a, b) => a.filter((item) => !isIn(item, b))),
  symmetric_difference: combining((a, b) => [...a, ...b].filter((item) => !(isIn(item, a) && isIn(item, b)))),
  zip: zipping(false),
  zip_longest: zipping(true),
  product: movingFilter(['*'], (input, given) =>
    [input, ...given.rest]
      .map(itemsOf)
      .reduce<JinjaValue[][]>((all, list) => all.flatMap((head) => list.map((item) => [...head, item])), [[]])
      .map((items) => Tuple.make(items)),
  ),
  combinations: movingFilter(['r'], (input, given) =>
    combinations(itemsOf(input), countOf(given.get('r') ?? 0, '"r"')).map((items) => Tuple.make(items)),
  ),
  permutations: movingFilter(['r?'], (input, given) => {
    const items = itemsOf(input);
    return permutations(items, given.count('r', items.length)).map((one) => Tuple.make(one));
  }),
};
