import { PythonValue } from '../../values/index.ts';
import { fromNumber, numberOf, toFloat, type Number_ } from '../python/numbers.ts';
import { reprOf, textOf } from '../python/text.ts';
import { plain, typeName, wrong, type JinjaValue } from '../python/value.ts';
import { movingFilter, openFilter, textFilter, type FilterDefinition, type Filters } from './definition.ts';

/** `int`: what is no number gives the default. */
function integerOf(input: JinjaValue, fallback: JinjaValue, base: number): JinjaValue {
  const value = plain(input);
  if (typeof value === 'string') return integerIn(value.trim(), base) ?? fallback;
  const number = numberOf(value);
  if (number === undefined) return fallback;
  if ('int' in number) return PythonValue.int(number.int);
  return Number.isFinite(number.float) ? PythonValue.int(BigInt(Math.trunc(number.float))) : fallback;
}

const prefixes: Readonly<Record<number, string>> = { 16: '0x', 8: '0o', 2: '0b' };

function integerIn(text: string, base: number): JinjaValue | undefined {
  const [, sign = '', body = ''] = /^([-+]?)(.*)$/s.exec(text.replaceAll(/(?<=\w)_(?=\w)/g, '')) ?? [];
  const digits = body.toLowerCase().replace(new RegExp(`^${prefixes[base] ?? '(?!)'}`), '');
  if (/^[\da-z]+$/.test(digits) && [...digits].every((digit) => Number.parseInt(digit, 36) < base)) {
    const value = [...digits].reduce((all, digit) => all * BigInt(base) + BigInt(Number.parseInt(digit, 36)), 0n);
    return PythonValue.int(sign === '-' ? -value : value);
  }
  const float = floatIn(text);
  return float !== undefined && Number.isFinite(float) ? PythonValue.int(BigInt(Math.trunc(float))) : undefined;
}

