/**
 * What Ansible's and Jinja's expressions mean, where TypeScript has no word for it. Made by `play import`; each function is
 * named after what it does there. What you no longer need may go.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join, normalize } from 'node:path';
import {
  ansibleFilter,
  ansibleLookup,
  PlayError,
  PythonValue,
  Secret,
  secret,
  type Facts,
  type HostView,
  type PlaySpec,
  type TaskContext,
} from 'play';

/** What tasks of one file leave for those of another: results that were registered, facts that were set. */
export type Known = Record<string, any>;

/** The variables of the inventory and the play, for tasks of a play: whatever they are. */
export const variablesOfPlay = (context: TaskContext): Record<string, any> => context.vars;

/** Variables of another host: `hostvars[name]`. */
export const variablesOf = (hostvars: TaskContext['hostvars'], name: string): Record<string, any> =>
  hostvars[name] ?? {};

/** Plays of another playbook, with more tags. */
export const withTags = (plays: readonly PlaySpec[], { tags }: { tags: string | readonly string[] }): PlaySpec[] =>
  plays.map((play) => ({ ...play, tags: [...[play.tags ?? []].flat(), ...[tags].flat()] }));

/**
 * `lookup('vars', NAME)`: a variable of the role or play, else of the inventory.
 *
 * @throws PlayError where there is none and no default, or where it depends on facts
 */
export function variableByName(
  vars: object,
  inventory: object | undefined,
  name: string,
  ...standard: readonly unknown[]
): any {
  const value = Reflect.get(vars, name) ?? (inventory === undefined ? undefined : Reflect.get(inventory, name));
  if (typeof value === 'function')
    throw new PlayError(`"${name}" depends on facts, and cannot be looked up by a computed name`);
  return value === undefined && standard.length > 0 ? standard[0] : need(value, name);
}
/** `lookup('varnames', ...)`: names of variables that are set and match one of these patterns. */
export const variableNames = (vars: object, inventory: object | undefined, patterns: readonly string[]): string[] =>
  [...new Set([...Object.keys({ ...inventory }), ...Object.keys(vars)])].filter(
    (name) =>
      patterns.some((pattern) => new RegExp(pattern).test(name)) &&
      (Reflect.get(vars, name) ?? Reflect.get(inventory ?? {}, name)) !== undefined,
  );

/** The address of a host: `ansible_host`, else its name. */
export const addressOf = ({ name, vars }: HostView): string => text(vars['ansible_host'] ?? name);

/** A name up to its first dot. */
export const shortName = (name: string): string => name.replace(/\..*/s, '');

/** A value that has to be there. @throws PlayError naming it */
export function need<T>(value: T, name: string): NonNullable<T> {
  if (value === undefined || value === null)
    throw new PlayError(`"${name}" is not set`, { hint: 'Set it in the inventory, or where the role is used.' });
  return value;
}

/** What a hole will give once it is filled (then read it from the task in its place), or what Ansible's own module gives. */
export const anyFields = (result: object): Record<string, any> => result;

/**
 * The result of each iteration of a loop, as Ansible has it in `registered.results`.
 *
 * @param names fields that are called otherwise there: `{ stdout_lines: 'stdoutLines' }`
 */
export function resultsOfLoop(
  turns: readonly { readonly item: any; readonly task: any }[],
  results: (task: any) => any,
  names: Readonly<Record<string, string>> = {},
): any[] {
  return turns.map(({ item, task }) => {
    const result = results(task);
    const own: Record<string, any> = { ...result, item };
    // What is open in check mode stays so.
    const made = new Proxy(own, { get: (of, key) => Reflect.get(key in of ? of : result, key) });
    for (const [theirs, ours] of Object.entries(names)) {
      const value = ours.split('.').reduce((from: any, key) => from?.[key], result);
      const [part = '', inner] = theirs.split('.');
      if (inner === undefined) made[part] = value;
      else made[part] = { ...made[part], [inner]: value };
    }
    return made;
  });
}

/** The same for a task that handled a whole list: the items, with the result of each. */
export const resultsOfEach = (
  items: readonly any[],
  outcomes: readonly object[] | undefined,
  names: Readonly<Record<string, string>> = {},
): any[] =>
  resultsOfLoop(
    (outcomes ?? []).map((task, i) => ({ item: items[i], task })),
    (task) => task,
    names,
  );

/** The tests `changed`, `failed` and `skipped` of a value that is a result. @throws PlayError for one that is none */
export function outcomeOf(value: any, name: 'changed' | 'failed' | 'skipped'): boolean {
  if (!isMapping(value)) throw new PlayError(`"is ${name}" is used on ${text(value)}, which is not a result`);
  const { [name]: own, results } = value as { [key: string]: any };
  if (own !== undefined || name !== 'changed' || !Array.isArray(results)) return own === true;
  return results.some((one) => one?.changed === true);
}

/** `registered.json` of `uri`: the body, where it is JSON. */
export function jsonOf({ content }: { readonly content: string }): any {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

/** A value as Jinja prints it; null is nothing. @throws PlayError for one that is not set, or cannot be printed */
export const text = (value: unknown, name = 'a value'): string => (value === null ? '' : stringOf(value, name));

/** A value as Python's `str` and the filter `string` have it. @throws PlayError for one that is not set, or cannot be printed */
export function stringOf(value: unknown, name = 'a value'): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(Number.isInteger(value) ? value : PythonValue.float(value));
  if (value instanceof PythonValue) return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === null) return 'None';
  if (Array.isArray(value)) {
    const items = value.map(quoted).join(', ');
    return tuples.has(value) ? `(${items}${value.length === 1 ? ',' : ''})` : `[${items}]`;
  }
  if (value === undefined) return need(value, name);
  // Ansible prints a key that is a number or a truth value as one; here all keys are text.
  if (isMapping(value) && !Object.keys(value).some((key) => /^(?:[-+.]?\d|true$|false$|null$|~?$)/i.test(key)))
    return `{${entriesOf(value)
      .map(([key, one]) => `${quoted(key)}: ${quoted(one)}`)
      .join(', ')}}`;
  throw new PlayError(`"${name}" is not text`, { hint: 'Say which part of it to print.' });
}

