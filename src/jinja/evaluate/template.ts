import { parsePrintedValue } from '../../formats/python-literal.ts';
import { Secret } from '../../secrets/index.ts';
import { PythonValue } from '../../values/index.ts';
import { mappingOf } from '../../values/index.ts';
import { inside } from '../python/taint.ts';
import { textOf } from '../python/text.ts';
import { isSequence, FixedText, LazyMapping, Tuple, isPlainMapping, type JinjaValue } from '../python/value.ts';
import { entriesOf } from '../python/value.ts';
import type { Template } from '../syntax/ast.ts';
import { parseJinja } from '../syntax/parse.ts';
import { joined, renderPieces } from './render.ts';
import type { World } from './scope.ts';

/** Where a text's variables come from, and how they are written. */
export interface Variables extends World {
  /** A variable as its file has it, not evaluated. */
  readonly written: (name: string) => JinjaValue | undefined;
}

/**
 * A text with Jinja as Ansible's templating evaluates it (2.14, without `jinja2_native`):
 *
 * - `{{ name }}` alone, of a number, truth value or none that is written so: that value.
 * - Else what is printed. Printed text that is a list, mapping, `True` or `False` becomes one; a number stays text, and
 *   none becomes nothing. So `{{ port }}` may be a number where `{{ port + 1 }}` is a text.
 * - What `to_json`, `to_yaml` and their like made stays text.
 * - Line ends at the end of the text stay.
 *
 * @throws JinjaSyntaxError; JinjaError; BlockedError
 */
export function evaluateText(text: string, variables: Variables): JinjaValue {
  const [, only] = /^\{\{\s*(\w*)\s*\}\}\n?$/.exec(text) ?? [];
  const written = only === undefined ? undefined : variables.written(only);
  if (isLiteral(written)) return written;
  const ends = lineEndsOf(text);
  const value = converted(renderPieces(parsed(text), variables));
  return isText(value) ? withLineEnds(value, ends) : value;
}

/** The evaluation of one file of a template: text, whatever it looks like. */
export function renderText(template: Template, world: World): JinjaValue {
  return joined(renderPieces(template, world));
}

function isLiteral(value: JinjaValue | undefined): value is null | boolean | number | PythonValue {
  if (value instanceof PythonValue) return value.isNumber;
  return value === null || typeof value === 'boolean' || typeof value === 'number';
}

function isText(value: JinjaValue): value is string | Secret | FixedText {
  return typeof value === 'string' || value instanceof Secret || value instanceof FixedText;
}

function converted(pieces: readonly JinjaValue[]): JinjaValue {
  const [only = ''] = pieces;
  if (pieces.length > 1) return fromPrinted(joined(pieces));
  if (only instanceof FixedText) return only;
  return (isSequence(only) && !(only instanceof Tuple)) || isPlainMapping(only) || only instanceof LazyMapping
    ? fromList(only)
    : fromPrinted(joined([only]));
}

/** A printed text as Ansible takes it. A secret stays one text: what it looks like is not asked before it is used. */
function fromPrinted(text: JinjaValue): JinjaValue {
  return typeof text === 'string' ? (parsePrintedValue(text) ?? text) : text;
}

/** Printed and read again a list is the same, unless it holds what has no literal: dates, infinity. */
function fromList(list: JinjaValue): JinjaValue {
  return isReadAgain(list) ? copied(list) : textOf(list);
}

function isReadAgain(value: JinjaValue): boolean {
  if (value instanceof PythonValue)
    return value.kind === 'int' || (value.kind === 'float' && Number.isFinite(value.plain));
  if (isSequence(value)) return value.every(isReadAgain);
  if (value instanceof LazyMapping) return entriesOf(value).every(([, item]) => isReadAgain(item));
  if (isPlainMapping(value)) return Object.values(value).every(isReadAgain);
  return value === null || ['string', 'number', 'boolean'].includes(typeof value) || isText(value);
}

function copied(value: JinjaValue): JinjaValue {
  if (value instanceof FixedText) return value.text;
  if (value instanceof LazyMapping)
    return mappingOf(entriesOf(value).map(([key, item]): [string, JinjaValue] => [key, copied(item)]));
  return inside(value, copied);
}

const known = new Map<string, Template>();

/** Texts come again for each host. */
function parsed(text: string): Template {
  const found = known.get(text) ?? parseJinja(text);
  known.set(text, found);
  return found;
}

function lineEndsOf(text: string): number {
  return text.length - text.replace(/\n+$/, '').length;
}

/** Jinja drops the last line end; Ansible restores those that are missing then. */
function withLineEnds(value: string | Secret | FixedText, count: number): JinjaValue {
  if (count === 0) return value;
  const restore = (text: string): string => text + '\n'.repeat(Math.max(0, count - lineEndsOf(text)));
  if (value instanceof Secret) return new Secret(() => restore(value.expose()), value.source, [value]);
  return value instanceof FixedText ? new FixedText(restore(value.text)) : restore(value);
}
