import type { Expression, Statement } from '../../jinja/index.ts';
import type { Code } from '../expressions/code.ts';

/** What a name of a template is where it is used. */
export type KindOf = (name: string) => Code | undefined;

/**
 * A template as Handlebars, where that is sure to give the same: text, names that are text or numbers, and `if` and
 * `else` on lines of their own. Undefined for all else.
 *
 * Handlebars takes a whole line away where a block stands alone on it, Jinja (with `trim_blocks`) the line end behind it:
 * that is the same where nothing stands before the block on its line.
 */
export function handlebarsOf(body: readonly Statement[], kindOf: KindOf): string | undefined {
  return nodes(body, kindOf, { atLineStart: true });
}

interface Place {
  /** Whether what comes next begins a line. */
  atLineStart: boolean;
}

function nodes(body: readonly Statement[], kindOf: KindOf, place: Place): string | undefined {
  let text = '';
  for (const one of body) {
    const made = node(one, kindOf, place);
    if (made === undefined) return undefined;
    text += made;
  }
  return text;
}

function node(one: Statement, kindOf: KindOf, place: Place): string | undefined {
  if (one.kind === 'plain') {
    // Braces, and a backslash before them, mean something to Handlebars; `{%` and `{#` it refuses.
    if (/\{\{|\}\}|\{[%#]|\\$/.test(one.text)) return undefined;
    place.atLineStart = one.text.endsWith('\n');
    return one.text;
  }
  if (one.kind === 'output') {
    const path = printable(one.expression, kindOf);
    place.atLineStart = false;
    return path === undefined ? undefined : `{{${path}}}`;
  }
  if (one.kind !== 'if' || !place.atLineStart) return undefined;
  const [branch, second] = one.branches;
  const test = branch === undefined ? undefined : conditionOf(branch.test, kindOf);
  if (branch === undefined || second !== undefined || test === undefined) return undefined;
  const then = wholeLines(branch.body, kindOf, place);
  const otherwise = one.otherwise === undefined ? '' : wholeLines(one.otherwise, kindOf, place);
  if (then === undefined || otherwise === undefined) return undefined;
  place.atLineStart = true;
  const [open, close] = test.startsWith('not ')
    ? [`{{#unless ${test.slice(4)}}}`, '{{/unless}}']
    : [`{{#if ${test}}}`, '{{/if}}'];
  const other = one.otherwise === undefined ? '' : `{{else}}\n${otherwise}`;
  return `${open}\n${then}${other}${close}\n`;
}

/** The content of a block: lines, each with its line end. An empty one would leave an empty line. */
function wholeLines(body: readonly Statement[], kindOf: KindOf, place: Place): string | undefined {
  place.atLineStart = true;
  const text = nodes(body, kindOf, place);
  return text?.endsWith('\n') === true ? text : undefined;
}

/** A name whose value prints the same: text or a number that is sure to be there. */
function printable(one: Expression, kindOf: KindOf): string | undefined {
  if (one.kind !== 'name') return undefined;
  const known = kindOf(one.name);
  if (known === undefined || known.maybe !== undefined) return undefined;
  return known.kind === 'text' || known.kind === 'number' || known.kind === 'scalar' ? one.name : undefined;
}

function conditionOf(one: Expression, kindOf: KindOf): string | undefined {
  if (one.kind === 'unary' && one.operator === 'not') {
    const inner = conditionOf(one.operand, kindOf);
    return inner === undefined || inner.startsWith('not ') ? undefined : `not ${inner}`;
  }
  const name = one.kind === 'filter' && one.name === 'bool' && one.input !== undefined ? one.input : one;
  if (name.kind !== 'name') return undefined;
  const known = kindOf(name.name);
  if (known === undefined || known.maybe !== undefined) return undefined;
  return known.kind === 'flag' || known.kind === 'texts' || known.kind === 'list' ? name.name : undefined;
}