/** Lists that are tuples in Python, which prints them in round brackets. */
const tuples = new WeakSet<object>();
function tuple<T extends any[]>(items: T): T {
  tuples.add(items);
  return items;
}

/** A mapping whose keys stay in this order, those that look like numbers too. */
export function mapping(entries: Iterable<readonly [string, any]>): Record<string, any> {
  const all = new Map(entries);
  const made = Object.fromEntries(all);
  const keys = [...all.keys()];
  const isInOrder = Object.keys(made).every((key, i) => key === keys[i]);
  return isInOrder ? made : new Proxy(made, { ownKeys: () => keys });
}

/** Restores the line ends that a template's source has, as Ansible does. */
export const withLineEnds = (made: string, count: number): string =>
  typeof made === 'string' ? made + '\n'.repeat(Math.max(0, count - (/\n*$/.exec(made)?.[0].length ?? 0))) : made;

/** Text with values in it that may be secrets: then the whole is one. */
export function withSecrets(strings: TemplateStringsArray, ...values: readonly unknown[]): any {
  const parts = values.map((value) => (value instanceof Secret ? value : text(value)));
  return parts.some((part) => part instanceof Secret)
    ? secret(strings, ...parts)
    : strings.reduce((made, piece, i) => made + String(parts[i - 1]) + piece);
}

