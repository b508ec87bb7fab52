import type { Expression, For, Statement } from '../../jinja/index.ts';
import { bracketed, code, level, NotImported, templateText, textLiteral, type Code } from './code.ts';
import type { Compiler } from './compiling.ts';
import { identifier } from './identifiers.ts';
import { keepsLineEnds, lineEndsOf } from './line-ends.ts';
import { condition } from './operators.ts';
import { resultList } from './results.ts';
import { mayBeSecret } from './secret-names.ts';
import { mentionsLoop } from './statements.ts';

/**
 * Several pieces as one template literal; `{% if %}` is a choice in it.
 *
 * @param isLong whether the text stands over several lines
 * @throws NotImported for other statements
 */
function joinedText(compiler: Compiler, nodes: readonly Statement[], isLong: boolean): Code {
  let run = 0;
  let literal: string | undefined = '';
  let isSecret = false;
  const pieces = nodes.map((node) => {
    const one = pieceOf(compiler, node, isLong);
    run |= one.run;
    if (typeof one.literal !== 'string') {
      literal = undefined;
      isSecret ||= mayBeSecret(one);
      return `\${${mayBeSecret(one) ? compiler.required(one).text : compiler.printed(one)}}`;
    }
    if (literal !== undefined) literal += one.literal;
    const text = templateText(one.literal);
    return isLong ? text : text.replaceAll('\n', '\\n');
  });
  if (literal !== undefined) return textLiteral(literal);
  const text = `\`${pieces.join('')}\``;
  return isSecret ? code(`${compiler.use('withSecrets')}${text}`, 'any', { run }) : code(text, 'text', { run });
}

/**
 * A value as the text that it is in Ansible, which drops the line end behind the last statement and then restores what
 * the source has and the text lacks.
 */
export function wholeText(compiler: Compiler, nodes: readonly Statement[], source: string): Code {
  return withLineEnds(compiler, joinedText(compiler, nodes, source.trimEnd().includes('\n')), nodes, source);
}

/** A text with the line ends that Ansible restores. */
export function withLineEnds(compiler: Compiler, made: Code, nodes: readonly Statement[], source: string): Code {
  const [, ends = ''] = /[%#]\}(\n+)$/.exec(source) ?? [];
  if (ends === '' || keepsLineEnds(nodes, source)) return made;
  if (ends.length === 1 && lineEndOf(nodes, false) === false && made.text.endsWith('`'))
    return code(`${made.text.slice(0, -1)}\\n\``, made.kind, { run: made.run });
  return code(`${compiler.use('withLineEnds')}(${made.text}, ${lineEndsOf(source)})`, made.kind, { run: made.run });
}

/** Whether what these make ends with a line end; undefined where that depends. */
function lineEndOf(nodes: readonly Statement[], before: boolean | undefined): boolean | undefined {
  return nodes.reduce((ends: boolean | undefined, node) => {
    if (node.kind === 'plain') return node.text === '' ? ends : node.text.endsWith('\n');
    if (node.kind !== 'if') return undefined;
    const all = [...node.branches.map(({ body }) => body), node.otherwise ?? []].map((body) => lineEndOf(body, ends));
    return all.every((one) => one === all[0]) ? all[0] : undefined;
  }, before);
}

function pieceOf(compiler: Compiler, node: Statement, isLong: boolean): Code {
  if (node.kind === 'plain') return textLiteral(node.text);
  if (node.kind === 'output') return compiler.expression(node.expression);
  if (node.kind === 'for') return loopOf(compiler, node, isLong);
  if (node.kind !== 'if') throw new NotImported('statement in a value', 'a Jinja statement stands in a value');
  const otherwise = joinedText(compiler, node.otherwise ?? [], isLong);
  return node.branches.reduceRight((no, { test, body }): Code => {
    const asked = condition(compiler, compiler.expression(test));
    const yes = joinedText(compiler, body, isLong);
    const text = `${bracketed(asked, level.nullish)} ? ${yes.text} : ${no.text}`;
    const kind = yes.kind === 'any' || no.kind === 'any' ? 'any' : 'text';
    return code(text, kind, { level: level.choice, run: asked.run | yes.run | no.run });
  }, otherwise);
}

/** A loop as what it makes of each item, put together. */
function loopOf(compiler: Compiler, { target, iterable, body }: For, isLong: boolean): Code {
  const name = target.kind === 'name' ? target.name : '';
  const list = resultList(compiler.expression(iterable), (helper) => compiler.use(helper));
  const isList = list.maybe === undefined && (list.kind === 'list' || list.kind === 'texts');
  const over = isList ? bracketed(list, level.primary) : `${compiler.use('list')}(${list.text})`;
  const parameter = name === 'item' ? name : identifier(name, compiler.scope.taken, 'Item');
  const kind = list.kind === 'texts' ? 'text' : 'any';
  const of = joinedText(compiler.within(new Map([[name, code(parameter, kind)]])), body, isLong);
  const type = kind === 'any' ? ': any' : '';
  const made = `${over}.map((${parameter}${type}) => ${of.text})`;
  const run = list.run | of.run;
  if (of.kind !== 'text') throw new NotImported('statement in a value', 'a loop over what may be secret');
  return code(`${made}.join('')`, 'text', { run });
}

export const isStatement = ({ kind }: Statement): boolean => kind !== 'plain' && kind !== 'output';

/** Whether a statement is more than a choice or a loop that reads well in a template literal. */
export function needsFunction(node: Statement): boolean {
  switch (node.kind) {
    case 'plain':
    case 'output':
      return false;
    case 'if':
      return [...node.branches.map(({ body }) => body), node.otherwise ?? []].flat().some(needsFunction);
    case 'for':
      return (
        node.target.kind !== 'name' ||
        node.test !== undefined ||
        node.otherwise !== undefined ||
        node.recursive ||
        mentionsLoop(node.body) ||
        node.body.some(needsFunction)
      );
    default:
      return true;
  }
}

/** What statements that print nothing lead to: `{% set x = ... %}{{ x }}` is a value, not its text. */
export function valueBehind(nodes: readonly Statement[]): Expression | undefined {
  const last = nodes.at(-1);
  if (last?.kind !== 'output' || nodes.length < 2) return undefined;
  return nodes.slice(0, -1).every(printsNothing) ? last.expression : undefined;
}

function printsNothing(node: Statement): boolean {
  switch (node.kind) {
    case 'plain':
      return node.text === '';
    case 'set':
    case 'set block':
    case 'macro':
      return true;
    case 'if':
      return [...node.branches.map(({ body }) => body), node.otherwise ?? []].flat().every(printsNothing);
    case 'for':
      return node.body.every(printsNothing);
    default:
      return false;
  }
}

/** Ansible makes lists, mappings and truth values of texts that look like them. */
export function mayBeValue(nodes: readonly Statement[]): boolean {
  const first = nodes.find((node) => node.kind !== 'plain' || node.text.trim() !== '');
  if (first === undefined || first.kind === 'output') return false;
  if (first.kind === 'plain') return /^\s*[[{]/.test(first.text);
  if (first.kind === 'for') return mayBeValue(first.body);
  if (printsNothing(first)) return mayBeValue(nodes.slice(nodes.indexOf(first) + 1));
  if (first.kind !== 'if') return false;
  const bodies = [...first.branches.map(({ body }) => body), first.otherwise ?? []];
  return bodies.some((body) => mayBeValue(body) || body.some((node) => node.kind === 'plain' && isTruth(node.text)));
}

const isTruth = (text: string): boolean => ['True', 'False'].includes(text.trim());
