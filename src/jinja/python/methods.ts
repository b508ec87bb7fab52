import { Secret } from '../../secrets/index.ts';
import { compare, isEqual, keyOf } from './compare.ts';
import { braceFormat } from './format.ts';
import { countOf } from './numbers.ts';
import { Parameters } from './parameters.ts';
import { JinjaError } from './problem.ts';
import { withSecrets } from './taint.ts';
import { textOf } from './text.ts';
import {
  Callable,
  Tuple,
  entriesOf,
  isMapping,
  isSequence,
  keysOf,
  plain,
  valueAt,
  wrong,
  type CallArguments,
  type JinjaMapping,
  type JinjaValue,
  type LazyMapping,
} from './value.ts';

type Method<T> = (self: T, args: CallArguments) => JinjaValue;

/** A method of a text, list or mapping, bound to it; undefined where Python has none that play knows. */
export function methodOf(object: JinjaValue, name: string): Callable | undefined {
  if (typeof object === 'string' || object instanceof Secret) {
    const method = textMethods.get(name);
    if (method === undefined) return undefined;
    return new Callable(name, ({ positional, named }) =>
      withSecrets([object, ...positional, ...named.values()], 'opened', ([self = '', ...opened]) =>
        method(textOf(self), {
          positional: opened.slice(0, positional.length),
          named: new Map([...named.keys()].map((key, i) => [key, opened[positional.length + i] ?? null])),
        }),
      ),
    );
  }
  if (isSequence(object)) return bound(listMethods, object, name);
  return isMapping(object) ? bound(mappingMethods, object, name) : undefined;
}

function bound<T>(methods: ReadonlyMap<string, Method<T>>, self: T, name: string): Callable | undefined {
  const method = methods.get(name);
  return method === undefined ? undefined : new Callable(name, (args) => method(self, args));
}

const blanks = /[\s\x1c-\x1f\x85]+/u;

export function splitText(text: string, separator: string | undefined, most: number): string[] {
  if (separator === '') throw wrong('empty separator');
  if (separator === undefined) return splitBlanks(text, most);
  const parts = text.split(separator);
  return most < 0 || parts.length <= most + 1 ? parts : [...parts.slice(0, most), parts.slice(most).join(separator)];
}

function splitBlanks(text: string, most: number): string[] {
  const parts: string[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const gap = most >= 0 && parts.length >= most ? null : blanks.exec(rest);
    if (gap === null) return [...parts, most >= 0 && parts.length >= most ? rest : rest.trimEnd()];
    parts.push(rest.slice(0, gap.index));
    rest = rest.slice(gap.index + gap[0].length);
  }
  return parts;
}

function splitFromRight(text: string, separator: string | undefined, most: number): string[] {
  if (most < 0) return splitText(text, separator, -1);
  if (separator === undefined) {
    const turned = [...text].reverse().join('');
    return splitBlanks(turned, most)
      .map((part) => [...part].reverse().join(''))
      .reverse();
  }
  const parts = splitText(text, separator, -1);
  const first = parts.length - most;
  return first <= 1 ? parts : [parts.slice(0, first).join(separator), ...parts.slice(first)];
}

export function strip(text: string, characters: string | undefined, side: 'both' | 'left' | 'right'): string {
  if (characters === undefined)
    return side === 'left' ? text.trimStart() : side === 'right' ? text.trimEnd() : text.trim();
  const all = new Set(characters);
  const letters = [...text];
  let from = 0;
  let until = letters.length;
  if (side !== 'right') while (from < until && all.has(letters[from] ?? '')) from++;
  if (side !== 'left') while (until > from && all.has(letters[until - 1] ?? '')) until--;
  return letters.slice(from, until).join('');
}

export function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();
}

/** As `str.title`: a letter behind anything but a letter is large. */
function titled(text: string): string {
  return text.replaceAll(/\p{L}+/gu, (word) => capitalised(word));
}

/** Whether a text begins (or ends) with a prefix, or with one of a tuple. */
function affix(args: CallArguments, name: string, test: (part: string) => boolean): boolean {
  const wanted = plain(new Parameters(name, ['prefix'], args).get('prefix') ?? null);
  return isSequence(wanted) ? wanted.some((part) => test(textOf(part))) : test(textOf(wanted));
}

const simple = (name: string, change: (text: string) => JinjaValue): [string, Method<string>] => [
  name,
  (self, args) => {
    Parameters.check(name, [], args);
    return change(self);
  },
];

const stripping = (name: string, side: 'both' | 'left' | 'right'): [string, Method<string>] => [
  name,
  (self, args) => strip(self, new Parameters(name, ['chars?'], args).optionalText('chars'), side),
];

const finding = (name: string, find: (text: string, part: string) => number): [string, Method<string>] => [
  name,
  (self, args) => {
    const found = find(self, new Parameters(name, ['sub'], args).text('sub'));
    if (found < 0 && name.endsWith('index')) throw wrong('substring not found');
    return found;
  },
];

const matching = (name: string, pattern: RegExp): [string, Method<string>] =>
  simple(name, (text) => pattern.test(text));

