import { PythonValue } from '../values/index.ts';
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

/** What the reference says of a helper or block, and tests hold it to. */
export interface Described {
  readonly meaning: string;
  /** A template and what it gives with `exampleNames`. */
  readonly example: readonly [template: string, gives: string];
}

interface Helper extends Described {
  /** How many arguments: exactly, or at least and at most. */
  readonly arity: readonly [number, number];
  readonly hash?: readonly string[];
  readonly run: TemplateHelper;
}

/** The names that examples read. */
export const exampleNames = {
  host: 'web1',
  port: 80,
  tls: true,
  motd: "it's on",
  ports: [443, 80],
  users: [
    { name: 'zoe', uid: 1001 },
    { name: 'bob', uid: 1002 },
  ],
  limits: { soft: 10, hard: 20 },
  note: null,
  rules: 'a: 1\nb: 2',
} as const;

const any = Number.POSITIVE_INFINITY;

/** The helpers every template has. All take at least one argument, so `{{length}}` alone is still a name. */
export const builtinHelpers: Readonly<Record<string, Helper>> = {
  eq: {
    meaning:
      'Whether both are the same; lists and mappings are compared by content. A number is never equal to a text.',
    example: ['{{#if (eq host "web1")}}yes{{/if}}', 'yes'],
    arity: [2, 2],
    run: ([a, b]) => isSame(a, b),
  },
  ne: {
    meaning: 'Whether they are not the same.',
    example: ['{{#if (ne port 443)}}plain{{/if}}', 'plain'],
    arity: [2, 2],
    run: ([a, b]) => !isSame(a, b),
  },
  gt: {
    meaning: 'Whether the first is greater: two numbers, or two texts by their order.',
    example: ['{{#if (gt port 79)}}yes{{/if}}', 'yes'],
    arity: [2, 2],
    run: ([a, b]) => compare(a, b) > 0,
  },
  gte: {
    meaning: 'Whether the first is greater, or the same.',
    example: ['{{#if (gte port 80)}}yes{{/if}}', 'yes'],
    arity: [2, 2],
    run: ([a, b]) => compare(a, b) >= 0,
  },
  lt: {
    meaning: 'Whether the first is less.',
    example: ['{{#if (lt port 1024)}}privileged{{/if}}', 'privileged'],
    arity: [2, 2],
    run: ([a, b]) => compare(a, b) < 0,
  },
  lte: {
    meaning: 'Whether the first is less, or the same.',
    example: ['{{#if (lte port 80)}}yes{{/if}}', 'yes'],
    arity: [2, 2],
    run: ([a, b]) => compare(a, b) <= 0,
  },
  and: {
    meaning: 'The first that is not truthy, else the last: for conditions.',
    example: ['{{#if (and tls ports)}}yes{{/if}}', 'yes'],
    arity: [2, any],
    run: (args) => args.find((arg) => !isTruthy(arg)) ?? args.at(-1),
  },
  or: {
    meaning: 'The first that is truthy, else the last.',
    example: ['{{or note host}}', 'web1'],
    arity: [2, any],
    run: (args) => args.find(isTruthy) ?? args.at(-1),
  },
  not: {
    meaning: 'Whether it is not truthy.',
    example: ['{{#if (not note)}}none{{/if}}', 'none'],
    arity: [1, 1],
    run: ([a]) => !isTruthy(a),
  },
  default: {
    meaning:
      'The first, or the second if the first is null, undefined or empty text. The name must still be a known one.',
    example: ['{{default note "-"}}', '-'],
    arity: [2, 2],
    run: ([value, fallback]) => (value === null || value === undefined || value === '' ? fallback : value),
  },
  length: {
    meaning: 'How many characters, elements or keys.',
    example: ['{{length ports}}', '2'],
    arity: [1, 1],
    run: ([value]) => lengthOf(value),
  },
  includes: {
    meaning: 'Whether a text has a part, a list an element, a mapping a key.',
    example: ['{{#if (includes ports 443)}}tls{{/if}}', 'tls'],
    arity: [2, 2],
    run: ([whole, part]) => doesInclude(whole, part),
  },
  lookup: {
    meaning: 'What a mapping has under a key, or a list at an index; it must be there.',
    example: ['{{lookup limits "hard"}}', '20'],
    arity: [2, 2],
    run: ([from, key]) => lookUp(from, key),
  },
  keys: {
    meaning: 'The keys of a mapping, in its order.',
    example: ['{{join (keys limits)}}', 'soft,hard'],
    arity: [1, 1],
    run: ([value]) => Object.keys(asMapping(value)),
  },
  sort: {
    meaning: 'A sorted list of numbers or of texts; `by=` sorts by a key of its elements, `reverse=true` in reverse.',
    example: ['{{#each (sort users by="name")}}{{name}} {{/each}}', 'bob zoe '],
    arity: [1, 1],
    hash: ['by', 'reverse'],
    run: ([list], { hash }) => sortList(list, hash),
  },
  join: {
    meaning: 'The elements of a list with a text between them; without one, a comma.',
    example: ['{{join ports ", "}}', '443, 80'],
    arity: [1, 2],
    run: ([list, separator]) => joinList(asList(list), separator === undefined ? ',' : toText(separator)),
  },
  concat: {
    meaning: 'Texts and numbers, one after the other.',
    example: ['{{concat host ":" port}}', 'web1:80'],
    arity: [1, any],
    run: (args) => args.map(toText).join(''),
  },
  lower: {
    meaning: 'In lower case.',
    example: ['{{lower "WEB"}}', 'web'],
    arity: [1, 1],
    run: ([text]) => toText(text).toLowerCase(),
  },
  upper: {
    meaning: 'In upper case.',
    example: ['{{upper host}}', 'WEB1'],
    arity: [1, 1],
    run: ([text]) => toText(text).toUpperCase(),
  },
  replace: {
    meaning:
      'A text with all occurrences of the second replaced by the third; with `regex=true` the second is a regular expression.',
    example: ['{{replace host "[0-9]+$" "" regex=true}}', 'web'],
    arity: [3, 3],
    hash: ['regex'],
    run: ([text, from, to], { hash }) => replaceText(toText(text), toText(from), toText(to), hash['regex'] === true),
  },
  indent: {
    meaning:
      'A text with each non-empty line indented by so many blanks, or by a text; `first=false` leaves the first line as it is.',
    example: ['{{indent rules 2}}', '  a: 1\n  b: 2'],
    arity: [2, 2],
    hash: ['first'],
    run: ([text, by], { hash }) => indentLines(toText(text), by, hash['first'] !== false),
  },
  json: {
    meaning: 'JSON; `pretty=true` over several lines, or by how many blanks; `sorted=true` with sorted keys.',
    example: ['{{json limits}}', '{"soft":10,"hard":20}'],
    arity: [1, 1],
    hash: ['pretty', 'sorted'],
    run: ([value], { hash }) => toJson(value, hash['pretty'], hash['sorted'] === true),
  },
  yaml: {
    meaning:
      'YAML, quoted so that readers of YAML 1.1 and 1.2 agree, without a trailing line end; `sorted=true` with sorted keys.',
    example: ['{{yaml limits}}', 'soft: 10\nhard: 20'],
    arity: [1, 1],
    hash: ['sorted'],
    run: ([value], { hash }) => toYaml(value, hash['sorted'] === true),
  },
  shell: {
    meaning: 'A word for sh, quoted where it must be; a list becomes several.',
    example: ['echo {{shell motd}}', "echo 'it'\\''s on'"],
    arity: [1, 1],
    run: ([value]) => shellQuote(value),
  },
  quote: {
    meaning: "The same as `shell`, under Ansible's name.",
    example: ['{{quote host}}', 'web1'],
    arity: [1, 1],
    run: ([value]) => shellQuote(value),
  },
  ini: {
    meaning: 'A value of an INI file: lists with commas, nothing for null; a line end is an error.',
    example: ['ports = {{ini ports}}', 'ports = 443, 80'],
    arity: [1, 1],
    run: ([value]) => toIni(value),
  },
  pyList: {
    meaning: 'A list as Python writes it: what Jinja printed for one.',
    example: ['{{pyList ports}}', '[443, 80]'],
    arity: [1, 1],
    run: ([value]) => pythonLiteral(asList(value)),
  },
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
  if (value instanceof PythonValue) return Boolean(value.plain);
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** Deep, so that lists and mappings compare by what they hold. A number is never equal to a text. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b || ((a ?? null) === null && (b ?? null) === null)) return true;
  if (a instanceof PythonValue || b instanceof PythonValue) {
    const [one, other] = [plainOf(a), plainOf(b)];
    // A number is never equal to a text, but a bigint may be the number that another is.
    return isNumeric(one) && isNumeric(other) ? !(one < other) && !(one > other) : one === other;
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return toJson(a, false, true) === toJson(b, false, true);
}

function compare(a: unknown, b: unknown): number {
  if (a instanceof PythonValue || b instanceof PythonValue) return comparePlain(plainOf(a), plainOf(b));
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  throw new Error(`it compares two numbers or two texts, not a ${typeof a} and a ${typeof b}`);
}

function comparePlain(a: unknown, b: unknown): number {
  if (isNumeric(a) && isNumeric(b)) return a < b ? -1 : Number(a > b);
  return compare(a, b);
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** What JavaScript reckons with. */
function plainOf(value: unknown): unknown {
  return value instanceof PythonValue ? value.plain : value;
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
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof PythonValue))
    return value;
  throw new Error(`it takes a mapping, not ${kind(value)}`);
}

function kind(value: unknown): string {
  if (value instanceof PythonValue) return value.isNumber ? 'a number' : 'a date';
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value)
    ? 'a list'
    : typeof value === 'object'
      ? 'a mapping'
      : typeof value === 'string'
        ? 'text'
        : `a ${typeof value}`;
}
