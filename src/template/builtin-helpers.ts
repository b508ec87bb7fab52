import {
  indentLines,
  joinList,
  pythonLiteral,
  replaceText,
  shellQuote,
  toIni,
  toJson,
  toText,
  toYaml,
} from './text-helpers.ts';

/** What a helper is told besides its arguments. */
export interface HelperCall {
  readonly name: string;
  /** `key=value` arguments. */
  readonly hash: Readonly<Record<string, unknown>>;
}

/**
 * A function templates may call: `{{name a b key=c}}` or `(name a b)`. Throw an Error to complain: its message is shown
 * at the place of the call. Secrets arrive as plain text, and what is returned then becomes secret.
 */
export type TemplateHelper = (args: readonly unknown[], call: HelperCall) => unknown;

interface Helper {
  /** How many arguments: exactly, or at least and at most. */
  readonly arity: readonly [number, number];
  readonly hash?: readonly string[];
  readonly run: TemplateHelper;
}

const any = Number.POSITIVE_INFINITY;

/** The helpers every template has. All take at least one argument, so `{{length}}` alone is still a name. */
export const builtinHelpers: Readonly<Record<string, Helper>> = {
  eq: { arity: [2, 2], run: ([a, b]) => isSame(a, b) },
  ne: { arity: [2, 2], run: ([a, b]) => !isSame(a, b) },
  gt: { arity: [2, 2], run: ([a, b]) => compare(a, b) > 0 },
  gte: { arity: [2, 2], run: ([a, b]) => compare(a, b) >= 0 },
  lt: { arity: [2, 2], run: ([a, b]) => compare(a, b) < 0 },
  lte: { arity: [2, 2], run: ([a, b]) => compare(a, b) <= 0 },
  and: { arity: [2, any], run: (args) => args.find((arg) => !isTruthy(arg)) ?? args.at(-1) },
  or: { arity: [2, any], run: (args) => args.find(isTruthy) ?? args.at(-1) },
  not: { arity: [1, 1], run: ([a]) => !isTruthy(a) },
  default: {
    arity: [2, 2],
    run: ([value, fallback]) => (value === null || value === undefined || value === '' ? fallback : value),
  },
  length: { arity: [1, 1], run: ([value]) => lengthOf(value) },
  includes: { arity: [2, 2], run: ([whole, part]) => doesInclude(whole, part) },
  lookup: { arity: [2, 2], run: ([from, key]) => lookUp(from, key) },
  keys: { arity: [1, 1], run: ([value]) => Object.keys(asMapping(value)) },
  sort: { arity: [1, 1], hash: ['by', 'reverse'], run: ([list], { hash }) => sortList(list, hash) },
  join: {
    arity: [1, 2],
    run: ([list, separator]) => joinList(asList(list), separator === undefined ? ',' : toText(separator)),
  },
  concat: { arity: [1, any], run: (args) => args.map(toText).join('') },
  lower: { arity: [1, 1], run: ([text]) => toText(text).toLowerCase() },
  upper: { arity: [1, 1], run: ([text]) => toText(text).toUpperCase() },
  replace: {
    arity: [3, 3],
    hash: ['regex'],
    run: ([text, from, to], { hash }) => replaceText(toText(text), toText(from), toText(to), hash['regex'] === true),
  },
  indent: {
    arity: [2, 2],
    hash: ['first'],
    run: ([text, by], { hash }) => indentLines(toText(text), by, hash['first'] !== false),
  },
  json: {
    arity: [1, 1],
    hash: ['pretty', 'sorted'],
    run: ([value], { hash }) => toJson(value, hash['pretty'], hash['sorted'] === true),
  },
  yaml: { arity: [1, 1], hash: ['sorted'], run: ([value], { hash }) => toYaml(value, hash['sorted'] === true) },
  shell: { arity: [1, 1], run: ([value]) => shellQuote(value) },
  quote: { arity: [1, 1], run: ([value]) => shellQuote(value) },
  ini: { arity: [1, 1], run: ([value]) => toIni(value) },
  pyList: { arity: [1, 1], run: ([value]) => pythonLiteral(asList(value)) },
};

/** Runs a helper of the table, its arguments counted. */
export function runBuiltin(helper: Helper, args: readonly unknown[], call: HelperCall): unknown {
  const [least, most] = helper.arity;
  if (args.length < least || args.length > most) {
    const wanted = least === most ? String(least) : most === any ? `at least ${least}` : `${least} to ${most}`;
    throw new Error(`it takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${args.length}`);
  }
  for (const key of Object.keys(call.hash)) {
    if (!(helper.hash ?? []).includes(key))
      throw new Error(
        `it has no option "${key}"${helper.hash === undefined ? '' : `, only ${helper.hash.join(', ')}`}`,
      );
  }
  return helper.run(args, call);
}

/** As Handlebars' `if`: false, null, undefined, '', 0 and the empty list are not. */
export function isTruthy(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** Deep, so that lists and mappings compare by what they hold. A number is never equal to a text. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b || ((a ?? null) === null && (b ?? null) === null)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return toJson(a, false, true) === toJson(b, false, true);
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  throw new Error(`it compares two numbers or two texts, not a ${typeof a} and a ${typeof b}`);
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return Object.keys(asMapping(value)).length;
}

function doesInclude(whole: unknown, part: unknown): boolean {
  if (typeof whole === 'string') return whole.includes(toText(part));
  if (Array.isArray(whole)) return whole.some((item) => isSame(item, part));
  return Object.hasOwn(asMapping(whole), toText(part));
}

function lookUp(from: unknown, key: unknown): unknown {
  const name = toText(key);
  const within = Array.isArray(from) ? from : asMapping(from);
  if (Object.hasOwn(within, name)) return Reflect.get(within, name);
  const known = Object.keys(within);
  throw new Error(
    `there is no "${name}"${known.length === 0 ? '' : `; there are ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', ...' : ''}`}`,
  );
}

function sortList(list: unknown, hash: Readonly<Record<string, unknown>>): unknown[] {
  const by = hash['by'];
  const key = (item: unknown): unknown => (by === undefined ? item : lookUp(item, by));
  const sorted = [...asList(list)].sort((a, b) => compare(key(a), key(b)));
  return hash['reverse'] === true ? sorted.reverse() : sorted;
}

function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`it takes a list, not ${kind(value)}`);
}

function asMapping(value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new Error(`it takes a mapping, not ${kind(value)}`);
}

function kind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value)
    ? 'a list'
    : typeof value === 'object'
      ? 'a mapping'
      : typeof value === 'string'
        ? 'text'
        : `a ${typeof value}`;
}
