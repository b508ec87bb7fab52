import type { Statement } from '../../jinja/index.ts';
import { bracketed, code, level, NotImported, templateText, textLiteral, type Code } from './code.ts';
import type { Compiler } from './compiling.ts';
import { condition } from './operators.ts';
import { mayBeSecret } from './secret-names.ts';

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
 *
 * @throws NotImported where only the run knows whether one is lacking
 */
export function wholeText(compiler: Compiler, nodes: readonly Statement[], source: string): Code {
  const made = joinedText(compiler, nodes, source.trimEnd().includes('\n'));
  const [, ends = ''] = /%\}(\n+)$/.exec(source) ?? [];
  if (ends === '') return made;
  const endsWithLine = lineEndOf(nodes, false);
  if (ends.length > 1 || endsWithLine === undefined)
    throw new NotImported('statement in a value', 'whether the text ends with a line end is only known in the run');
  if (endsWithLine) return made;
  return code(`${made.text.slice(0, -1)}\\n\``, made.kind, { run: made.run });
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

/** Ansible makes lists, mappings and truth values of texts that look like them. */
export function mayBeValue(nodes: readonly Statement[]): boolean {
  const first = nodes.find((node) => node.kind !== 'plain' || node.text.trim() !== '');
  if (first === undefined || first.kind === 'output') return false;
  if (first.kind === 'plain') return /^\s*[[{]/.test(first.text);
  if (first.kind !== 'if') return false;
  const bodies = [...first.branches.map(({ body }) => body), first.otherwise ?? []];
  return bodies.some((body) => mayBeValue(body) || body.some((node) => node.kind === 'plain' && isTruth(node.text)));
}

const isTruth = (text: string): boolean => ['True', 'False'].includes(text.trim());
