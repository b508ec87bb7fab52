import { statSync, type Stats } from 'node:fs';
import { toRegExp } from '../../formats/regexp.ts';
import { compare, isEqual, isIn, isTrue } from '../python/compare.ts';
import { isFloat, isInteger, numberOf } from '../python/numbers.ts';
import { textOf } from '../python/text.ts';
import {
  Callable,
  Undefined,
  isMapping,
  isSequence,
  plain,
  valueAt,
  wrong,
  type CallArguments,
  type JinjaValue,
} from '../python/value.ts';
import { filters } from './filters.ts';
import { compareVersions } from './version.ts';

type Test = (input: JinjaValue, args: CallArguments) => boolean;

const first = ({ positional }: CallArguments): JinjaValue => {
  const [value] = positional;
  if (value === undefined) throw wrong('this test needs an argument');
  return value;
};

const named = ({ named: all, positional }: CallArguments, name: string, at: number): JinjaValue =>
  all.get(name) ?? positional[at] ?? false;

const ordering =
  (holds: (sign: number) => boolean): Test =>
  (input, args) =>
    holds(compare(input, first(args)));

const isText = (value: JinjaValue): boolean => typeof plain(value) === 'string';

const equal: Test = (input, args) => isEqual(input, first(args));
const greater = ordering((sign) => sign > 0);
const atLeast = ordering((sign) => sign >= 0);
const less = ordering((sign) => sign < 0);
const atMost = ordering((sign) => sign <= 0);
const defined: Test = (input) => !(input instanceof Undefined);

/** `match`, `search` and `regex` of Ansible. */
const matching =
  (kind: 'match' | 'search'): Test =>
  (input, args) => {
    const source = textOf(first(args));
    const ignoreCase = isTrue(named(args, 'ignorecase', 1));
    const multiline = isTrue(named(args, 'multiline', 2));
    const pattern = toRegExp(ignoreCase ? `(?i)${source}` : source, { ascii: false, multiline });
    const found = pattern.exec(textOf(input));
    return found !== null && (kind === 'search' || found.index === 0 || matchesAtBegin(pattern, textOf(input)));
  };

function matchesAtBegin(pattern: RegExp, text: string): boolean {
  return new RegExp(pattern.source, `${pattern.flags.replaceAll(/[gy]/g, '')}y`).test(text);
}

const version: Test = (input, args) => {
  const operator = textOf(args.named.get('operator') ?? args.positional[1] ?? 'eq');
  const strict = args.named.get('strict') ?? args.positional[2];
  const kind = args.named.get('version_type') ?? args.positional[3];
  if ((strict !== undefined && strict !== null) || (kind !== undefined && kind !== null))
    throw wrong('play compares versions loosely: strict= and version_type= are not known here');
  return holdsVersion(operator, compareVersions(textOf(input), textOf(first(args))));
};

function holdsVersion(operator: string, sign: number): boolean {
  switch (operator) {
    case '==':
    case '=':
    case 'eq':
      return sign === 0;
    case '!=':
    case '<>':
    case 'ne':
      return sign !== 0;
    case '<':
    case 'lt':
      return sign < 0;
    case '<=':
    case 'le':
      return sign <= 0;
    case '>':
    case 'gt':
      return sign > 0;
    case '>=':
    case 'ge':
      return sign >= 0;
    default:
      throw wrong(`"${operator}" compares no versions`);
  }
}

/** `any` and `all` of a list; of Ansible. */
const listOf = (value: JinjaValue): readonly JinjaValue[] => {
  const found = plain(value);
  return isSequence(found) ? found : [found];
};

const isNumber: Test = (input) => numberOf(plain(input)) !== undefined;
const containing: Test = (input, args) => isIn(first(args), input);
const subset: Test = (input, args) => listOf(input).every((item) => isIn(item, first(args)));
const superset: Test = (input, args) => listOf(first(args)).every((item) => isIn(item, input));
const truthy: Test = (input, args) => isTrue(converted(input, args));
const falsy: Test = (input, args) => !isTrue(converted(input, args));

function converted(input: JinjaValue, args: CallArguments): JinjaValue {
  if (!isTrue(named(args, 'convert_bool', 0))) return input;
  const value = plain(input);
  if (typeof value !== 'string') return value;
  const word = value.toLowerCase();
  return ['y', 'yes', 'on', '1', 'true', 't', '1.0'].includes(word)
    ? true
    : ['n', 'no', 'off', '0', 'false', 'f', '0.0'].includes(word)
      ? false
      : value;
}

