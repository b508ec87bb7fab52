import { isAlias, isMap, isScalar, isSeq, parseDocument, type Node, type Pair, type YAMLMap } from 'yaml';
import { unquotedIni, writtenIni } from './ini-value.ts';

/** A value in a file of sops, and where it stands. */
export interface Leaf {
  /** The keys that lead to it, places in lists left out: what sops binds a value to. */
  readonly path: readonly string[];
  /** As it is in the file. */
  readonly value: string | number | boolean;
  /** As sops writes it, for its checksum. */
  readonly spelling: string;
  readonly from: number;
  readonly to: number;
}

/** What sops keeps beside the values: names as it has them, lists of keys by their kind. */
export type Metadata = Readonly<Record<string, unknown>>;

/** A file of sops, taken apart. */
export interface SopsFile {
  readonly leaves: readonly Leaf[];
  readonly metadata: Metadata;
  /** The stretches of text that are sops' own, which the plain file does not have. */
  readonly own: readonly { readonly from: number; readonly to: number }[];
  /** A value as the plain file has it. */
  write(text: string, type: string): string;
}

/** YAML, and JSON, which YAML reads too. Undefined where it cannot be read. */
export function yamlLeaves(text: string): SopsFile | undefined {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  const root = document.contents;
  if (document.errors.length > 0 || !isMap(root)) return undefined;
  const pairs = root.items as Pair<Node, Node | null>[];
  const at = pairs.findIndex(({ key }) => nameOf(key) === 'sops');
  const sops = pairs[at];
  if (!isMap(sops?.value)) return undefined;
  return {
    leaves: pairs.filter((pair) => pair !== sops).flatMap(({ key, value }) => below(value, [nameOf(key)])),
    metadata: sops.value.toJSON() as Metadata,
    own: [ownPair(text, root, pairs, at)],
    write: (plain, type) =>
      type === 'int' || type === 'float' ? plain : type === 'bool' ? plain.toLowerCase() : JSON.stringify(plain),
  };
}

function below(node: Node | null, path: readonly string[]): Leaf[] {
  if (isMap(node))
    return (node.items as Pair<Node, Node | null>[]).flatMap(({ key, value }) => below(value, [...path, nameOf(key)]));
  if (isSeq(node)) return node.items.flatMap((item) => below(item as Node, path));
  if (!isScalar(node) || isAlias(node)) return [];
  const { value, range, source = '' } = node;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return [];
  const [from = 0, to = 0] = range ?? [];
  return [{ path, value, spelling: spelling(value, source, node.type === 'PLAIN'), from, to }];
}

function nameOf(key: Node): string {
  return isScalar(key) ? String(key.value) : '';
}

/** As Go prints it, which computes the checksum. */
function spelling(value: string | number | boolean, source: string, isPlain: boolean): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  // Go's YAML takes a date without quotes for a time.
  if (typeof value === 'string') return isPlain && /^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00Z` : value;
  if (/^[-+]?\d+$/.test(source)) return BigInt(source.replace('+', '')).toString();
  return String(value).includes('e') ? withoutExponent(value) : String(value);
}

function withoutExponent(value: number): string {
  if (Math.abs(value) >= 1) return BigInt(value).toString();
  const [digits = '', exponent = ''] = Math.abs(value).toExponential().split('e-');
  return `${value < 0 ? '-' : ''}0.${'0'.repeat(Number(exponent) - 1)}${digits.replace('.', '')}`;
}

/** The whole lines of `sops:`, or in JSON the entry with the comma that goes with it. */
function ownPair(
  text: string,
  root: YAMLMap,
  pairs: readonly Pair<Node, Node | null>[],
  at: number,
): { readonly from: number; readonly to: number } {
  const start = pairs[at]?.key.range?.[0] ?? 0;
  const [, end = 0, wholeEnd = end] = pairs[at]?.value?.range ?? [];
  if (root.flow !== true) return { from: text.lastIndexOf('\n', start) + 1, to: wholeEnd };
  const before = pairs[at - 1]?.value?.range?.[1];
  return before === undefined ? { from: start, to: pairs[at + 1]?.key.range?.[0] ?? end } : { from: before, to: end };
}

/** `KEY=value` lines, with sops' own among them: `sops_mac=...`. */
export function dotenvLeaves(text: string): SopsFile {
  const own: { from: number; to: number }[] = [];
  const flat = new Map<string, string>();
  const leaves: Leaf[] = [];
  for (const { line, from, end } of linesOf(text)) {
    const equals = line.indexOf('=');
    if (line.startsWith('#') || equals < 0) continue;
    const key = line.slice(0, equals);
    const value = line.slice(equals + 1).replaceAll('\\n', '\n');
    if (key.startsWith('sops_')) {
      own.push({ from, to: end });
      flat.set(key.slice('sops_'.length), value);
    } else leaves.push({ path: [key], value, spelling: value, from: from + equals + 1, to: from + line.length });
  }
  return { leaves, own, metadata: unflattened(flat), write: (plain) => plain.replaceAll('\n', '\\n') };
}

/** INI with sops' own in the section `[sops]`. Keys above all sections are in one called DEFAULT. */
export function iniLeaves(text: string): SopsFile {
  const own: { from: number; to: number }[] = [];
  const flat = new Map<string, string>();
  const leaves: Leaf[] = [];
  let section = 'DEFAULT';
  for (const { line, from, end } of linesOf(text, true)) {
    const isHeader = /^\s*\[(.+)\]\s*$/.exec(line);
    if (isHeader) section = isHeader[1] ?? '';
    if (section === 'sops') own.push({ from, to: end });
    const [whole, head = '', key = '', raw = ''] = /^(\s*([^=:;#\s][^=:]*?)\s*[=:]\s*)([^]*?)\s*$/.exec(line) ?? [];
    if (isHeader || whole === undefined) continue;
    const value = unquotedIni(raw);
    if (section === 'sops') flat.set(key, value.replaceAll('\\n', '\n'));
    else
      leaves.push({
        path: [section, key],
        value,
        spelling: value,
        from: from + head.length,
        to: from + head.length + raw.length,
      });
  }
  return { leaves, own, metadata: unflattened(flat), write: writtenIni };
}

interface Line {
  readonly line: string;
  readonly from: number;
  /** Behind its line end. */
  readonly end: number;
}

/** @param spans whether `"""` holds lines together */
function linesOf(text: string, spans = false): Line[] {
  const lines: Line[] = [];
  for (let from = 0; from < text.length;) {
    const opened = spans ? /^[^"\n]*"""/.exec(text.slice(from)) : null;
    const closed = opened ? text.indexOf('"""', from + opened[0].length) : -1;
    const at = text.indexOf('\n', Math.max(from, closed));
    const end = at < 0 ? text.length : at + 1;
    lines.push({ line: text.slice(from, at < 0 ? end : at).replace(/\r$/, ''), from, end });
    from = end;
  }
  return lines;
}

/** `age__list_0__map_enc` is the `enc` of the first of the list `age`. */
function unflattened(flat: ReadonlyMap<string, string>): Metadata {
  const made: Record<string, unknown> = {};
  const lists = new Map<string, Record<string, string>[]>();
  for (const [name, value] of flat) {
    const [, list, at, key] = /^(.+?)__list_(\d+)__map_(.+)$/.exec(name) ?? [];
    if (list === undefined || key === undefined) {
      made[name] = value;
      continue;
    }
    const entries = lists.get(list) ?? [];
    lists.set(list, entries);
    (entries[Number(at)] ??= {})[key] = value;
  }
  return { ...made, ...Object.fromEntries(lists) };
}
