import { Secret } from '../../secrets/index.ts';
import { PythonValue, pythonFloat } from '../../values/index.ts';
import { Callable, Namespace, Tuple, entriesOf, isMapping, isSequence, plain, type JinjaValue } from './value.ts';

/** As Python's `str` gives it. Secrets are opened: what is made of it has to be made a Secret again. */
export function textOf(value: JinjaValue): string {
  const found = plain(value);
  return typeof found === 'string' ? found : reprOf(found);
}

/** As Python's `repr` gives it. */
export function reprOf(value: JinjaValue): string {
  const found = plain(value);
  if (found === null) return 'None';
  if (typeof found === 'boolean') return found ? 'True' : 'False';
  if (typeof found === 'number') return Number.isInteger(found) ? String(found) : pythonFloat(found);
  if (typeof found === 'string') return quoted(found);
  if (found instanceof PythonValue) return found.isNumber ? found.text : reprOfDate(found);
  if (isSequence(found)) return reprOfSequence(found);
  if (isMapping(found))
    return `{${entriesOf(found)
      .map(([key, item]) => `${quoted(key)}: ${reprOf(item)}`)
      .join(', ')}}`;
  if (found instanceof Namespace) return `<Namespace ${reprOf(Object.fromEntries(found.attributes))}>`;
  return found instanceof Callable ? `<function ${found.name}>` : '<object>';
}

function reprOfSequence(items: readonly JinjaValue[]): string {
  const inner = items.map(reprOf).join(', ');
  if (!(items instanceof Tuple)) return `[${inner}]`;
  return items.length === 1 ? `(${inner},)` : `(${inner})`;
}

/** A date's `str` is its text; within a list Python shows how it is made. */
function reprOfDate({ kind, text }: PythonValue): string {
  const [year, month, day, hour, minute, second, fraction] = text.split(/[- T:.+Z]/).map(Number);
  if (kind === 'date') return `datetime.date(${[year, month, day].join(', ')})`;
  const rest = fraction ? [second, fraction] : second ? [second] : [];
  const zone = /(?:\+00:00|Z)$/.test(text) ? ', tzinfo=datetime.timezone.utc' : '';
  return `datetime.datetime(${[year, month, day, hour, minute, ...rest].join(', ')}${zone})`;
}

const named: Readonly<Record<string, string>> = {
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
  '\\': String.raw`\\`,
};

/** A text between the quotation marks Python would choose. */
function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inner = text.replaceAll(/[\\'"\p{C}\p{Zl}\p{Zp}\p{Zs}]/gu, (character) => {
    if (character === '"' || character === "'") return character === mark ? `\\${character}` : character;
    if (character === ' ') return character;
    return named[character] ?? hex(character.codePointAt(0) ?? 0);
  });
  return `${mark}${inner}${mark}`;
}

function hex(code: number): string {
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}

/** Whether a value is, or holds, a secret. */
export function holdsSecret(value: JinjaValue): boolean {
  if (value instanceof Secret) return true;
  if (isSequence(value)) return value.some(holdsSecret);
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
    ? Object.values(value).some(holdsSecret)
    : false;
}
