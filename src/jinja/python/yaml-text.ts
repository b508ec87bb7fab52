import { PythonValue, pythonFloat } from '../../values/index.ts';
import { byCodePoint } from './compare.ts';
import { textOf } from './text.ts';
import { entriesOf, isMapping, isSequence, plain, type JinjaValue } from './value.ts';

export interface YamlLayout {
  readonly indent: number;
  readonly width: number;
  readonly sortKeys: boolean;
  /** Undefined, as PyYAML has it: lists and mappings of plain values stand on one line. */
  readonly isBlock: boolean | undefined;
}

/** YAML as PyYAML's `dump` writes it (version 6), for `to_yaml` and `to_nice_yaml`. */
export function yamlText(value: JinjaValue, layout: YamlLayout): string {
  const found = plain(value);
  if (!isSequence(found) && !isMapping(found)) {
    return `${scalar(found, layout, 0, true)}\n`;
  }
  if (isFlow(found, layout)) return `${flow(found, layout, { column: 0, margin: layout.indent })}\n`;
  return `${block(found, layout, 0, 'top').join('\n')}\n`;
}

function isScalar(value: JinjaValue): boolean {
  const found = plain(value);
  return !isSequence(found) && !isMapping(found);
}

function isFlow(value: JinjaValue, { isBlock }: YamlLayout): boolean {
  const found = plain(value);
  const items = isSequence(found) ? found : isMapping(found) ? entriesOf(found).map(([, item]) => item) : [];
  if (items.length === 0) return true;
  return isBlock === undefined ? items.every(isScalar) : !isBlock;
}

function entriesFor(value: JinjaValue, { sortKeys }: YamlLayout): [string, JinjaValue][] {
  const found = plain(value);
  const entries = isMapping(found) ? entriesOf(found) : [];
  return sortKeys ? entries.sort(([a], [b]) => byCodePoint(a, b)) : entries;
}

/** The lines of a list or mapping, the first without its margin where `place` says that something stands before it. */
function block(value: JinjaValue, layout: YamlLayout, margin: number, place: 'top' | 'item' | 'value'): string[] {
  const found = plain(value);
  const pad = ' '.repeat(margin);
  if (isSequence(found))
    return found.flatMap((item) => {
      const dash = `-${' '.repeat(layout.indent > 2 ? 1 : 1)}`;
      return child(item, layout, margin, 'item', (first) => `${pad}${dash}${first}`);
    });
  void place;
  return entriesFor(found, layout).flatMap(([key, item]) => {
    const name = scalar(key, layout, margin, false);
    return child(item, layout, margin, 'value', (first) => `${pad}${name}:${first === '' ? '' : ' '}${first}`);
  });
}

function child(
  item: JinjaValue,
  layout: YamlLayout,
  margin: number,
  place: 'item' | 'value',
  lead: (first: string) => string,
): string[] {
  const inner = margin + layout.indent;
  if (isScalar(item)) return lead(scalar(plain(item), layout, inner, false, lead('').length)).split('\n');
  if (isFlow(item, layout)) return [lead(flow(item, layout, { column: lead('x').length - 1, margin: inner }))];
  // Lists within mappings are not indented; lists and mappings within lists begin on the line of the dash.
  if (place === 'value') {
    const lines = block(item, layout, isSequence(plain(item)) ? margin : inner, 'value');
    return [lead(''), ...lines];
  }
  const [first = '', ...rest] = block(item, layout, inner, 'item');
  const dash = lead('').trimEnd();
  return [`${dash}${' '.repeat(Math.max(1, inner - dash.length))}${first.slice(inner)}`, ...rest];
}

