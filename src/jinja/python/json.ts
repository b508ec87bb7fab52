import { PythonValue, mappingOf, parseJsonInOrder, pythonFloat } from '../../values/index.ts';
import { byCodePoint } from './compare.ts';
import { Namespace, entriesOf, isMapping, isSequence, plain, typeName, wrong, type JinjaValue } from './value.ts';

export interface JsonLayout {
  /** Blanks for each level; undefined: all on one line. */
  readonly indent?: number | undefined;
  readonly sortKeys?: boolean;
  /** Whether other characters than ASCII's are written as `\u1234`. Default true, as Python has it. */
  readonly ascii?: boolean;
  /** Default `, ` on one line, and `,` with an indentation. */
  readonly itemSeparator?: string;
}

/** As Python's `json.dumps` with Ansible's encoder. */
export function jsonText(value: JinjaValue, layout: JsonLayout = {}, margin = ''): string {
  const found = plain(value);
  if (found === null || typeof found === 'boolean') return String(found);
  if (typeof found === 'string') return quoted(found, layout.ascii ?? true);
  if (typeof found === 'number') return Number.isInteger(found) ? String(found) : pythonFloat(found);
  if (found instanceof PythonValue) return found.json;
  if (isSequence(found))
    return bracketed(
      '[',
      ']',
      found.map((item) => jsonText(item, layout, deeper(margin, layout))),
      margin,
      layout,
    );
  if (!isMapping(found) || found instanceof Namespace) throw wrong(`${typeName(found)} cannot be written as JSON`);
  const entries = entriesOf(found);
  if (layout.sortKeys === true) entries.sort(([a], [b]) => byCodePoint(a, b));
  const lines = entries.map(
    ([key, item]) => `${quoted(key, layout.ascii ?? true)}: ${jsonText(item, layout, deeper(margin, layout))}`,
  );
  return bracketed('{', '}', lines, margin, layout);
}

function deeper(margin: string, { indent }: JsonLayout): string {
  return margin + ' '.repeat(indent ?? 0);
}

function bracketed(open: string, close: string, items: readonly string[], margin: string, layout: JsonLayout): string {
  if (items.length === 0) return open + close;
  if (layout.indent === undefined) return open + items.join(layout.itemSeparator ?? ', ') + close;
  const inner = `\n${deeper(margin, layout)}`;
  return `${open}${inner}${items.join(`,${inner}`)}\n${margin}${close}`;
}

function quoted(text: string, ascii: boolean): string {
  const json = JSON.stringify(text);
  return ascii
    ? json.replaceAll(/[\x80-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : json;
}

const mark = '\0number ';

/** JSON as Python reads it: `1.0` is a float, and whole numbers keep all their digits. @throws JinjaError */
export function readJson(text: string): JinjaValue {
  const special = text.replaceAll(/"(?:[^"\\]|\\[^])*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g, (token) =>
    token.startsWith('"') || String(Number(token)) === token ? token : JSON.stringify(mark + token),
  );
  try {
    JSON.parse(text);
    return restored(parseJsonInOrder(special));
  } catch (error) {
    if (error instanceof SyntaxError) throw wrong(`this is no JSON: ${error.message}`);
    throw error;
  }
}

function restored(data: unknown): JinjaValue {
  if (typeof data === 'string' && data.startsWith(mark)) return numberFrom(data.slice(mark.length));
  if (Array.isArray(data)) return data.map(restored);
  if (typeof data === 'object' && data !== null)
    return mappingOf(Object.entries(data).map(([key, item]): [string, JinjaValue] => [key, restored(item)]));
  return data as null | boolean | number | string;
}

function numberFrom(token: string): JinjaValue {
  return /[.eE]/.test(token) ? PythonValue.float(Number(token)) : PythonValue.int(BigInt(token));
}
