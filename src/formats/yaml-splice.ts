import {
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { isWholeNumber, renderYaml } from '../template/index.ts';
import { isList, isMapping, type Data } from './data-edit.ts';

/** A node and where it hangs. */
export interface YamlPlace {
  readonly node: ParsedNode | null;
  readonly parent?: YAMLMap | YAMLSeq;
  readonly index?: number;
  readonly column: number;
}

/** A value as a document of its own. */
export function renderDocument(value: Data): string {
  return renderYaml(value);
}

/** A value as it stands between the brackets of a flow collection, where more has to be quoted. */
function renderFlow(value: Data, textKeys = false): string {
  return renderYaml(value, { flow: true, textKeys }).trim();
}

/** Without the brackets around the one item or pair it holds. */
function renderFlowItem(item: readonly [Data] | { readonly [key: string]: Data }, textKeys = false): string {
  return renderFlow(item, textKeys).replace(/^[[{]\s*|\s*[\]}]$/g, '');
}

function splice(text: string, start: number, end: number, made: string): string {
  return text.slice(0, start) + made + text.slice(end);
}

function columnOf(text: string, at: number): number {
  return at - (text.lastIndexOf('\n', at - 1) + 1);
}

function indented(made: string, column: number): string {
  return made.trimEnd().replaceAll(/\n(?=[^\n])/g, `\n${' '.repeat(column)}`);
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

function rangeOf(node: unknown): readonly [number, number] {
  const range = (node as Node | null)?.range;
  return range ? [range[0], range[1]] : [-1, -1];
}

/** Where an item of a collection begins: its key, or the dash before it. */
function itemStart(text: string, collection: YAMLMap | YAMLSeq, index: number): number {
  if (isMap(collection)) return rangeOf(collection.items[index]?.key)[0];
  const [start] = rangeOf(collection.items[index]);
  return collection.flow ? start : text.lastIndexOf('-', start - 1);
}

/** Behind the last character of a node that says something. */
function contentEnd(text: string, node: unknown): number {
  if (isCollection(node) && !node.flow && node.items.length > 0) {
    const last = node.items.at(-1);
    return itemEnd(text, last);
  }
  const [start, end] = rangeOf(node);
  return start < 0 ? -1 : start + text.slice(start, end).trimEnd().length;
}

function itemEnd(text: string, item: unknown): number {
  const pair = item as { readonly key?: unknown; readonly value?: unknown };
  if (item === null || typeof item !== 'object' || !('key' in item)) return contentEnd(text, item);
  const value = contentEnd(text, pair.value);
  return value < 0 ? contentEnd(text, pair.key) + 1 : value;
}

/** A new last pair or item, given as a mapping or list of that one. */
export function insertItem(
  text: string,
  { node }: YamlPlace,
  item: readonly [Data] | { readonly [key: string]: Data },
): string | undefined {
  if (!isCollection(node) || node.items.length === 0) return undefined;
  const collection = node as unknown as YAMLMap | YAMLSeq;
  const end = itemEnd(text, collection.items.at(-1));
  const textKeys = hasTextKeys(collection);
  if (collection.flow) return splice(text, end, end, `, ${renderFlowItem(item, textKeys)}`);
  const column = columnOf(text, itemStart(text, collection, 0));
  const to = lineEnd(text, end);
  const body = text.slice(end, to).endsWith('\r') ? to - 1 : to;
  return splice(text, body, body, `\n${' '.repeat(column)}${indented(renderYaml(item, { textKeys }), column)}`);
}

/** Whether the numbers among a mapping's keys are texts, so that a new one is to be one too. */
function hasTextKeys(collection: YAMLMap | YAMLSeq): boolean {
  return (
    isMap(collection) &&
    collection.items.some(({ key }) => isScalar(key) && typeof key.value === 'string' && isWholeNumber(key.value))
  );
}

/** Takes an item out of a collection that has others. */
export function removeItem(text: string, collection: YAMLMap | YAMLSeq, index: number): string | undefined {
  const start = itemStart(text, collection, index);
  const end = itemEnd(text, collection.items[index]);
  if (start < 0 || end < 0) return undefined;
  if (collection.flow) {
    return index + 1 < collection.items.length
      ? splice(text, start, itemStart(text, collection, index + 1), '')
      : splice(text, itemEnd(text, collection.items[index - 1]), end, '');
  }
  const lineStart = start - columnOf(text, start);
  if (text.slice(lineStart, start).trim() === '')
    return splice(text, lineStart, Math.min(text.length, lineEnd(text, end) + 1), '');
  // The first of a mapping that begins on the line of its dash.
  return index + 1 < collection.items.length
    ? splice(text, start, itemStart(text, collection, index + 1), '')
    : undefined;
}

/** Another value in the place of a node. */
export function replaceItem(text: string, { node, parent, index }: YamlPlace, value: Data): string | undefined {
  if (!parent || index === undefined) {
    const [start] = rangeOf(node);
    return start < 0
      ? undefined
      : splice(
          text,
          start,
          contentEnd(text, node),
          isCollection(node) && node.flow && isMapping(value) === isMap(node)
            ? renderFlow(value)
            : renderDocument(value).trimEnd(),
        );
  }
  if (parent.flow) {
    const [start, end] = rangeOf(node);
    return start < 0 || start === end ? undefined : splice(text, start, end, renderFlowItem([value]));
  }
  const inline = isScalar(node) ? scalarInPlace(text, node, value) : undefined;
  if (inline !== undefined) return inline;
  const start = itemStart(text, parent, index);
  const end = itemEnd(text, parent.items[index]);
  if (start < 0 || end < 0) return undefined;
  const column = columnOf(text, start);
  if (isSeq(parent)) return splice(text, start, end, indented(renderYaml([value]), column));
  // The key stays as it is spelt, and so does a comment on its line.
  const keyEnd = rangeOf(parent.items[index]?.key)[1];
  const made = renderYaml({ k: value });
  const [from, to] = rangeOf(node);
  if (from === to && made.startsWith('k:\n'))
    return splice(text, lineEnd(text, keyEnd), lineEnd(text, keyEnd), indented(made.slice(2), column));
  return splice(text, keyEnd, end, indented(made.slice(1), column));
}

/** A scalar on one line for another, quoted as the old one was. */
function scalarInPlace(text: string, node: Scalar, value: Data): string | undefined {
  if (isList(value) || isMapping(value)) return undefined;
  const [start, end] = rangeOf(node);
  const quotes =
    typeof value === 'string' && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') ? node.type : undefined;
  const made = renderYaml({ k: value }, { quotes }).slice(3).trimEnd();
  if (made.includes('\n') || text.slice(start, end).includes('\n')) return undefined;
  if (start !== end) return splice(text, start, end, made);
  return text[start - 1] === ':' || text[start - 1] === '-'
    ? splice(text, start, start, ` ${made}`)
    : splice(text, start, start, made);
}