/** An element as Python shows it in a list. */
function quoted(value: unknown): string {
  if (typeof value !== 'string') return stringOf(value);
  const mark = value.includes("'") && !value.includes('"') ? '"' : "'";
  const inner = value.replaceAll(/[\\\0-\x1f\x7f-\xa0\xad']/g, (one) => {
    if (one === "'") return mark === "'" ? "\\'" : one;
    const short = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }[one];
    return short ?? `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `${mark}${inner}${mark}`;
}

/** Whether Jinja takes it for true: empty texts, lists and mappings are not. */
export function truthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof PythonValue) return !value.isNumber || Number(value) !== 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** The filter `bool`. */
export function bool(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (value instanceof PythonValue) return Number(value) === 1;
  return ['yes', 'on', '1', 'true'].includes(String(value).toLowerCase());
}

/** The same, where nothing may stand. */
export const boolOrNone = (value: unknown): any => (value === undefined ? undefined : bool(value));

/** The filter `int`: 0 for what is no number. */
export function int(value: unknown, otherwise = 0): number {
  const number = Number.isFinite(numberIn(value)) ? numberIn(value) : otherwise;
  return Math.trunc(number);
}

/** The filter `float`: a number that Python prints with a fraction. */
export function float(value: unknown, otherwise = 0): any {
  const number = numberIn(value);
  return PythonValue.float(Number.isNaN(number) ? otherwise : number);
}

/** What Python's `float()` reads out of a value. */
function numberIn(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  if (value instanceof PythonValue) return value.isNumber ? Number(value) : Number.NaN;
  const written = typeof value === 'string' ? value.trim() : '';
  if (/^[-+]?(?:inf|infinity)$/i.test(written)) return written.startsWith('-') ? -Infinity : Infinity;
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(written) ? Number(written) : Number.NaN;
}

/** Whether a number is a float in Python. */
const isFloat = (value: unknown): boolean =>
  value instanceof PythonValue ? value.kind === 'float' : typeof value === 'number' && !Number.isInteger(value);
/** What was made of two numbers: a float where one of them is. */
const likewise = (a: unknown, b: unknown, made: number): any =>
  isFloat(a) || isFloat(b) ? PythonValue.float(made) : made;
const isNumeric = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'boolean' || value instanceof PythonValue;

/** `+` of numbers, texts or lists. */
export function plus(a: any, b: any): any {
  if (Array.isArray(a)) return [...a, ...b];
  return isNumeric(a) && isNumeric(b) ? likewise(a, b, Number(a) + Number(b)) : a + b;
}
/** `-` of numbers. */
export const minus = (a: any, b: any): any => likewise(a, b, a - b);

/** `%` of numbers, with the sign of the second as in Python; of a text it is formatting, with all that is in a tuple. */
export function remainder(a: any, b: any, isTuple = false): any {
  if (typeof a === 'string') return format(a, ...(isTuple ? b : [b]));
  const left = a % b;
  return likewise(a, b, left !== 0 && left < 0 !== b < 0 ? left + Number(b) : left);
}
/** The filter `round`: half of it goes to the even number. */
export function round(value: any): any {
  const number = Number(value);
  const near = Math.round(number);
  const made = Math.abs(number % 1) === 0.5 && near % 2 !== 0 ? near - 1 : near;
  return isFloat(value) ? PythonValue.float(made) : made;
}

/** One of a few words. @throws PlayError for another */
export function oneOf<const T extends string>(value: unknown, words: readonly T[]): T {
  const found = words.find((word) => word === value);
  if (found === undefined) throw new PlayError(`"${text(value)}" is not one of ${words.join(', ')}`);
  return found;
}

/** Each of them one of a few words. @throws PlayError for another */
export const eachOneOf = <const T extends string>(values: readonly unknown[], words: readonly T[]): T[] =>
  values.map((value) => oneOf(value, words));

/** The text of one of several templates, by its name. @throws PlayError for another */
export function chosen(name: unknown, templates: Readonly<Record<string, () => string>>): string {
  const wanted = normalize(text(name)).replace(/^(?:\.\.\/)?templates\//, '');
  const make = templates[wanted] ?? templates[`${wanted}.j2`];
  if (make === undefined) throw new PlayError(`There is no template ${wanted}`);
  return make();
}

/** A handler by its name. @throws PlayError where none is called so */
export function handlerOf<T>(name: unknown, handlers: Readonly<Record<string, T>>): T {
  const found = handlers[text(name)];
  if (found === undefined) throw new PlayError(`There is no handler ${text(name)}`);
  return found;
}

/** A word by another name. @throws PlayError for one that has none */
export function mapped<const T extends string>(value: unknown, words: Readonly<Record<string, T>>): T {
  const found = words[String(value)];
  if (found === undefined) throw new PlayError(`"${text(value)}" is not one of ${Object.keys(words).join(', ')}`);
  return found;
}

/** A mode; one that is a number as octal. */
export const modeOf = (value: string | number): string =>
  typeof value === 'string' ? value : value.toString(8).padStart(4, '0');

/** A list of texts, out of one, out of a text with commas, or out of nothing. */
export function texts(value: unknown): string[] {
  if (value === undefined || value === null || value === '') return [];
  if (Array.isArray(value)) return value.flat(1).map((one) => text(one));
  return text(value)
    .split(',')
    .map((one) => one.trim());
}

/** The filter `list`: letters of a text, keys of a mapping. */
export function list(value: unknown): any[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  if (typeof value === 'object' && value !== null) return Object.keys(value);
  return [...text(value)];
}

/** Lists in a list taken apart, so many levels deep; nothing is left out but null, in words too. */
export const flatten = (value: readonly unknown[], levels = Number.POSITIVE_INFINITY): any[] =>
  value
    .flatMap((one) => (Array.isArray(one) && levels > 0 ? flatten(one, levels - 1) : [one]))
    .filter((one) => one !== null && one !== 'None' && one !== 'null');

/** Entries of a mapping that may not be there. */
export const entriesOf = (value: Readonly<Record<string, any>> | undefined): [string, any][] =>
  Object.entries(value ?? {}).map(tuple);
/** The filter `dict2items`. */
export const itemsOf = (value: Readonly<Record<string, any>>): { key: string; value: any }[] =>
  Object.entries(value).map(([key, one]) => ({ key, value: one }));
/** `dict(VALUE, name=value)` of Jinja: of pairs, or of another mapping. */
export const dictOf = (value: any, more: Readonly<Record<string, any>> = {}): Record<string, any> =>
  mapping([...(Array.isArray(value) ? value : Object.entries<any>(value)), ...Object.entries(more)]);
/** The filter `items2dict`. */
export const fromItems = (value: readonly any[]): Record<string, any> =>
  mapping(value.map((one) => [stringOf(one.key), one.value]));

/** The first mapping of variables that there is. @throws PlayError where there is none */
export function firstOf(files: Readonly<Record<string, any>>, names: readonly string[]): Record<string, any> {
  const found = names.find((name) => files[name] !== undefined);
  if (found === undefined) throw new PlayError(`There are no variables for ${names.join(', ')}`);
  return files[found];
}

/** Of several names the first of which there is something; undefined where there is none and that may be. @throws PlayError else */
export function firstThere(names: readonly unknown[], there: readonly string[], mayBeNone = false): string | undefined {
  const found = names.map((name) => text(name)).find((name) => there.includes(name));
  if (found === undefined && !mayBeNone)
    throw new PlayError(`There is no ${names.map((name) => text(name)).join(', ')}`);
  return found;
}

/** A line of sources.list(5) as the options of a repository: `deb [arch=amd64] URL SUITE COMPONENT...`. @throws PlayError for a PPA */
export function aptLine(line: string): {
  name: string;
  types: ('deb' | 'deb-src')[];
  uris: string;
  suites: string;
  components?: string[];
  architectures?: string[];
  signedBy?: string;
} {
  const [, type, settings = '', uris = '', suites = '', rest = ''] =
    /^\s*(deb(?:-src)?)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*)$/.exec(line) ?? [];
  if (type !== 'deb' && type !== 'deb-src')
    throw new PlayError(`"${line}" is not a line of sources.list(5)`, {
      hint: 'Give `uris`, `suites` and `signedBy`.',
    });
  const given = new Map(settings.split(/\s+/).map((one) => [one.replace(/=.*/s, ''), one.replace(/^[^=]*=?/, '')]));
  const other = [...given.keys()].find((key) => !['', 'arch', 'signed-by'].includes(key));
  if (other !== undefined) throw new PlayError(`The setting ${other} of "${line}" has to be given as an option`);
  const [components, architectures] = [rest.split(/\s+/), (given.get('arch') ?? '').split(',')].map((all) =>
    all.filter(Boolean),
  );
  const signedBy = given.get('signed-by');
  return {
    name: uris
      .replace(/^\w+:\/\//, '')
      .replaceAll(/[^A-Za-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, ''),
    types: [type],
    uris,
    suites,
    ...(components === undefined || components.length === 0 ? {} : { components }),
    ...(architectures === undefined || architectures.length === 0 ? {} : { architectures }),
    ...(signedBy === undefined ? {} : { signedBy }),
  };
}

/** Whether two values say the same, lists and mappings by what is in them. */
export function same(a: unknown, b: unknown): boolean {
  if (isNumeric(a) && isNumeric(b)) return String(a) === String(b) || Number(a) === Number(b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return left.length === right.size && left.every(([key, value]) => right.has(key) && same(value, right.get(key)));
}

/** `in`: a part of a text, an element of a list, a key of a mapping. */
export function isIn(value: unknown, of: any): boolean {
  if (of === undefined || of === null) return false;
  if (typeof of === 'string') return of.includes(text(value));
  if (Array.isArray(of)) return of.some((one) => same(one, value));
  return Object.hasOwn(of, text(value));
}

export const isMapping = (value: unknown): value is Record<string, any> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof PythonValue) &&
  !(value instanceof Secret);
/** The test `number`, which truth values pass. */
export const isNumber = (value: unknown): boolean =>
  value instanceof PythonValue ? value.isNumber : typeof value === 'number' || typeof value === 'boolean';
/** A list, a text or a mapping: all of them have parts. */
export const isSequence = (value: unknown): boolean =>
  typeof value === 'string' || Array.isArray(value) || isMapping(value);
export const isSubset = (a: readonly unknown[], b: readonly unknown[]): boolean => a.every((one) => isIn(one, b));
export const isSuperset = (a: readonly unknown[], b: readonly unknown[]): boolean => isSubset(b, a);
export const every = (value: readonly unknown[]): boolean => value.every(truthy);
export const some = (value: readonly unknown[]): boolean => value.some(truthy);

/** The filter `length`. */
export const length = (value: any): number =>
  typeof value === 'string' ? [...value].length : Array.isArray(value) ? value.length : Object.keys(value).length;
const folded = (one: unknown): unknown => (typeof one === 'string' ? one.toLowerCase() : one);
/** The filter `unique`: letters large and small are the same to it. */
export const unique = (value: readonly any[]): any[] =>
  value.filter((one, i) => value.findIndex((other) => same(folded(one), folded(other))) === i);
const distinct = (value: readonly any[]): any[] =>
  value.filter((one, i) => value.findIndex((other) => same(one, other)) === i);
export const union = (a: readonly any[], b: readonly any[]): any[] => distinct([...a, ...b]);
export const difference = (a: readonly any[], b: readonly any[]): any[] => distinct(a.filter((one) => !isIn(one, b)));
export const intersection = (a: readonly any[], b: readonly any[]): any[] => distinct(a.filter((one) => isIn(one, b)));
export const symmetricDifference = (a: readonly any[], b: readonly any[]): any[] => [
  ...difference(a, b),
  ...difference(b, a),
];
/** Elements side by side, as many as the shortest list has. */
export const zip = (...lists: readonly (readonly any[])[]): any[][] =>
  Array.from({ length: Math.min(...lists.map((one) => one.length)) }, (_, i) => tuple(lists.map((one) => one[i])));
/** The same, as many as the longest list has: `with_together` fills up with null. */
export const zipLongest = (...lists: readonly (readonly any[])[]): any[][] =>
  Array.from({ length: Math.max(0, ...lists.map((one) => one.length)) }, (_, i) => lists.map((one) => one[i] ?? null));
/** `*`: a text or a list is repeated. */
export const times = (a: any, b: any): any =>
  typeof a === 'string'
    ? a.repeat(Math.max(0, b))
    : Array.isArray(a)
      ? Array.from({ length: Math.max(0, b) }, () => a).flat()
      : typeof b === 'string' || Array.isArray(b)
        ? times(b, a)
        : likewise(a, b, a * b);
/** A number that went through a template is text. */
export const templated = (value: any): any =>
  typeof value === 'number' || value instanceof PythonValue ? text(value) : value;
/** Each element of one list with each of the others. */
export const product = (...lists: readonly (readonly any[])[]): any[][] =>
  lists.reduce<any[][]>((all, one) => all.flatMap((first) => one.map((last) => tuple([...first, last]))), [[]]);
/** Each element with each of what it has under a key. */
export const subelements = (of: readonly any[], key: string, skipsMissing = false): any[] =>
  of.flatMap((one) => {
    const inner = key.split('.').reduce<any>((value, part) => value?.[part], one);
    if (inner === undefined && skipsMissing) return [];
    return need(inner, key).map((part: any) => tuple([one, part]));
  });
export const sequence = (start: number | string, end: number | string): string[] =>
  Array.from({ length: Math.max(0, int(end) - int(start) + 1) }, (_, i) => String(int(start) + i));
export const range = (first: number, end?: number, step = 1): number[] => {
  const [from, to] = end === undefined ? [0, first] : [first, end];
  return Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, i) => from + i * step);
};
/** Sorted by value, or by what elements have under a name; letters large and small are the same. */
export function sorted<T>(value: readonly T[], by?: string, isReversed = false): T[] {
  const of = (one: any): any =>
    folded(by === undefined ? one : by.split('.').reduce((held, part) => held?.[part], one));
  const sign = isReversed ? -1 : 1;
  return [...value].sort((a, b) => (of(a) < of(b) ? -sign : of(a) > of(b) ? sign : 0));
}
export const least = (value: readonly any[]): any => sorted(value)[0];
export const greatest = (value: readonly any[]): any => sorted(value, undefined, true)[0];
/** The filter `reverse`, of a text or a list. */
export const reversed = (value: any): any =>
  typeof value === 'string' ? [...value].reverse().join('') : [...value].reverse();
export const total = (value: readonly number[]): number => value.reduce((sum, one) => plus(sum, one), 0);
export const joined = (value: readonly unknown[], by: string): string => value.map((one) => stringOf(one)).join(by);
/** Methods that change a list or mapping, and give nothing. */
export function append(to: any[], value: unknown): null {
  to.push(value);
  return null;
}
export function extend(to: any[], values: readonly unknown[]): null {
  to.push(...values);
  return null;
}
export function update(to: Record<string, any>, by: Readonly<Record<string, any>>): null {
  Object.assign(to, by);
  return null;
}
/** Mappings laid over each other. */
export const combine = (...all: readonly any[]): Record<string, any> =>
  mapping(all.flat().flatMap((one) => Object.entries<any>(one)));
/** The same, with the mappings in them. */
export const combineDeep = (...all: readonly any[]): Record<string, any> =>
  mapping(
    all.flat().reduce<Map<string, any>>((into, one) => {
      for (const [key, value] of Object.entries<any>(one)) {
        const before = into.get(key);
        into.set(key, isMapping(value) && isMapping(before) ? combineDeep(before, value) : value);
      }
      return into;
    }, new Map()),
  );

/** A regular expression of Python's: what else differs is refused by JavaScript. */
function python(pattern: string, flags: string): RegExp {
  const [, letters = ''] = /^\(\?([ims]+)\)/.exec(pattern) ?? [];
  const all = [...new Set(flags + letters)].join('');
  const end = all.includes('m') ? '$' : String.raw`(?=\n?$)`;
  let isClass = false;
  const made = pattern
    .slice(letters === '' ? 0 : letters.length + 3)
    .replaceAll(/\\[^]|\(\?P<|\(\?P=(\w+)\)|[[\]$]/g, (one, name?: string) => {
      if (name !== undefined) return `\\k<${name}>`;
      if (one === '(?P<') return '(?<';
      if (one === '[' || one === ']') {
        isClass = one === '[';
        return one;
      }
      if (isClass) return one;
      if (one === '$') return end;
      return one === String.raw`\A` ? '(?<![^])' : one === String.raw`\Z` ? '(?![^])' : one;
    });
  return new RegExp(made, all);
}
export const regexReplace = (value: string, pattern: string, by: string, flags = ''): string =>
  value.replaceAll(
    python(pattern, `g${flags}`),
    by
      .replaceAll('$', '$$$$')
      .replaceAll(
        /\\(?:g<(\w+)>|(\d)|(\\)|(n)|(t))/g,
        (_, name?: string, digit?: string, itself?: string, line?: string) => {
          if (name !== undefined) return /^\d+$/.test(name) ? `$${name}` : `$<${name}>`;
          if (digit !== undefined) return digit === '0' ? '\0' : `$${digit}`;
          return itself === undefined ? (line === undefined ? '\t' : '\n') : '\\';
        },
      ),
  );
export const regexSearch = (value: string, pattern: string, flags = ''): any =>
  python(pattern, flags).exec(value)?.[0] ?? null;
export const regexFindAll = (value: string, pattern: string, flags = ''): any[] =>
  [...value.matchAll(python(pattern, `g${flags}`))].map((match) =>
    match.length > 2 ? tuple(match.slice(1).map((one) => one ?? '')) : match.length === 2 ? (match[1] ?? '') : match[0],
  );
export const regexEscape = (value: string): string => value.replaceAll(/[^\w]/g, String.raw`\$&`);
/** The tests `search` and `match`: anywhere, or at the beginning. */
export const search = (value: string, pattern: string): boolean => python(pattern, '').test(value);
export const match = (value: string, pattern: string): boolean => python(pattern, 'y').test(value);

/** Compares versions as Python's LooseVersion: part by part. @throws PlayError for a word beside a number */
export function version(value: unknown, sign: '<' | '<=' | '>' | '>=' | '==' | '!=', other: unknown): boolean {
  const parts = (of: unknown): (string | number)[] =>
    text(of)
      .split(/(\d+|[a-z]+|\.)/)
      .filter((part) => part !== '' && part !== '.')
      .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const [a, b] = [parts(value), parts(other)];
  const at = a.findIndex((part, i) => part !== b[i]);
  const [x, y] = [a[at], b[at]];
  if (at !== -1 && x !== undefined && y !== undefined && typeof x !== typeof y && sign !== '==' && sign !== '!=')
    throw new PlayError(`The versions ${text(value)} and ${text(other)} cannot be compared`);
  const order = at === -1 ? a.length - b.length : y === undefined ? 1 : x !== undefined && x < y ? -1 : 1;
  return { '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0, '==': order === 0, '!=': order !== 0 }[
    sign
  ];
}

export const capitalize = (value: string): string => value.charAt(0).toUpperCase() + value.slice(1).toLowerCase();
/** The filter `title`: words begin behind blanks, `-` and opening brackets. */
export const title = (value: string): string =>
  value.toLowerCase().replaceAll(/(?:^|[-\s({[<])[^-\s({[<]/g, (one) => one.toUpperCase());
/** The method `title`: words begin behind all that is no letter. */
export const titleCase = (value: string): string =>
  value.toLowerCase().replaceAll(/(?<!\p{L})\p{L}/gu, (one) => one.toUpperCase());
export const lines = (value: string): string[] =>
  value === '' ? [] : value.replace(/(?:\r\n|[\n\r])$/, '').split(/\r\n|[\n\r]/);
/** A text without a separator to split by: its words. */
export const words = (value: string): string[] => value.split(/\s+/).filter(Boolean);
/** A text with another in place of one, so many times. */
export function replaced(value: string, from: string, to: string, count = -1): string {
  if (count < 0) return value.replaceAll(from, () => to);
  const parts = value.split(from);
  return (
    parts.slice(0, count + 1).join(to) +
    parts
      .slice(count + 1)
      .map((part) => from + part)
      .join('')
  );
}
const letters = (of: string): string => of.replaceAll(/[\\\]^-]/g, String.raw`\$&`);
export const stripStart = (value: string, of: string): string => value.replace(new RegExp(`^[${letters(of)}]+`), '');
export const stripEnd = (value: string, of: string): string => value.replace(new RegExp(`[${letters(of)}]+$`), '');
export const strip = (value: string, of: string): string => stripEnd(stripStart(value, of), of);
/** A word for sh. */
export const shellQuote = (value: string): string =>
  /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'"'"'`)}'`;