const justifying = (
  name: string,
  place: (text: string, width: number, fill: string) => string,
): [string, Method<string>] => [
  name,
  (self, args) => {
    const given = new Parameters(name, ['width', 'fillchar?'], args);
    return place(self, given.count('width', 0), given.text('fillchar', ' '));
  },
];

const textMethods: ReadonlyMap<string, Method<string>> = new Map([
  simple('upper', (text) => text.toUpperCase()),
  simple('lower', (text) => text.toLowerCase()),
  simple('casefold', (text) => text.toLowerCase()),
  simple('capitalize', capitalised),
  simple('title', titled),
  simple('swapcase', (text) =>
    [...text].map((one) => (one === one.toUpperCase() ? one.toLowerCase() : one.toUpperCase())).join(''),
  ),
  stripping('strip', 'both'),
  stripping('lstrip', 'left'),
  stripping('rstrip', 'right'),
  ['startswith', (self, args) => affix(args, 'startswith', (part) => self.startsWith(part))],
  ['endswith', (self, args) => affix(args, 'endswith', (part) => self.endsWith(part))],
  finding('find', (text, part) => text.indexOf(part)),
  finding('rfind', (text, part) => text.lastIndexOf(part)),
  finding('index', (text, part) => text.indexOf(part)),
  finding('rindex', (text, part) => text.lastIndexOf(part)),
  ['count', (self, args) => self.split(new Parameters('count', ['sub'], args).text('sub')).length - 1],
  [
    'split',
    (self, args): JinjaValue => {
      const given = new Parameters('split', ['sep?', 'maxsplit?'], args);
      return splitText(self, given.optionalText('sep'), given.count('maxsplit', -1));
    },
  ],
  [
    'rsplit',
    (self, args): JinjaValue => {
      const given = new Parameters('rsplit', ['sep?', 'maxsplit?'], args);
      return splitFromRight(self, given.optionalText('sep'), given.count('maxsplit', -1));
    },
  ],
  simple('splitlines', (text) => (text === '' ? [] : text.replace(/(?:\r\n|[\n\r])$/, '').split(/\r\n|[\n\r]/))),
  [
    'partition',
    (self, args): JinjaValue => {
      const separator = new Parameters('partition', ['sep'], args).text('sep');
      const at = self.indexOf(separator);
      return Tuple.make(at < 0 ? [self, '', ''] : [self.slice(0, at), separator, self.slice(at + separator.length)]);
    },
  ],
  [
    'rpartition',
    (self, args): JinjaValue => {
      const separator = new Parameters('rpartition', ['sep'], args).text('sep');
      const at = self.lastIndexOf(separator);
      return Tuple.make(at < 0 ? ['', '', self] : [self.slice(0, at), separator, self.slice(at + separator.length)]);
    },
  ],
  [
    'join',
    (self, args): JinjaValue => {
      const items = plain(new Parameters('join', ['iterable'], args).get('iterable') ?? null);
      if (!isSequence(items) || items.some((item) => typeof plain(item) !== 'string'))
        throw wrong('join() needs a list of texts: use the filter "join" for others');
      return items.map(textOf).join(self);
    },
  ],
  [
    'replace',
    (self, args): JinjaValue => {
      const given = new Parameters('replace', ['old', 'new', 'count?'], args);
      return replaceText(self, given.text('old'), given.text('new'), given.count('count', -1));
    },
  ],
  ['format', (self, args): JinjaValue => braceFormat(self, args)],
  [
    'zfill',
    (self, args): JinjaValue => {
      const sign = /^[-+]/.exec(self)?.[0] ?? '';
      const width = new Parameters('zfill', ['width'], args).count('width', 0);
      return sign + self.slice(sign.length).padStart(width - sign.length, '0');
    },
  ],
  justifying('ljust', (text, width, fill) => text.padEnd(width, fill)),
  justifying('rjust', (text, width, fill) => text.padStart(width, fill)),
  justifying('center', (text, width, fill) => centred(text, width, fill)),
  matching('isdigit', /^\d+$/u),
  matching('isdecimal', /^\p{Nd}+$/u),
  matching('isnumeric', /^\p{N}+$/u),
  matching('isalpha', /^\p{L}+$/u),
  matching('isalnum', /^[\p{L}\p{N}]+$/u),
  matching('isspace', /^\s+$/u),
  simple('isupper', (text) => text === text.toUpperCase() && text !== text.toLowerCase()),
  simple('islower', (text) => text === text.toLowerCase() && text !== text.toUpperCase()),
  [
    'removeprefix',
    (self, args): JinjaValue => {
      const part = new Parameters('removeprefix', ['prefix'], args).text('prefix');
      return self.startsWith(part) ? self.slice(part.length) : self;
    },
  ],
  [
    'removesuffix',
    (self, args): JinjaValue => {
      const part = new Parameters('removesuffix', ['suffix'], args).text('suffix');
      return part !== '' && self.endsWith(part) ? self.slice(0, -part.length) : self;
    },
  ],
]);

