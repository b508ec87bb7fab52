import type { Expression, Template } from './ast.ts';
import { ExpressionParser } from './expressions.ts';
import { cut, normalised } from './lexer.ts';
import { defaultSyntax, type SyntaxOptions } from './options.ts';
import { JinjaSyntaxError } from './problem.ts';
import { StatementParser } from './statements.ts';
import { TokenStream } from './token-stream.ts';
import { readTokens } from './tokens.ts';

/**
 * Reads a template as Jinja2 does, whitespace control included: the text of its `plain` nodes is what is printed.
 *
 * @throws JinjaSyntaxError with line and column
 * @example parseJinja('{{ port | default(80) }}').body[0]
 */
export function parseJinja(text: string, options: SyntaxOptions = {}): Template {
  const source = normalised(text, options);
  return { source, body: new StatementParser(source, cut(source, options)).template() };
}

/**
 * Reads one expression without `{{ }}`: a `when`, an `until`, the text of a `loop`.
 *
 * @throws JinjaSyntaxError with line and column
 * @example parseJinjaExpression("a is defined and a != 'x'")
 */
export function parseJinjaExpression(text: string, options: SyntaxOptions = {}): Expression {
  const { literalBackslashes } = { ...defaultSyntax, ...options };
  const { tokens } = readTokens(text, 0, { pattern: /$/y, literalBackslashes });
  const stream = new TokenStream(text, tokens);
  const expression = new ExpressionParser(stream).tuple();
  if (!stream.is('end')) throw new JinjaSyntaxError('there is something after the expression', text, stream.current.at);
  return expression;
}
