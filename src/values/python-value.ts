import { randomUUID } from 'node:crypto';

/** What kind of value it is in Python. */
export type PythonKind = 'float' | 'int' | 'date' | 'datetime';

/**
 * A Python value without a JavaScript equivalent: `1.0` (here the same as 1), a whole number of 18 digits, a date. It
 * has both its text, so that templates and files get what Ansible would print, and a number that code can calculate
 * with.
 *
 * Only values that JavaScript would print differently are PythonValues: `0.5` and 80 are plain numbers. So a plain
 * whole number is a Python `int`, and any other plain number a `float`.
 *
 * - `${value}`, templates: as Python's `str` (`1.0`, `2024-05-01 12:00:00`).
 * - `value * 2`, `value < 3`: its number; for a whole number of more than 15 digits, a `bigint`. It is never `===` to a
 *   number: compare `Number(value)`.
 * - JSON: a number as it is printed, a date as text in ISO 8601 (`jsonOf`).
 *
 * @example String(PythonValue.float(1)) // '1.0'
 */
export class PythonValue {
  /** What kind of value it is in Python. */
  readonly kind: PythonKind;
  /** Its text, as Python's `str` returns it. */
  readonly text: string;
  /** The nearest JavaScript value: a number for a float, a bigint for an int, ISO 8601 text for a date. */
  readonly plain: number | bigint | string;

  private constructor(kind: PythonKind, text: string, plain: number | bigint | string) {
    this.kind = kind;
    this.text = text;
    this.plain = plain;
    Object.freeze(this);
  }

  /** A float: the number itself wherever JavaScript prints it as Python does, and it is not taken for an int. */
  static float(value: number): number | PythonValue {
    const text = pythonFloat(value);
    return text === String(value) ? value : new PythonValue('float', text, value);
  }

  /** An int: the number itself where JavaScript can hold it. */
  static int(value: bigint): number | PythonValue {
    const near = Number(value);
    return Number.isSafeInteger(near) ? near : new PythonValue('int', String(value), value);
  }

  /** @param text as `date.isoformat()`: `2024-05-01` */
  static date(text: string): PythonValue {
    return new PythonValue('date', text, text);
  }

  /** @param iso as `datetime.isoformat()`: `2024-05-01T12:00:00+00:00` */
  static datetime(iso: string): PythonValue {
    return new PythonValue('datetime', iso.replace('T', ' '), iso);
  }

  /** Whether it is a number in Python. */
  get isNumber(): boolean {
    return typeof this.plain !== 'string';
  }

  /** Its JSON as Python's `json.dumps` and Ansible write it; for `.inf` and `.nan`, something only these can read. */
  get json(): string {
    if (typeof this.plain === 'string') return JSON.stringify(this.plain);
    return namesOfJson[this.text] ?? this.text;
  }

  /** `plain`: what sums and comparisons use. */
  valueOf(): number | bigint | string {
    return this.plain;
  }

  /** `text`. */
  toString(): string {
    return this.text;
  }

  /** For `JSON.stringify`, which cannot write `1.0` or long numbers: they become text. See `jsonOf`. */
  toJSON(): number | string {
    return this.kind === 'float' && Number.isFinite(this.plain) ? Number(this.plain) : String(this.plain);
  }

  /** The value of a template literal, and of sums and comparisons. */
  [Symbol.toPrimitive](hint: string): number | bigint | string {
    return hint === 'string' ? this.text : this.plain;
  }
}

const namesOfJson: Readonly<Record<string, string>> = { 'inf': 'Infinity', '-inf': '-Infinity', 'nan': 'NaN' };

/**
 * A float as Python's `repr` prints it: the fewest digits that give it back, with `.0` where it is whole, and an exponent
 * of two digits below 1e-4 and from 1e16 on (`float_repr_style` of CPython: `short`).
 */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [digits = '', power = ''] = value.toExponential().split('e');
  const exponent = Number(power);
  if (value !== 0 && (exponent < -4 || exponent >= 16))
    return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  const plain =
    exponent < 0 ? value.toFixed(Math.max(0, digits.replace(/[-.]/g, '').length - 1 - exponent)) : String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

/**
 * Any data as JSON, as `JSON.stringify` writes it, but with the values of Python that it has no way to write.
 *
 * @param indent blanks for each level, or their text; default 0: all on one line
 * @param replace as for `JSON.stringify`; default: nothing is replaced
 * @returns undefined for what has no JSON form
 */
export function jsonOf(
  data: unknown,
  indent: number | string = 0,
  replace: (key: string, value: unknown) => unknown = (_, value) => value,
): string | undefined {
  const held: string[] = [];
  // Stands for each until all is written: no text of the data can be the same.
  const mark = randomUUID();
  const text = JSON.stringify(
    data,
    function hold(this: unknown, key: string, written: unknown) {
      const value: unknown = typeof this === 'object' && this !== null ? Reflect.get(this, key) : written;
      if (!(value instanceof PythonValue)) return replace(key, written);
      held.push(value.json);
      return `${mark} ${held.length - 1}`;
    },
    indent,
  ) as string | undefined;
  return held.length === 0 || text === undefined
    ? text
    : text.replace(new RegExp(`"${mark} (\\d+)"`, 'g'), (_, index: string) => held[Number(index)] ?? '');
}
