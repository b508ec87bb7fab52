import { numberOf, toFloat, type Number_ } from './numbers.ts';
import { reprOf, textOf } from './text.ts';
import { Tuple, isMapping, plain, typeName, valueAt, wrong, type CallArguments, type JinjaValue } from './value.ts';

const directive = /%(?:\(([^)]*)\))?([-+ 0#]*)(\*|\d+)?(?:\.(\d+))?[hlL]?([^])/g;

/** Python's `template % values`, the old way to format. @throws JinjaError */
export function percentFormat(template: string, values: JinjaValue): string {
  const queue = values instanceof Tuple ? [...values] : [values];
  let next = 0;
  const take = (name: string | undefined): JinjaValue => {
    if (name !== undefined) {
      const found = isMapping(values) ? valueAt(values, name) : undefined;
      if (found === undefined) throw wrong(`there is no "${name}" to format with`);
      return found;
    }
    const value = queue[next++];
    if (value === undefined) throw wrong('not enough values for this format');
    return value;
  };
  const text = template.replaceAll(
    directive,
    (
      whole: string,
      name: string | undefined,
      flags: string,
      width: string | undefined,
      digits: string | undefined,
      kind: string,
    ) => {
      if (kind === '%') return '%';
      if (width === '*') throw wrong(`play does not format with ${whole}`);
      return padded(directiveText(kind, take(name), flags, digits), flags, Number(width ?? 0), kind);
    },
  );
  if (next < queue.length && !isMapping(values)) throw wrong('not all values are used by this format');
  return text;
}

function directiveText(kind: string, value: JinjaValue, flags: string, digits: string | undefined): string {
  const precision = digits === undefined ? undefined : Number(digits);
  if (kind === 's') return textOf(value).slice(0, precision);
  if (kind === 'r' || kind === 'a') return reprOf(value).slice(0, precision);
  if (kind === 'c') return typeof value === 'string' ? value : String.fromCodePoint(Number(value));
  const number = numberOf(plain(value));
  if (number === undefined) throw wrong(`%${kind} needs a number, not ${typeName(value)}`);
  return signed(numberText(kind, number, precision, flags.includes('#')), flags);
}

function signed(text: string, flags: string): string {
  if (text.startsWith('-')) return text;
  return flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text;
}

function numberText(kind: string, number: Number_, precision: number | undefined, isAlternate: boolean): string {
  const whole = (): bigint => ('int' in number ? number.int : BigInt(Math.trunc(number.float)));
  const based = (base: number, prefix: string): string => {
    const value = whole();
    const digits = (value < 0n ? -value : value).toString(base);
    return `${value < 0n ? '-' : ''}${isAlternate ? prefix : ''}${digits}`;
  };
  switch (kind) {
    case 'd':
    case 'i':
    case 'u':
      return String(whole());
    case 'x':
      return based(16, '0x');
    case 'X':
      return based(16, '0X').toUpperCase();
    case 'o':
      return based(8, '0o');
    case 'b':
      return based(2, '0b');
    case 'f':
    case 'F':
      return toFloat(number).toFixed(precision ?? 6);
    case 'e':
    case 'E': {
      const text = exponent(toFloat(number).toExponential(precision ?? 6));
      return kind === 'E' ? text.toUpperCase() : text;
    }
    case 'g':
    case 'G':
      return general(toFloat(number), precision ?? 6);
    case '%':
      return `${(toFloat(number) * 100).toFixed(precision ?? 6)}%`;
    default:
      throw wrong(`play does not format with "${kind}"`);
  }
}

/** Python writes at least two digits of an exponent. */
function exponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

function general(value: number, precision: number): string {
  const power = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  const digits = Math.max(1, precision);
  if (power < -4 || power >= digits) return exponent(value.toExponential(digits - 1).replace(/\.?0+e/, 'e'));
  const text = value.toPrecision(digits);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function padded(text: string, flags: string, width: number, kind: string): string {
  if (text.length >= width) return text;
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0') || kind === 's') return text.padStart(width);
  const sign = /^[-+ ]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}

const field = /\{\{|\}\}|\{([^{}:!]*)(?:!([rs]))?(?::([^{}]*))?\}|[{}]/g;

/** Python's `'{} {name:>8}'.format(...)`. @throws JinjaError */
export function braceFormat(template: string, { positional, named }: CallArguments): string {
  let next = 0;
  return template.replaceAll(
    field,
    (whole: string, path: string | undefined, conversion: string | undefined, spec: string | undefined) => {
      if (whole === '{{') return '{';
      if (whole === '}}') return '}';
      if (path === undefined) throw wrong('there is a single brace in this format');
      const [name = '', ...rest] = path.split(/[.[]/).map((part) => part.replace(/\]$/, ''));
      let value = /^\d*$/.test(name) ? positional[name === '' ? next++ : Number(name)] : named.get(name);
      for (const key of rest) value = value !== undefined && isMapping(value) ? valueAt(value, key) : undefined;
      if (value === undefined) throw wrong(`there is nothing for "${whole}" to format`);
      const shown = conversion === 'r' ? reprOf(value) : conversion === 's' ? textOf(value) : value;
      return formatted(shown, spec ?? '');
    },
  );
}

const specification = /^(?:([^])?([<>=^]))?([-+ ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/;

/** One value by a format specification of Python's (`>10`, `08.2f`, `,`). */
function formatted(value: JinjaValue, spec: string): string {
  if (spec === '') return textOf(value);
  const [, fill, align, sign = '', alternate, zero, width = '0', grouping, digits, kind] =
    specification.exec(spec) ?? [];
  if (specification.exec(spec) === null) throw wrong(`play does not format with "${spec}"`);
  const number = typeof value === 'string' ? undefined : numberOf(plain(value));
  const precision = digits === undefined ? undefined : Number(digits);
  let text: string;
  if (number === undefined || kind === 's') text = textOf(value).slice(0, precision);
  else if (kind === undefined && precision === undefined) text = signed(textOf(value), sign);
  else text = signed(numberText(kind ?? 'g', number, precision, alternate !== undefined), sign);
  if (grouping !== undefined) text = text.replace(/\d+/, (whole) => whole.replaceAll(/\B(?=(?:\d{3})+$)/g, grouping));
  const side = align ?? (number === undefined ? '<' : zero === undefined ? '>' : '=');
  return aligned(text, side, fill ?? (zero === undefined ? ' ' : '0'), Number(width));
}

function aligned(text: string, side: string, fill: string, width: number): string {
  if (side === '<') return text.padEnd(width, fill);
  if (side === '^') return text.padStart(text.length + Math.floor((width - text.length) / 2), fill).padEnd(width, fill);
  const sign = side === '=' ? (/^[-+ ]/.exec(text)?.[0] ?? '') : '';
  return sign + text.slice(sign.length).padStart(width - sign.length, fill);
}