export const splitExtension = (value: string): string[] => {
  const [, stem = value, ending = ''] = /^(.*[^/.][^/]*?)(\.[^./]*)$/s.exec(value) ?? [];
  return tuple([stem, ending]);
};
/** Python's paths: `basename` is nothing behind a slash, and `dirname` where there is none. */
export const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
export const dirname = (path: string): string => {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return /[^/]/.test(folder) ? folder.replace(/\/+$/, '') : folder;
};
export const pathJoin = (...parts: readonly string[]): string =>
  parts.reduce((path, part) =>
    part.startsWith('/') ? part : path === '' || path.endsWith('/') ? path + part : `${path}/${part}`,
  );
export const expandUser = (value: string): string => value.replace(/^~(?=\/|$)/, process.env['HOME'] ?? '~');
export const base64 = (value: string): string => Buffer.from(value).toString('base64');
export const fromBase64 = (value: string): string => Buffer.from(value, 'base64').toString();
export const digest = (value: string, by = 'sha1'): string => createHash(by).update(value).digest('hex');
export const escapeHtml = (value: string): string =>
  value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&#34;')
    .replaceAll("'", '&#39;');
/** Text with its lines indented by so many blanks; the first and empty ones are not, unless asked for. */
export const indent = (value: string, by: number | string, first = false, blank = false): string => {
  const blanks = typeof by === 'number' ? ' '.repeat(by) : by;
  return value
    .split('\n')
    .map((line, i) => ((i === 0 && !first) || (line === '' && !blank) ? line : blanks + line))
    .join('\n');
};
/** `# ` before each line. */
export const comment = (value: string): string =>
  `#\n${value
    .split('\n')
    .map((line) => `# ${line}`.trimEnd())
    .join('\n')}\n#`;
