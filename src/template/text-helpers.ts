import { PythonValue, jsonOf, mappingOf } from '../values/index.ts';
import { renderYaml } from './yaml-text.ts';

/** Text of a single value; what has no obvious one is refused. */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'boolean' || value instanceof PythonValue) return String(value);
  throw new Error(
    `it takes text or a number, not ${value === null || value === undefined ? String(value) : Array.isArray(value) ? 'a list' : 'a mapping'}`,
  );
}

export function joinList(list: readonly unknown[], separator: string): string {
  return list.map(toText).join(separator);
}

export function replaceText(text: string, from: string, to: string, isRegex: boolean): string {
  return isRegex ? text.replace(new RegExp(from, 'g'), to) : text.replaceAll(from, () => to);
}

/** Empty lines stay empty: no white space at line ends. */
export function indentLines(text: string, by: unknown, first: boolean): string {
  const padding = typeof by === 'number' ? ' '.repeat(by) : toText(by);
  return text
    .split('\n')
    .map((line, i) => (line === '' || (i === 0 && !first) ? line : padding + line))
    .join('\n');
}

/** @param pretty true for two spaces, or how many */
export function toJson(value: unknown, pretty: unknown, isSorted: boolean): string {
  const text = jsonOf(
    isSorted ? sortKeys(value) : value,
    typeof pretty === 'number' ? pretty : pretty === true ? 2 : 0,
  );
  if (text === undefined) throw new Error('this value has no JSON form');
  return text;
}

/**
 * Without the last line ending. Texts that YAML 1.1 would read as something else are quoted, whoever reads the file.
 */
export function toYaml(value: unknown, isSorted: boolean): string {
  return renderYaml(value, { sorted: isSorted }).replace(/\n$/, '');
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null || value instanceof PythonValue) return value;
  return mappingOf(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]): [string, unknown] => [key, sortKeys(item)]),
  );
}

/** A word for sh; a list becomes words separated by spaces. */
export function shellQuote(value: unknown): string {
  if (Array.isArray(value)) return value.map(shellQuote).join(' ');
  const text = toText(value);
  if (text.includes('\0')) throw new Error('sh cannot take a NUL character');
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A value of an INI file: lists with commas, true and false as words; nothing that would begin another line. */
export function toIni(value: unknown): string {
  const text = Array.isArray(value)
    ? joinList(value, ', ')
    : value === null || value === undefined
      ? ''
      : toText(value);
  if (/[\r\n]/.test(text)) throw new Error('an INI value cannot hold a line ending');
  return text;
}

function pythonValue(value: PythonValue): string {
  if (value.isNumber) return value.text;
  if (value.kind === 'date') return `datetime.date(${value.text.split('-').map(Number).join(', ')})`;
  throw new Error(`a date with a time (${value.text}) has no short form here: write it as text`);
}

/** The value as Python source, `['a', 'b']`: what Jinja printed for a list. */
export function pythonLiteral(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (value instanceof PythonValue) return pythonValue(value);
  if (typeof value === 'string') return pythonString(value);
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${pythonString(key)}: ${pythonLiteral(item)}`)
    .join(', ')}}`;
}

function pythonString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\\n\r\t\x00-\x1f\x7f]/g, (c) => {
    const known = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }[c];
    return known ?? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}