/** As Python's `float` reads a text. */
function floatIn(text: string): number | undefined {
  const word = text.trim().replaceAll(/(?<=\d)_(?=\d)/g, '');
  const named = /^([-+]?)(inf|infinity|nan)$/i.exec(word);
  if (named !== null)
    return /nan/i.test(word) ? Number.NaN : named[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(word) ? Number(word) : undefined;
}

function numberIn(input: JinjaValue, filter: string): Number_ {
  const number = numberOf(plain(input));
  if (number === undefined) throw wrong(`"${filter}" needs a number, not ${typeName(input)}`);
  return number;
}

/** Half goes to the even neighbour, as in Python. */
function roundedHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** `round(value, digits)` of Python: by the decimal digits that the number really has. */
function rounded(value: number, digits: number): number {
  if (digits === 0) return roundedHalfEven(value);
  if (digits < 0) return roundedHalfEven(value / 10 ** -digits) * 10 ** -digits;
  return Number(value.toFixed(Math.min(100, digits)));
}

function roundedInteger(value: bigint, digits: number): number | PythonValue {
  return PythonValue.int(digits >= 0 ? value : BigInt(rounded(Number(value), digits)));
}

const round: FilterDefinition = openFilter(['precision?', 'method?'], (input, given) => {
  const number = numberIn(input, 'round');
  const digits = given.count('precision', 0);
  const method = given.text('method', 'common');
  const value = toFloat(number);
  if (method === 'common' && 'int' in number) return roundedInteger(number.int, digits);
  if (method === 'common') return PythonValue.float(rounded(value, digits));
  if (method !== 'ceil' && method !== 'floor') throw wrong('"method" is common, ceil or floor');
  const scale = 10 ** digits;
  return PythonValue.float((method === 'ceil' ? Math.ceil : Math.floor)(value * scale) / scale);
});

const boolTexts = new Set(['yes', 'on', '1', 'true']);

const unitsOfBytes: readonly (readonly [string, number])[] = ['Y', 'Z', 'E', 'P', 'T', 'G', 'M', 'K'].map((unit, i) => [
  unit,
  2 ** (10 * (8 - i)),
]);

/** As Ansible's `bytes_to_human`. */
function humanReadable(size: number, isBits: boolean, unit: string | undefined): string {
  const base = isBits ? 'bits' : 'Bytes';
  const wanted = unitsOfBytes.find(([letter, limit]) =>
    unit === undefined ? size >= limit : letter === unit.charAt(0).toUpperCase(),
  );
  const [suffix, limit] = wanted ?? ['', 1];
  const name = suffix === '' ? base : `${suffix}${isBits ? 'b' : 'B'}`;
  return `${(size / limit).toFixed(2)} ${name}`;
}

function bytesOf(text: string, fallbackUnit: string | undefined): JinjaValue {
  const [, digits, unit = fallbackUnit ?? ''] = /^\s*(\d*\.?\d*)\s*([A-Za-z]+)?\s*$/.exec(text) ?? [];
  if (digits === undefined || digits === '') throw wrong(`"${text}" is not a number of bytes`);
  const letter = unit.charAt(0).toUpperCase();
  const scale = unitsOfBytes.find(([one]) => one === letter)?.[1] ?? (letter === '' || letter === 'B' ? 1 : undefined);
  if (scale === undefined) throw wrong(`there is no unit "${unit}"`);
  return PythonValue.int(BigInt(roundedHalfEven(Number(digits) * scale)));
}

const decimalUnits = ['kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
const binaryUnits = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'];

function fileSize(bytes: number, isBinary: boolean): string {
  const base = isBinary ? 1024 : 1000;
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  const units = isBinary ? binaryUnits : decimalUnits;
  const at = units.findIndex((_, i) => bytes < base ** (i + 2));
  const power = at < 0 ? units.length - 1 : at;
  return `${(bytes / base ** (power + 1)).toFixed(1)} ${units[power] ?? ''}`;
}

/** Filters on numbers; the sources are the documentation of Jinja2 and of Ansible's builtin filters. */
export const numberFilters: Filters = {
  int: openFilter(['default?', 'base?'], (input, given) =>
    integerOf(input, given.get('default') ?? 0, given.count('base', 10)),
  ),
  float: openFilter(['default?'], (input, given) => {
    const value = plain(input);
    const number = typeof value === 'string' ? floatIn(value) : numberOf(value);
    if (number === undefined) return given.get('default') ?? PythonValue.float(0);
    return PythonValue.float(typeof number === 'number' ? number : toFloat(number));
  }),
  bool: openFilter([], (input) => {
    const value = plain(input);
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'string') return boolTexts.has(value.toLowerCase());
    const number = numberOf(value);
    return number !== undefined && toFloat(number) === 1;
  }),
  abs: openFilter([], (input) => {
    const number = numberIn(input, 'abs');
    return fromNumber(
      'int' in number ? { int: number.int < 0n ? -number.int : number.int } : { float: Math.abs(number.float) },
    );
  }),
  round,
  pow: openFilter(['y'], (input, given) =>
    PythonValue.float(toFloat(numberIn(input, 'pow')) ** toFloat(numberIn(given.get('y') ?? null, 'pow'))),
  ),
  root: openFilter(['base?'], (input, given) =>
    PythonValue.float(toFloat(numberIn(input, 'root')) ** (1 / toFloat(numberIn(given.get('base') ?? 2, 'root')))),
  ),
  log: openFilter(['base?'], (input, given) => {
    const value = toFloat(numberIn(input, 'log'));
    const base = given.get('base');
    if (base === undefined) return PythonValue.float(Math.log(value));
    const by = toFloat(numberIn(base, 'log'));
    return PythonValue.float(by === 10 ? Math.log10(value) : Math.log(value) / Math.log(by));
  }),
  human_readable: textFilter(['isbits?', 'unit?'], (input, given) =>
    humanReadable(toFloat(numberIn(input, 'human_readable')), given.isTrue('isbits'), given.optionalText('unit')),
  ),
  human_to_bytes: openFilter(['default_unit?', 'isbits?'], (input, given) =>
    bytesOf(textOf(input), given.optionalText('default_unit')),
  ),
  filesizeformat: textFilter(['binary?'], (input, given) =>
    fileSize(toFloat(numberIn(input, 'filesizeformat')), given.isTrue('binary')),
  ),
  type_debug: movingFilter([], (input) => {
    const name = typeName(input);
    return name === 'str' ? 'AnsibleUnicode' : name;
  }),
  pprint: textFilter([], (input) => reprOf(input)),
};