/** A list or mapping on one line, broken where it gets longer than `width`. */
function flow(value: JinjaValue, layout: YamlLayout, at: { column: number; readonly margin: number }): string {
  const found = plain(value);
  const pieces = isSequence(found)
    ? found.map((item) => (): string => (isScalar(item) ? scalar(plain(item), layout, at.margin, false) : nested(item)))
    : entriesFor(found, layout).map(([key, item]) => (): string => {
        const name = `${scalar(key, layout, at.margin, false)}: `;
        at.column += name.length;
        const text = isScalar(item) ? scalar(plain(item), layout, at.margin, false) : nested(item);
        at.column -= name.length;
        return name + text;
      });
  const nested = (item: JinjaValue): string =>
    flow(item, layout, { column: at.column, margin: at.margin + layout.indent });
  const [open, close] = isSequence(found) ? ['[', ']'] : ['{', '}'];
  let text = open;
  at.column += 1;
  for (const [i, piece] of pieces.entries()) {
    if (i > 0) {
      text += ',';
      at.column += 1;
      if (at.column > layout.width) {
        text += `\n${' '.repeat(at.margin)}`;
        at.column = at.margin;
      } else {
        text += ' ';
        at.column += 1;
      }
    }
    const written = piece();
    text += written;
    at.column += written.length;
  }
  return text + close;
}

/** What PyYAML would read as something else than text if it stood without quotation marks. */
const misread =
  /^(?:yes|no|true|false|on|off|null|~|=|<<|y|n)$|^[-+]?(?:0b[01_]+|0[0-7_]+|(?:0|[1-9][\d_]*)|0x[\da-f_]+|[1-9][\d_]*(?::[0-5]?\d)+)$|^(?:[-+]?(?:\d[\d_]*)\.[\d_]*(?:e[-+]\d+)?|\.[\d][\d_]*(?:e[-+]\d+)?|[-+]?\d[\d_]*(?::[0-5]?\d)+\.[\d_]*|[-+]?\.inf|\.nan)$|^\d{4}-\d\d-\d\d$|^\d{4}-\d\d?-\d\d?(?:t|[ \t]+)\d\d?:\d\d:\d\d/i;
const misreadLetters = /^[yn]$/i;

function scalar(value: JinjaValue, layout: YamlLayout, margin: number, isRoot: boolean, column = margin): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : pythonFloat(value);
  if (value instanceof PythonValue) return ofPython(value);
  return folded(textOf(value), layout, margin, isRoot, column);
}

function ofPython(value: PythonValue): string {
  if (value.text === 'inf' || value.text === '-inf') return value.text.replace('inf', '.inf');
  if (value.text === 'nan') return '.nan';
  // PyYAML reads an exponent only behind a point.
  return value.kind === 'float' && /^-?\d+e/.test(value.text) ? value.text.replace('e', '.0e') : value.text;
}

function folded(text: string, layout: YamlLayout, margin: number, isRoot: boolean, column: number): string {
  if (isPlainText(text) && !text.includes('\n')) return wrapped(text, layout, margin, isRoot, column);
  if (needsDouble(text)) return JSON.stringify(text).replaceAll(/\\u001b/g, String.raw`\e`);
  const inner = text.replaceAll("'", "''").replaceAll(/\n+/g, (ends) => `${ends}\n${' '.repeat(margin)}`);
  return `'${wrapped(inner, layout, margin, isRoot, column + 1)}'`;
}

function isPlainText(text: string): boolean {
  if (text === '' || /^\s|\s$/.test(text)) return false;
  if (misread.test(text) && !misreadLetters.test(text)) return false;
  if (misreadLetters.test(text)) return false;
  if (/^[-?:](?:\s|$)|^[,[\]{}#&*!|>'"%@`]|^---|^\.\.\./.test(text)) return false;
  return !/: |:$| #|[^\x20-\x7e\n\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text);
}

function needsDouble(text: string): boolean {
  return (
    /[^\x20-\x7e\n\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u.test(text) || / \n|\n /.test(text)
  );
}

/** Breaks at single blanks behind which the line would be longer than `width`. */
function wrapped(text: string, { width }: YamlLayout, margin: number, isRoot: boolean, column: number): string {
  const words = text.split(' ');
  let made = '';
  let at = column;
  for (const [i, word] of words.entries()) {
    const isSingle = word !== '' && words[i - 1] !== '';
    if (i > 0 && at > width && isSingle) {
      made += `\n${' '.repeat(isRoot ? 0 : margin)}`;
      at = margin;
    } else if (i > 0) {
      made += ' ';
      at += 1;
    }
    made += word;
    at = word.includes('\n') ? word.length - word.lastIndexOf('\n') - 1 : at + word.length;
  }
  return made;
}
