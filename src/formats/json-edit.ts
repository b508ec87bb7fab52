import { isDeepStrictEqual } from 'node:util';
import { editData, isList, isMapping, type Data, type DataEdit } from './data-edit.ts';
import { dataOf, parseJson, skipBlanks, type JsonNode } from './json-tree.ts';

/** Changes what differs and nothing else: comments, order, indentation and numbers as they are written stay. */
export function editJson(text: string, edit: DataEdit): string {
  const root = parseJson(text);
  const wanted = editData(root && dataOf(root), edit);
  if (wanted === undefined) return root ? text.slice(0, root.start) + text.slice(root.end) : text;
  const style = styleOf(text);
  if (!root) return `${text}${render(wanted, style, '', true)}\n`;
  // One difference at a time: where things stand is read anew after each.
  for (let made = text; ;) {
    const node = parseJson(made);
    const next = node && fix(made, node, wanted, style);
    if (next === undefined) return made;
    made = next;
  }
}

interface Style {
  readonly unit: string;
  readonly eol: string;
}

function styleOf(text: string): Style {
  return {
    unit: /^[^\S\n]*[{[][^\n]*\n([ \t]+)\S/.exec(text)?.[1] ?? /\n([ \t]+)["{[]/.exec(text)?.[1] ?? '  ',
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
}

function render(value: Data, { unit, eol }: Style, indent: string, lines: boolean): string {
  if (!lines) return JSON.stringify(value);
  return JSON.stringify(value, null, unit).replaceAll('\n', `${eol}${indent}`);
}

function splice(text: string, start: number, end: number, made: string): string {
  return text.slice(0, start) + made + text.slice(end);
}

/** The text with the first difference fixed; undefined where there is none. */
function fix(text: string, node: JsonNode, wanted: Data, style: Style): string | undefined {
  if (isDeepStrictEqual(dataOf(node), wanted)) return undefined;
  const indent = indentAt(text, node.start);
  if (node.kind === 'object' && isMapping(wanted)) {
    const extra = node.entries.findLastIndex((entry) => !Object.hasOwn(wanted, entry.key));
    if (extra >= 0) return remove(text, node, extra);
    for (const [key, value] of Object.entries(wanted)) {
      // Of a key that stands twice the last counts, as for JSON.parse.
      const entry = node.entries.findLast((one) => one.key === key);
      const made = entry
        ? fix(text, entry.node, value, style)
        : insert(text, node, style, (inner, lines) => `${JSON.stringify(key)}: ${render(value, style, inner, lines)}`);
      if (made !== undefined) return made;
    }
    return undefined;
  }
  if (node.kind === 'array' && isList(wanted)) {
    const items = node.entries.map((entry) => dataOf(entry.node));
    if (items.length > wanted.length) {
      const extra = items.findIndex((item, i) => !isDeepStrictEqual(item, wanted[i]));
      return remove(text, node, extra);
    }
    for (const [i, value] of wanted.entries()) {
      const entry = node.entries[i];
      const made = entry
        ? fix(text, entry.node, value, style)
        : insert(text, node, style, (inner, lines) => render(value, style, inner, lines));
      if (made !== undefined) return made;
    }
    return undefined;
  }
  return splice(text, node.start, node.end, render(wanted, style, indent, text.includes('\n')));
}

function indentAt(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1))?.[0] ?? '';
}

type Container = Extract<JsonNode, { readonly entries: unknown }>;

function insert(
  text: string,
  node: Container,
  { unit, eol }: Style,
  make: (indent: string, lines: boolean) => string,
): string {
  const last = node.entries.at(-1);
  const outer = indentAt(text, node.start);
  if (!last) {
    if (!text.includes('\n')) return splice(text, node.end - 1, node.end - 1, make('', false));
    const inside = text.slice(node.start + 1, node.end - 1).trimEnd();
    return splice(
      text,
      node.start + 1,
      node.end - 1,
      `${inside}${eol}${outer}${unit}${make(outer + unit, true)}${eol}${outer}`,
    );
  }
  const lines = text.slice(node.start, last.start).includes('\n');
  const comma = skipBlanks(text, last.node.end);
  const hasComma = text[comma] === ',';
  if (!lines) return splice(text, last.node.end, last.node.end, `, ${make('', false)}`);
  const indent = indentAt(text, last.start);
  // Behind what is said of the last one on its line.
  const from = hasComma ? comma + 1 : last.node.end;
  const to =
    from +
    (/^(?:[ \t]|\/\*(?:(?!\*\/)[^\n])*\*\/)*(?:\/\/[^\r\n]*)?/.exec(text.slice(from))?.[0].trimEnd().length ?? 0);
  const made = splice(text, to, to, `${eol}${indent}${make(indent, true)}${hasComma ? ',' : ''}`);
  return hasComma ? made : splice(made, last.node.end, last.node.end, ',');
}

function remove(text: string, node: Container, index: number): string {
  const entry = node.entries[index];
  const before = node.entries[index - 1];
  const after = node.entries[index + 1];
  if (!entry) return text;
  const comma = skipBlanks(text, entry.node.end);
  const hasComma = text[comma] === ',';
  const behind = hasComma ? comma + 1 : entry.node.end;
  const lineStart = text.lastIndexOf('\n', entry.start - 1) + 1;
  const rest = /^[ \t]*(?:\/\/[^\r\n]*)?\r?\n/.exec(text.slice(behind))?.[0].length;
  // With whole lines the line goes, else what is between its neighbours.
  const made =
    text.slice(lineStart, entry.start).trim() === '' && rest !== undefined
      ? splice(text, lineStart, behind + rest, '')
      : after
        ? splice(text, entry.start, after.start, '')
        : splice(text, before?.node.end ?? entry.start, entry.node.end, '');
  if (after || hasComma || !before) return made;
  const dangling = skipBlanks(made, before.node.end);
  return made[dangling] === ',' ? splice(made, dangling, dangling + 1, '') : made;
}
