import { isDeepStrictEqual } from 'node:util';
import {
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
  parseDocument,
  type Document,
  type Node,
  type ParsedNode,
  type Scalar,
} from 'yaml';
import { isMisread, renderYaml } from '../template/index.ts';
import { mappingOf } from '../values/index.ts';
import { editData, isList, isMapping, type Data, type DataEdit } from './data-edit.ts';
import { EditRefused } from './text-edit.ts';
import { insertItem, removeItem, renderDocument, replaceItem, type YamlPlace } from './yaml-splice.ts';

/**
 * Changes what differs and nothing else. Text is cut and put in where things stand, and the result read again; only
 * where that does not come out right (exotic spellings) the document is written by the yaml package, which keeps
 * comments and order but lays it out in its own way.
 */
export function editYaml(text: string, edit: DataEdit): string {
  const old = read(text);
  const wanted = editData(dataOf(old), edit);
  if (isDeepStrictEqual(dataOf(old) ?? null, wanted ?? null))
    return edit.state === 'present' && !edit.append ? quoted(text, old, edit) : text;
  if (
    wanted === undefined ||
    old.contents === null ||
    (isScalar(old.contents) && old.contents.range?.[0] === old.contents.range?.[1])
  ) {
    return wanted === undefined
      ? ''
      : `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${renderDocument(wanted)}`;
  }
  return spliced(text, wanted) ?? laidOut(text, wanted);
}

function read(text: string): Document.Parsed {
  const documents = parseAllDocuments(text);
  if (documents.length > 1) throw new EditRefused('it holds several YAML documents; only files of one can be edited');
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new EditRefused(`it is not YAML: ${error.message.split('\n')[0] ?? ''}`);
  return document;
}

function dataOf(document: Document): Data | undefined {
  return document.contents === null ? undefined : dataIn(document.contents, document);
}

/** Of one anchor; below it all is expanded, so that a file of a few lines may stand for more than any machine holds. */
const mostAliases = 10_000;

function dataIn(node: unknown, document: Document): Data {
  if (node === null || node === undefined) return null;
  try {
    return plain((node as Node).toJS(document, { mapAsMap: true, maxAliasCount: mostAliases }));
  } catch (error) {
    if (error instanceof ReferenceError) throw new EditRefused(`it is not YAML that can be read: ${error.message}`);
    throw error;
  }
}

/** What aliases stand for is made once. */
function plain(value: unknown, made = new Map<unknown, Data>()): Data {
  if (typeof value !== 'object' || value === null) return value as Data;
  const known = made.get(value);
  if (known !== undefined) return known;
  const data = Array.isArray(value)
    ? value.map((item) => plain(item, made))
    : value instanceof Map
      ? mappingOf([...value].map(([key, item]): [string, Data] => [nameOf(key), plain(item, made)]))
      : JSON.stringify(value);
  made.set(value, data);
  return data;
}

function keyOf(key: unknown, document: Document): string {
  return nameOf(dataIn(key, document));
}

function nameOf(key: unknown): string {
  return typeof key === 'string' ? key : key === null || key === undefined ? '' : JSON.stringify(key);
}

/** The text with quotes around what is the value already, but not to readers of YAML 1.1. */
function quoted(text: string, document: Document, { key, value }: DataEdit): string {
  const at = key.reduce<unknown>((node, name) => childOf(node, String(name), document), document.contents);
  const wrong = misreadIn(at, value, document);
  if (!wrong?.range || typeof wrong.value !== 'string') return text;
  const made = text.slice(0, wrong.range[0]) + renderYaml(wrong.value).trimEnd() + text.slice(wrong.range[1]);
  return quoted(made, read(made), { key, value, state: 'present', merge: false, append: false });
}

function childOf(node: unknown, name: string, document: Document): unknown {
  if (isMap(node)) return node.items.find((pair) => keyOf(pair.key, document) === name)?.value;
  return isSeq(node) ? node.items[Number(name)] : undefined;
}