/** Python puts the odd blank on the left where the width is odd. */
export function centred(text: string, width: number, fill: string): string {
  const blank = Math.max(0, width - text.length);
  const left = Math.floor(blank / 2) + (blank & width & 1);
  return fill.repeat(left) + text + fill.repeat(blank - left);
}

export function replaceText(text: string, old: string, by: string, most: number): string {
  if (most < 0) return text.replaceAll(old, () => by);
  let found = text;
  let from = 0;
  for (let i = 0; i < most; i++) {
    const at = found.indexOf(old, from);
    if (at < 0) break;
    found = found.slice(0, at) + by + found.slice(at + old.length);
    from = at + by.length;
  }
  return found;
}

/** A list that the template itself made is changed; of a variable Ansible makes a copy each time it is read. */
function changeable(list: readonly JinjaValue[]): JinjaValue[] {
  return Object.isFrozen(list) || list instanceof Tuple ? [...list] : (list as JinjaValue[]);
}

const changing = (
  name: string,
  parameters: readonly string[],
  change: (list: JinjaValue[], given: Parameters) => JinjaValue,
): [string, Method<readonly JinjaValue[]>] => [
  name,
  (self, args) => change(changeable(self), new Parameters(name, parameters, args)),
];

const listMethods: ReadonlyMap<string, Method<readonly JinjaValue[]>> = new Map([
  [
    'index',
    (self, args): JinjaValue => {
      const item = new Parameters('index', ['value'], args).get('value') ?? null;
      const at = self.findIndex((one) => isEqual(one, item));
      if (at < 0) throw wrong('the item is not in the list');
      return at;
    },
  ],
  [
    'count',
    (self, args): JinjaValue => {
      const item = new Parameters('count', ['value'], args).get('value') ?? null;
      return self.filter((one) => isEqual(one, item)).length;
    },
  ],
  ['copy', (self): JinjaValue => [...self]],
  changing('append', ['object'], (list, given) => {
    list.push(given.get('object') ?? null);
    return null;
  }),
  changing('extend', ['iterable'], (list, given) => {
    const items = plain(given.get('iterable') ?? null);
    if (!isSequence(items)) throw wrong('extend() needs a list');
    list.push(...items);
    return null;
  }),
  changing('insert', ['index', 'object'], (list, given) => {
    list.splice(given.count('index', 0), 0, given.get('object') ?? null);
    return null;
  }),
  changing('pop', ['index?'], (list, given) => {
    const [taken] = list.splice(given.count('index', -1), 1);
    if (taken === undefined) throw wrong('pop from an empty list, or beyond its end');
    return taken;
  }),
  changing('remove', ['value'], (list, given) => {
    const at = list.findIndex((one) => isEqual(one, given.get('value') ?? null));
    if (at < 0) throw wrong('the item is not in the list');
    list.splice(at, 1);
    return null;
  }),
  changing('reverse', [], (list) => {
    list.reverse();
    return null;
  }),
  changing('sort', [], (list) => {
    list.sort((a, b) => compare(a, b));
    return null;
  }),
]);

const mappingMethods: ReadonlyMap<string, Method<JinjaMapping | LazyMapping>> = new Map<
  string,
  Method<JinjaMapping | LazyMapping>
>([
  ['items', (self) => entriesOf(self).map(([key, item]) => Tuple.make([key, item]))],
  ['keys', (self) => keysOf(self)],
  ['values', (self) => entriesOf(self).map(([, item]) => item)],
  ['copy', (self) => self],
  ...['update', 'pop', 'popitem', 'setdefault', 'clear'].map((name): [string, Method<JinjaMapping | LazyMapping>] => [
    name,
    () => {
      throw new JinjaError('hole', `play changes no mappings ("${name}")`, 'Make a new one with the filter "combine".');
    },
  ]),
  [
    'get',
    (self, args) => {
      const given = new Parameters('get', ['key', 'default?'], args);
      const item = valueAt(self, keyOf(given.get('key') ?? null));
      return item === undefined ? (given.get('default') ?? null) : item;
    },
  ],
]);

/** `object[start:stop:step]` */
export function sliceOf<T>(
  items: readonly T[],
  parts: readonly [start: JinjaValue, stop: JinjaValue, step: JinjaValue],
): T[] {
  const [start, stop, step] = parts.map((part) => (part === null ? undefined : countOf(part, 'a slice')));
  const by = step ?? 1;
  if (by === 0) throw wrong('the step of a slice cannot be 0');
  const { length } = items;
  const bound = (at: number, low: number, high: number): number =>
    Math.min(high, Math.max(low, at < 0 ? at + length : at));
  const from =
    start === undefined ? (by > 0 ? 0 : length - 1) : bound(start, by > 0 ? 0 : -1, by > 0 ? length : length - 1);
  const until =
    stop === undefined ? (by > 0 ? length : -1) : bound(stop, by > 0 ? 0 : -1, by > 0 ? length : length - 1);
  const taken: T[] = [];
  for (let at = from; by > 0 ? at < until : at > until; at += by) taken.push(...items.slice(at, at + 1));
  return taken;
}