/** Result of a task, which variables of an inventory hardly hold: a key that says it, or none. */
const result =
  (key: string, otherwise = false): Test =>
  (input) => {
    const value = plain(input);
    if (!isMapping(value)) throw wrong(`the result of a task is needed here`);
    const found = valueAt(value, key);
    return found === undefined ? otherwise : isTrue(found);
  };

/** What a path of this machine is, links followed, as Ansible's tests of files have it. */
const onDisk =
  (holds: (found: Stats) => boolean): Test =>
  (input) => {
    const found = statSync(textOf(input), { throwIfNoEntry: false });
    return found !== undefined && holds(found);
  };

/** Tests of Jinja2 and Ansible by name; those of an undefined value are `defined` and `undefined`. */
const tests: Readonly<Record<string, Test>> = {
  defined,
  'undefined': (input) => input instanceof Undefined,
  'none': (input) => plain(input) === null,
  'boolean': (input) => typeof plain(input) === 'boolean',
  'true': (input) => plain(input) === true,
  'false': (input) => plain(input) === false,
  'integer': (input) => isInteger(plain(input)),
  'float': (input) => isFloat(plain(input)),
  'number': isNumber,
  'string': isText,
  'mapping': (input) => isMapping(plain(input)),
  'sequence': (input) => isText(input) || isSequence(plain(input)) || isMapping(plain(input)),
  'iterable': (input) => isText(input) || isSequence(plain(input)) || isMapping(plain(input)),
  'callable': (input) => plain(input) instanceof Callable,
  'filter': (input) => filters.has(textOf(input)),
  'test': (input) => testNamed(textOf(input)) !== undefined,
  'upper': (input) => textOf(input) === textOf(input).toUpperCase() && /\p{Lu}/u.test(textOf(input)),
  'lower': (input) => textOf(input) === textOf(input).toLowerCase() && /\p{Ll}/u.test(textOf(input)),
  'odd': (input) => remainder(input, 2) === 1,
  'even': (input) => remainder(input, 2) === 0,
  'divisibleby': (input, args) => remainder(input, Number(numberFrom(first(args)))) === 0,
  'sameas': (input, args) => plain(input) === plain(first(args)),
  'in': (input, args) => isIn(input, first(args)),
  'eq': equal,
  'equalto': equal,
  '==': equal,
  'ne': (input, args) => !equal(input, args),
  '!=': (input, args) => !equal(input, args),
  'gt': greater,
  'greaterthan': greater,
  '>': greater,
  'ge': atLeast,
  '>=': atLeast,
  'lt': less,
  'lessthan': less,
  '<': less,
  'le': atMost,
  '<=': atMost,
  'match': matching('match'),
  'search': matching('search'),
  'regex': matching('search'),
  version,
  'version_compare': version,
  'contains': containing,
  subset,
  'issubset': subset,
  superset,
  'issuperset': superset,
  'any': (input) => listOf(input).some(isTrue),
  'all': (input) => listOf(input).every(isTrue),
  truthy,
  falsy,
  'abs': (input) => textOf(input).startsWith('/'),
  'is_abs': (input) => textOf(input).startsWith('/'),
  'exists': onDisk(() => true),
  'file': onDisk((found) => found.isFile()),
  'is_file': onDisk((found) => found.isFile()),
  'directory': onDisk((found) => found.isDirectory()),
  'is_dir': onDisk((found) => found.isDirectory()),
  'successful': (input, args) => !result('failed')(input, args),
  'changed': result('changed'),
  'change': result('changed'),
  'failed': result('failed'),
  'failure': result('failed'),
  'succeeded': (input, args) => !result('failed')(input, args),
  'success': (input, args) => !result('failed')(input, args),
  'skipped': result('skipped'),
  'skip': result('skipped'),
  'unreachable': result('unreachable'),
  'reachable': (input, args) => !result('unreachable')(input, args),
};

function numberFrom(value: JinjaValue): bigint {
  const number = numberOf(plain(value));
  if (number === undefined || 'float' in number) throw wrong('a whole number is needed here');
  return number.int;
}

/** As Python's `%`: never negative for a divisor above 0. */
function remainder(value: JinjaValue, divisor: number): number {
  const rest = Number(numberFrom(value) % BigInt(divisor));
  return rest < 0 ? rest + divisor : rest;
}

/** A test by its name, with or without Ansible's own collection. */
export function testNamed(name: string): Test | undefined {
  const short = name.replace(/^ansible\.(?:builtin|legacy)\./, '');
  return Object.hasOwn(tests, short) ? tests[short] : undefined;
}
