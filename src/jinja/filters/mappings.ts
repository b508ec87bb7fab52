import { mappingOf } from '../../values/index.ts';
import { compare, isIn, isTrue, keyOf } from '../python/compare.ts';
import type { Parameters } from '../python/parameters.ts';
import { reprOf, textOf } from '../python/text.ts';
import {
  Tuple,
  Undefined,
  entriesOf,
  isMapping,
  isSequence,
  itemsOf,
  plain,
  present,
  typeName,
  valueAt,
  wrong,
  type JinjaMapping,
  type JinjaValue,
  type LazyMapping,
} from '../python/value.ts';
import { movingFilter, type FilterDefinition, type Filters, type Toolbox } from './definition.ts';

function mappingIn(value: JinjaValue, filter: string): JinjaMapping | LazyMapping {
  const found = plain(value);
  if (isMapping(found)) return found;
  throw wrong(`"${filter}" needs a mapping, not ${typeName(found)}`);
}

type ListMerge = (low: readonly JinjaValue[], high: readonly JinjaValue[]) => readonly JinjaValue[];
const listMerges: Readonly<Record<string, ListMerge>> = {
  replace: (_, high) => high,
  keep: (low) => low,
  append: (low, high) => [...low, ...high],
  prepend: (low, high) => [...high, ...low],
  append_rp: (low, high) => [...low.filter((item) => !isIn(item, high)), ...high],
  prepend_rp: (low, high) => [...high, ...low.filter((item) => !isIn(item, high))],
};

function merged(
  low: JinjaMapping | LazyMapping,
  high: JinjaMapping | LazyMapping,
  isRecursive: boolean,
  mergeLists: ListMerge,
): JinjaMapping {
  const all = new Map(entriesOf(low));
  for (const [key, item] of entriesOf(high)) {
    const old = all.get(key);
    if (old !== undefined && isRecursive && isMapping(old) && isMapping(item))
      all.set(key, merged(old, item, true, mergeLists));
    else if (old !== undefined && isSequence(old) && isSequence(item)) all.set(key, mergeLists(old, item));
    else all.set(key, item);
  }
  return mappingOf(all);
}

const combine = movingFilter(['*'], (input, given) => {
  const strange = [...given.others.keys()].find((name) => name !== 'recursive' && name !== 'list_merge');
  if (strange !== undefined) throw wrong(`"combine" knows no argument "${strange}"`);
  const isRecursive = isTrue(given.others.get('recursive') ?? false);
  const mergeLists = listMerges[textOf(given.others.get('list_merge') ?? 'replace')];
  if (mergeLists === undefined) throw wrong('"list_merge" is replace, keep, append, prepend, append_rp or prepend_rp');
  const terms = [input, ...given.rest].flatMap((term) => {
    const value = present(term);
    return isSequence(value) ? [...value] : [value];
  });
  const [first, ...rest] = terms.map((term) => mappingIn(term, 'combine'));
  if (first === undefined) return mappingOf<JinjaValue>([]);
  return rest.reduce<JinjaMapping | LazyMapping>((low, high) => merged(low, high, isRecursive, mergeLists), first);
});

/** Follows a dotted path; a missing key is undefined. */
function subelementsOf(element: JinjaValue, path: readonly string[], skipMissing: boolean): readonly JinjaValue[] {
  let found: JinjaValue = element;
  for (const key of path) {
    const next = valueAt(mappingIn(found, 'subelements'), key);
    if (next === undefined) {
      if (skipMissing) return [];
      throw wrong(`there is no key "${key}" in an item`);
    }
    found = next;
  }
  const items = plain(found);
  if (!isSequence(items)) throw wrong(`"${path.join('.')}" must be a list, not ${typeName(items)}`);
  return items;
}

function extracted(input: JinjaValue, given: Parameters, tools: Toolbox): JinjaValue {
  const more = given.get('morekeys');
  const keys = [input, ...(more === undefined || more === null ? [] : isSequence(more) ? more : [more])];
  return keys.reduce((container, key) => tools.item(container, key), given.get('container') ?? null);
}