function misreadIn(node: unknown, value: Data | undefined, document: Document): Scalar | undefined {
  if (typeof value === 'string')
    return isScalar(node) && node.type === 'PLAIN' && node.value === value && isMisread(value) ? node : undefined;
  const entries: readonly (readonly [string, Data])[] = isList(value)
    ? value.map((item, i) => [String(i), item])
    : isMapping(value)
      ? Object.entries(value)
      : [];
  for (const [name, item] of entries) {
    const found = misreadIn(childOf(node, name, document), item, document);
    if (found) return found;
  }
  return undefined;
}

/** More differences than this in one file are not fixed one by one. */
const limit = 2000;

function spliced(text: string, wanted: Data): string | undefined {
  let made = text;
  for (let i = 0; i < limit; i++) {
    const document = parseDocument(made);
    if (document.errors.length > 0 || document.contents === null) return undefined;
    if (isDeepStrictEqual(dataOf(document), wanted)) return made;
    const next = fix(made, document, { node: document.contents, column: 0 }, wanted);
    if (next === undefined || next === made) return undefined;
    made = next;
  }
  return undefined;
}

/** The text with the first difference fixed. */
function fix(text: string, document: Document, place: YamlPlace, wanted: Data): string | undefined {
  const { node } = place;
  if (isMap(node) && isMapping(wanted) && node.items.length > 0) {
    const keys = node.items.map((pair) => keyOf(pair.key, document));
    const extra = keys.findLastIndex((key) => !Object.hasOwn(wanted, key));
    if (extra >= 0) return node.items.length === 1 ? replaceItem(text, place, wanted) : removeItem(text, node, extra);
    for (const [key, value] of Object.entries(wanted)) {
      const at = keys.indexOf(key);
      if (at < 0) return insertItem(text, place, { [key]: value });
      const pair = node.items[at];
      if (!isDeepStrictEqual(dataIn(pair?.value, document), value))
        return fix(text, document, { node: pair?.value as ParsedNode, parent: node, index: at, column: 0 }, value);
    }
    return undefined;
  }
  if (isSeq(node) && isList(wanted) && node.items.length > 0) {
    const items = node.items.map((item) => dataIn(item, document));
    if (items.length > wanted.length) {
      const extra = items.findIndex((item, i) => !isDeepStrictEqual(item, wanted[i]));
      return items.length === 1 ? replaceItem(text, place, wanted) : removeItem(text, node, extra);
    }
    for (const [at, value] of wanted.entries()) {
      if (at >= items.length) return insertItem(text, place, [value]);
      if (!isDeepStrictEqual(items[at], value))
        return fix(text, document, { node: node.items[at] as ParsedNode, parent: node, index: at, column: 0 }, value);
    }
    return undefined;
  }
  return replaceItem(text, place, wanted);
}

/** As the yaml package writes it. */
function laidOut(text: string, wanted: Data): string {
  const document = read(text);
  reconcile(document, [], wanted);
  const made = document.toString({ lineWidth: 0 });
  if (!isDeepStrictEqual(dataOf(read(made)), wanted))
    throw new EditRefused(
      'the edit cannot be made in this spelling of YAML (anchors, tags or merge keys are in the way)',
    );
  return made;
}

function reconcile(document: Document, way: readonly (string | number)[], wanted: Data): void {
  const node = way.length === 0 ? document.contents : (document.getIn(way, true) as Node | undefined);
  if (isMap(node) && isMapping(wanted)) {
    const now = dataIn(node, document) as Record<string, Data>;
    for (const key of Object.keys(now)) if (!Object.hasOwn(wanted, key)) document.deleteIn([...way, key]);
    for (const [key, value] of Object.entries(wanted))
      if (!isDeepStrictEqual(now[key], value)) reconcile(document, [...way, key], value);
  } else if (way.length === 0) document.contents = document.createNode(wanted) as never;
  else document.setIn(way, document.createNode(wanted));
}
