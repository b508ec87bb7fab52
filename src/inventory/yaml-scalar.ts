import { isUtf8 } from 'node:buffer';
import { PythonValue } from '../values/index.ts';
import { isTimestamp, timestampOf } from './yaml-timestamp.ts';

/** What a text without quotes may be. */
export type PlainValue = null | boolean | number | string | PythonValue;

/** Stands for a text that Ansible cannot read: `=`, the 30th of February. */
export const unreadable = Symbol('unreadable');

const booleans: Readonly<Record<string, boolean>> = {
  yes: true,
  on: true,
  true: true,
  no: false,
  off: false,
  false: false,
};
const boolean = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const empty = /^(?:~|null|Null|NULL|)$/;
const integer =
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const float =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/**
 * A text without quotes as Ansible reads it: the types of YAML 1.1 (https://yaml.org/type/), as PyYAML 6 tells them. So
 * `yes` is true, `0644` is 420, `22:30` is 1350, `1e3` and `y` are texts.
 *
 * @returns `unreadable` where Ansible fails over it
 */
export function resolvePlain(source: string): PlainValue | typeof unreadable {
  // Most are words: the first letter tells.
  if (!/^(?:[-+.\d~=]|$|[yYnNtTfFoO])/.test(source)) return source;
  if (boolean.test(source)) return booleans[source.toLowerCase()] ?? source;
  if (empty.test(source)) return null;
  if (float.test(source)) return floatOf(source);
  if (integer.test(source)) return integerOf(source);
  if (isTimestamp(source)) return timestampOf(source) ?? unreadable;
  return source === '=' ? unreadable : source;
}

const known = 'tag:yaml.org,2002:';

/**
 * A text that is given its type by a tag: `!!float 3`, `!!bool "yes"`.
 *
 * @returns undefined for a tag that is not for texts, or not known; `unreadable` for a text that is none of the kind
 */
export function resolveTagged(tag: string, source: string): PlainValue | typeof unreadable | undefined {
  switch (tag.startsWith(known) ? tag.slice(known.length) : '') {
    case 'str':
      return source;
    case 'null':
      return null;
    case 'bool':
      return booleans[source.toLowerCase()] ?? unreadable;
    case 'int':
      return integer.test(source) || /^[-+]?\d[\d_]*$/.test(source) ? integerOf(source) : unreadable;
    case 'float':
      return float.test(source) || /^[-+]?\d[\d_]*(?:[eE][-+]?\d+)?$/.test(source) ? floatOf(source) : unreadable;
    case 'timestamp':
      return timestampOf(source) ?? unreadable;
    case 'binary':
      return textOfBase64(source) ?? unreadable;
    default:
      return undefined;
  }
}

/** Bytes as the text that Python's templates print for them. @returns undefined for what is no base64, or no UTF-8 */
function textOfBase64(source: string): string | undefined {
  const packed = source.replace(/\s/g, '');
  const bytes = Buffer.from(packed, 'base64');
  return bytes.toString('base64') === packed && isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

/** A number of JSON: there `1e3` is a float, and nothing else is special. */
export function resolveJson(source: string): PlainValue {
  if (/^-?\d+$/.test(source)) return PythonValue.int(BigInt(source));
  if (/^-?\d/.test(source)) return PythonValue.float(Number(source));
  return source === 'null' ? null : source === 'true' ? true : source === 'false' ? false : source;
}

function integerOf(source: string): PlainValue | typeof unreadable {
  const isNegative = source.startsWith('-');
  const digits = source.replace(/[-+_]/g, '');
  const size = digits.includes(':') ? sexagesimal(digits) : bigintOf(digits);
  return size === undefined ? unreadable : PythonValue.int(isNegative ? -size : size);
}

/** @returns undefined for `0x` and `0b` with nothing behind them, and `08` */
function bigintOf(digits: string): bigint | undefined {
  const octal = /^0(\d+)$/.exec(digits)?.[1];
  try {
    return /^(?:0[xb])?$/.test(digits) ? undefined : BigInt(octal === undefined ? digits : `0o${octal}`);
  } catch {
    return undefined;
  }
}

function sexagesimal(digits: string): bigint {
  return digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
}

function floatOf(source: string): PlainValue {
  const isNegative = source.startsWith('-');
  const digits = source.replace(/^[-+]|_/g, '').toLowerCase();
  const size =
    digits === '.inf'
      ? Infinity
      : digits === '.nan'
        ? NaN
        : digits.split(':').reduceRight((sum, part, i, all) => sum + Number(part) * 60 ** (all.length - 1 - i), 0);
  return PythonValue.float(isNegative ? -size : size);
}