const dictsort: FilterDefinition = movingFilter(['case_sensitive?', 'by?', 'reverse?'], (input, given) => {
  const at = given.text('by', 'key') === 'value' ? 1 : 0;
  const isExact = given.isTrue('case_sensitive');
  const key = (pair: readonly JinjaValue[]): JinjaValue => {
    const value = plain(pair[at] ?? null);
    return typeof value === 'string' && !isExact ? value.toLowerCase() : value;
  };
  const order = given.isTrue('reverse') ? -1 : 1;
  return entriesOf(mappingIn(input, 'dictsort'))
    .sort((a, b) => order * compare(key(a), key(b)))
    .map((pair) => Tuple.make(pair));
});

/** Filters on mappings; the sources are the documentation of Jinja2 and of Ansible's builtin filters. */
export const mappingFilters: Filters = {
  combine,
  dictsort,
  items: movingFilter([], (input) => entriesOf(mappingIn(input, 'items')).map((pair) => Tuple.make(pair))),
  dict2items: movingFilter(['key_name?', 'value_name?'], (input, given) =>
    entriesOf(mappingIn(input, 'dict2items')).map(([key, item]) =>
      mappingOf<JinjaValue>([
        [given.text('key_name', 'key'), key],
        [given.text('value_name', 'value'), item],
      ]),
    ),
  ),
  items2dict: movingFilter(['key_name?', 'value_name?'], (input, given) => {
    const part = (item: JinjaValue, name: string): JinjaValue => {
      const found = valueAt(mappingIn(item, 'items2dict'), name);
      if (found === undefined) throw wrong(`an item has no "${name}": ${reprOf(item)}`);
      return found;
    };
    return mappingOf(
      itemsOf(input).map((item): [string, JinjaValue] => [
        keyOf(part(item, given.text('key_name', 'key'))),
        part(item, given.text('value_name', 'value')),
      ]),
    );
  }),
  subelements: movingFilter(['subelements', 'skip_missing?'], (input, given) => {
    const value = plain(input);
    const elements = isMapping(value) ? entriesOf(value).map(([, item]) => item) : itemsOf(value);
    const path = given.get('subelements') ?? '';
    const keys = isSequence(path) ? path.map(textOf) : textOf(path).split('.');
    return elements.flatMap((element) =>
      subelementsOf(element, keys, given.isTrue('skip_missing')).map((item) => Tuple.make([element, item])),
    );
  }),
  extract: movingFilter(['container', 'morekeys?'], extracted),
  rekey_on_member: movingFilter(['key', 'duplicates?'], (input, given) => {
    const value = plain(input);
    const items = isMapping(value) ? entriesOf(value).map(([, item]) => item) : itemsOf(value);
    const all = new Map<string, JinjaValue>();
    for (const item of items) {
      const key = valueAt(mappingIn(item, 'rekey_on_member'), given.text('key'));
      if (key === undefined) throw wrong(`an item has no "${given.text('key')}"`);
      if (all.has(keyOf(key)) && given.text('duplicates', 'error') === 'error')
        throw wrong(`"${keyOf(key)}" is there twice`);
      all.set(keyOf(key), item);
    }
    return mappingOf(all);
  }),
  default: {
    ...movingFilter(['default_value?', 'boolean?'], (input, given) => {
      const isMissing = input instanceof Undefined || (given.isTrue('boolean') && !isTrue(input));
      return isMissing ? (given.get('default_value') ?? '') : input;
    }),
    takesUndefined: true,
  },
  mandatory: {
    ...movingFilter(['msg?'], (input, given) => {
      if (!(input instanceof Undefined)) return input;
      throw wrong(given.optionalText('msg') ?? `a mandatory variable is missing: ${input.message}`);
    }),
    takesUndefined: true,
  },
};