/** The filter `format`: `%s`, `%-8s`, `%03d`, `%.2f` in their order. @throws PlayError for others */
export const format = (pattern: string, ...values: readonly unknown[]): string => {
  let at = 0;
  return pattern.replaceAll(
    /%([-0]*)(\d*)(?:\.(\d+))?([a-zA-Z%]?)/g,
    (whole, flags: string, width: string, digits: string | undefined, sign: string) => {
      if (whole === '%%') return '%';
      const shown = formatted(sign, values[at++], digits, whole);
      if (flags.includes('-')) return shown.padEnd(Number(width));
      return shown.padStart(Number(width), flags.includes('0') && sign !== 's' ? '0' : ' ');
    },
  );
};

function formatted(sign: string, value: unknown, digits: string | undefined, whole: string): string {
  if (sign === 's') return stringOf(value).slice(0, digits === undefined ? undefined : Number(digits));
  if (sign === 'd' || sign === 'i') return String(int(value));
  if (sign === 'f') return fixed(Number(value), Number(digits ?? 6));
  throw new PlayError(`format does not know "${whole}" here`, { hint: 'Write it in TypeScript.' });
}

/** With so many digits; what is just between two goes to the even one. */
function fixed(value: number, digits: number): string {
  const scaled = Math.abs(value) * 10 ** digits;
  const isTie = scaled % 1 === 0.5 && scaled / 10 ** digits === Math.abs(value) && Number.isInteger(value * 2 ** 20);
  const down = Math.floor(scaled);
  return isTie && down % 2 === 0 ? ((Math.sign(value) * down) / 10 ** digits).toFixed(digits) : value.toFixed(digits);
}

/** Python's `format`: `{}` and `{0}`. @throws PlayError for others */
export const formatBraces = (pattern: string, ...values: readonly unknown[]): string => {
  let at = 0;
  return pattern.replaceAll(/\{\{|\}\}|\{(\d*)\}|\{[^}]*\}/g, (whole, place?: string) => {
    if (whole === '{{' || whole === '}}') return whole.charAt(0);
    if (place === undefined)
      throw new PlayError(`format does not know "${whole}" here`, { hint: 'Write it in TypeScript.' });
    return stringOf(values[place === '' ? at++ : Number(place)]);
  });
};

/** A value that is no list and no mapping as JSON: letters beyond ASCII are written as `\\u1234`. */
const jsonScalar = (value: unknown): string =>
  value instanceof PythonValue
    ? value.json
    : (JSON.stringify(typeof value === 'number' ? PythonValue.float(value) : value) ?? 'null').replaceAll(
        /[\x7f-\uffff]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
/** JSON as Python writes it: blanks behind commas and colons. */
export function toJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toJson).join(', ')}]`;
  if (!isMapping(value)) return jsonScalar(value);
  return `{${Object.entries(value as object)
    .map(([key, one]) => `${jsonScalar(key)}: ${toJson(one)}`)
    .join(', ')}}`;
}
/** What `copy` writes and `debug` shows: lists and mappings as JSON, anything else as it is printed. */
export const contentOf = (value: unknown, name: string): any =>
  value instanceof Secret ? value : Array.isArray(value) || isMapping(value) ? toJson(value) : text(value, name);
/** JSON over several lines, with sorted keys. */
export function toNiceJson(value: unknown, blanks = 4, margin = ''): string {
  const inner = margin + ' '.repeat(blanks);
  const block = (open: string, close: string, items: readonly string[]): string =>
    items.length === 0 ? open + close : `${open}\n${items.map((one) => inner + one).join(',\n')}\n${margin}${close}`;
  if (Array.isArray(value))
    return block(
      '[',
      ']',
      value.map((one) => toNiceJson(one, blanks, inner)),
    );
  if (!isMapping(value)) return jsonScalar(value);
  const entries = Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1));
  return block(
    '{',
    '}',
    entries.map(([key, one]) => `${jsonScalar(key)}: ${toNiceJson(one, blanks, inner)}`),
  );
}

/** A filter that has no function here, by its name: as play has it for variables. */
export const jinjaFilter = (name: string, value: unknown, args: readonly unknown[] = [], named = {}): any =>
  ansibleFilter<any>(name, value, { args, named });
/** A filter of a collection, or of `filter_plugins/` beside this file: by the Ansible that is installed here. */
export const pluginFilter = (name: string, value: unknown, args: readonly unknown[] = [], named = {}): any =>
  ansibleFilter<any>(name, value, { args, named, folder: import.meta.dirname });
/** A lookup by its name: files are looked for in a folder and those above it. */
export const jinjaLookup = (name: string, terms: readonly unknown[], folder: string, named = {}): any[] => [
  ...ansibleLookup<any>(name, terms, { named, folder }),
];
/** A lookup of a collection, or of `lookup_plugins/` beside this file: by the Ansible that is installed here. */
export const pluginLookup = (name: string, terms: readonly unknown[], _folder: string, named = {}): any[] => [
  ...ansibleLookup<any>(name, terms, { named, folder: import.meta.dirname }),
];
/** What `lookup` makes of several answers: one text with commas. */
export const single = (found: readonly any[]): any =>
  found.length === 1 ? found[0] : found.every((one) => typeof one === 'string') ? found.join(',') : found;

/** `lookup('env', ...)`: of the machine play runs on. */
export const environment = (name: string): string => process.env[name] ?? '';
/** `lookup('file', ...)`: a file of this machine, or of `files/` beside or above a folder, without line ends at its end. */
export function localFile(folder: string, path: string): string {
  const places = isAbsolute(path) ? [path] : ['.', '..', '../..'].map((up) => join(folder, up, 'files', path));
  return readFileSync(places.find(existsSync) ?? join(folder, path), 'utf8').trimEnd();
}

/** Names of distributions as Ansible writes them. */
const distributions: Readonly<Record<string, string>> = {
  'debian': 'Debian',
  'ubuntu': 'Ubuntu',
  'raspbian': 'Debian',
  'fedora': 'Fedora',
  'centos': 'CentOS',
  'rhel': 'RedHat',
  'rocky': 'Rocky',
  'almalinux': 'AlmaLinux',
  'arch': 'Archlinux',
  'alpine': 'Alpine',
  'opensuse-leap': 'openSUSE Leap',
  'sles': 'SLES',
  'ol': 'OracleLinux',
  'amzn': 'Amazon',
};
/** `ansible_distribution` */
export const distribution = (facts: Facts): string => distributions[facts.distribution] ?? facts.distribution;
/** `ansible_os_family` */
export const osFamily = (facts: Facts): string => facts.osFamily;
/** `ansible_distribution_major_version` */
export const majorVersion = (facts: Facts): string => facts.distributionVersion.replace(/\..*/s, '');
/** `ansible_pkg_mgr` */
export const packageManager = (facts: Facts): string => facts.packageManager;
/**
 * The name of a task of a loop: with the item, or what it is called by. Of what is secret, or has no name, nothing is
 * told.
 */
export function labelled(name: string, item: unknown): string {
  const named = isMapping(item) ? Object.entries(item).find(([key]) => itemNames.has(key)) : [];
  const label = typeof item === 'object' ? named?.[1] : item;
  return typeof label === 'string' || typeof label === 'number' ? `${name} (${label})` : name;
}
const itemNames = new Set(['name', 'key', 'path', 'dest', 'user', 'host', 'src']);
/** A name behind its first dot. */
export const domainOf = (name: string): string => (name.includes('.') ? name.replace(/^[^.]*\./s, '') : '');
/** `ansible_mounts` */
export const mountsOf = (facts: Facts): any[] =>
  facts.mounts.map(({ path, src, fstype, options, size, available }) => ({
    mount: path,
    device: src,
    fstype,
    options,
    size_total: size,
    size_available: available,
  }));
/** `ansible_facts.packages` */
export const packagesOf = (facts: Facts): Record<string, any> =>
  Object.fromEntries(
    Object.entries(facts.packages).map(([name, all]) => [
      name,
      all.map(({ version: is, architecture }) => ({ name, version: is, arch: architecture })),
    ]),
  );
/** `ansible_local` */
export const localOf = (facts: Facts): Record<string, any> => facts.local;
/** `ansible_python` */
export const pythonOf = (facts: Facts): Record<string, any> => {
  const [major = 0, minor = 0, micro = 0] = facts.pythonVersion.split('.').map((part) => int(part));
  return { version: { major, minor, micro }, executable: '/usr/bin/python3', type: 'cpython' };
};
/** `ansible_virtualization_type` */
export const virtualizationType = ({ virtualization }: Facts): string =>
  ({ none: 'NA', oracle: 'virtualbox', vmware: 'VMware', microsoft: 'VirtualPC', amazon: 'kvm', qemu: 'kvm' })[
    virtualization
  ] ?? virtualization;
/** `ansible_virtualization_role`: whether a host has guests of its own is not looked at. */
export const virtualizationRole = ({ virtualization }: Facts): string => (virtualization === 'none' ? 'NA' : 'guest');
/** `ansible_selinux.status` */
export const selinuxStatus = ({ selinux }: Facts): string => (selinux === 'disabled' ? 'disabled' : 'enabled');
const hexOf = (bits: number): number[] =>
  [24, 16, 8, 0].map((shift) => ((0xffffffff * 2 ** (32 - bits)) / 2 ** shift) & 255);
/** An interface by its name: `ansible_eth0`. */
export function interfaceOf(facts: Facts, name: string): any {
  const found = facts.network.interfaces.find((one) => one.name.replaceAll(/[-:]/g, '_') === name);
  if (found === undefined) return undefined;
  const [first, ...more] = found.addresses.filter(({ family }) => family === 4).map(ipv4Of);
  const six = found.addresses.filter(({ family }) => family === 6);
  return {
    device: found.name,
    active: found.isUp,
    mtu: found.mtu,
    type: found.type,
    ...(found.mac === '' ? {} : { macaddress: found.mac }),
    ...(first === undefined ? {} : { ipv4: first }),
    ...(more.length === 0 ? {} : { ipv4_secondaries: more }),
    ...(six.length === 0
      ? {}
      : { ipv6: six.map(({ address, prefix, scope }) => ({ address, prefix: String(prefix), scope })) }),
  };
}
function ipv4Of({ address, prefix, broadcast }: { address: string; prefix: number; broadcast: string }) {
  const mask = hexOf(prefix);
  const network = address.split('.').map((part, i) => Number(part) & (mask[i] ?? 0));
  return { address, broadcast, netmask: mask.join('.'), network: network.join('.'), prefix: String(prefix) };
}
const onRoute = (facts: Facts, { interface: name, gateway }: { interface: string; gateway: string }): object => {
  const { macaddress, mtu, type } = interfaceOf(facts, name.replaceAll(/[-:]/g, '_')) ?? {};
  return { gateway, interface: name, macaddress, mtu, type };
};
/** `ansible_default_ipv4`; empty where there is no way out. */
export function defaultIpv4(facts: Facts): Record<string, any> {
  const route = facts.network.route4;
  if (route === null) return {};
  const all = facts.network.interfaces.flatMap(({ addresses }) => addresses);
  const own = all.find(({ address }) => address === route.address);
  return { ...(own && ipv4Of(own)), address: route.address, alias: route.interface, ...onRoute(facts, route) };
}
/** `ansible_default_ipv6`; empty where there is no way out. */
export function defaultIpv6(facts: Facts): Record<string, any> {
  const route = facts.network.route6;
  if (route === null) return {};
  const all = facts.network.interfaces.flatMap(({ addresses }) => addresses);
  const own = all.find(({ address }) => address === route.address);
  return { address: route.address, prefix: String(own?.prefix ?? ''), scope: own?.scope, ...onRoute(facts, route) };
}
/** `ansible_all_ipv6_addresses` */
export const ipv6Addresses = (facts: Facts): string[] =>
  facts.network.interfaces.flatMap(({ addresses }) =>
    addresses.flatMap(({ family, address }) => (family === 6 && address !== '::1' ? [address] : [])),
  );
/** `ansible_interfaces` */
export const interfaceNames = (facts: Facts): string[] => facts.network.interfaces.map(({ name }) => name);
/** `ansible_date_time`: the host's time, when it was first asked for in this run. */
export function dateTime({ clock: { epoch, zone, offset } }: Facts): Record<string, any> {
  const [, sign = '+', hours = '00', minutes = '00'] = /^([+-])(\d\d)(\d\d)$/.exec(offset) ?? [];
  const ahead = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60;
  const local = new Date((epoch + ahead) * 1000);
  const [date = '', time = ''] = local.toISOString().slice(0, 19).split('T');
  const [year, month, day] = date.split('-');
  const [hour, minute, second] = time.split(':');
  const micro = String(Math.round((epoch % 1) * 1e6)).padStart(6, '0');
  const weekday = local.getUTCDay();
  const yearDay = Math.floor((local.getTime() - Date.UTC(local.getUTCFullYear(), 0, 1)) / 86_400_000);
  const utc = new Date(epoch * 1000).toISOString().slice(0, 19);
  const basic = `${date}T${time}`.replaceAll(/[-:]/g, '');
  return {
    year,
    month,
    day,
    hour,
    minute,
    second,
    date,
    time,
    weekday: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'][weekday],
    weekday_number: String(weekday),
    weeknumber: String(Math.floor((yearDay + 7 - ((weekday + 6) % 7)) / 7)).padStart(2, '0'),
    epoch: String(Math.floor(epoch)),
    epoch_int: String(Math.floor(epoch)),
    iso8601: `${utc}Z`,
    iso8601_micro: `${utc}.${micro}Z`,
    iso8601_basic: `${basic}${micro}`,
    iso8601_basic_short: basic,
    tz: zone,
    tz_offset: offset,
  };
}
/** `ansible_facts`, as far as play has them. */
export const factsOf = (facts: Facts): Record<string, any> => ({
  distribution: distribution(facts),
  os_family: osFamily(facts),
  distribution_version: facts.distributionPointRelease,
  distribution_major_version: majorVersion(facts),
  distribution_release: facts.distributionRelease,
  architecture: facts.architecture,
  kernel: facts.kernel,
  hostname: shortName(facts.hostname),
  nodename: facts.hostname,
  fqdn: facts.fqdn,
  memtotal_mb: facts.memoryMb,
  swaptotal_mb: facts.swapMb,
  processor_vcpus: facts.processors,
  get default_ipv4() {
    return defaultIpv4(facts);
  },
  get default_ipv6() {
    return defaultIpv6(facts);
  },
  get all_ipv6_addresses() {
    return ipv6Addresses(facts);
  },
  get interfaces() {
    return interfaceNames(facts);
  },
  get date_time() {
    return dateTime(facts);
  },
  selinux: { status: selinuxStatus(facts), mode: facts.selinux },
  all_ipv4_addresses: facts.ipv4Addresses,
  service_mgr: facts.serviceManager,
  pkg_mgr: packageManager(facts),
  virtualization_type: virtualizationType(facts),
  virtualization_role: virtualizationRole(facts),
  get python() {
    return pythonOf(facts);
  },
  get mounts() {
    return mountsOf(facts);
  },
  get packages() {
    return packagesOf(facts);
  },
});

/** `role_path`: the folder of the role a file is in. */
export const roleFolder = (folder: string): string => folder.replace(/^(.*\/roles\/[^/]+).*$/s, '$1');
/** `playbook_dir` */
export const playbookFolder = (): string => join(import.meta.dirname, 'playbooks');
