import { simpleEscapes } from '../../formats/python-escapes.ts';
import { JinjaSyntaxError } from './problem.ts';

export type TokenKind = 'name' | 'text' | 'integer' | 'float' | 'operator' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** The operator or name; the value of a text. */
  readonly text: string;
  readonly number: number | bigint;
  readonly at: number;
  readonly end: number;
}

const blank = /\s+/y;
const float = /(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?[eE][+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/y;
const integer = /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*/y;
const name = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy;
const text = /'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"/y;
const operator = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y;
const openers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** What ends the tag: tried wherever no bracket is open. */
export interface TagEnd {
  readonly pattern: RegExp;
  /** Whether a backslash in a text stands for itself. */
  readonly literalBackslashes: boolean;
}

/**
 * Reads the inside of a tag.
 *
 * @returns its tokens, and the match of its end
 * @throws JinjaSyntaxError
 */
export function readTokens(
  source: string,
  from: number,
  { pattern, literalBackslashes }: TagEnd,
): { readonly tokens: readonly Token[]; readonly close: RegExpExecArray } {
  const tokens: Token[] = [];
  const brackets: string[] = [];
  for (let at = from; ;) {
    const close = brackets.length === 0 ? matchAt(pattern, source, at) : null;
    if (close !== null) {
      tokens.push({ kind: 'end', text: '', number: 0, at, end: at });
      return { tokens, close };
    }
    if (at >= source.length) throw new JinjaSyntaxError('this tag is not closed', source, Math.max(0, from - 2));
    const space = matchAt(blank, source, at);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    const token = tokenAt(source, at, literalBackslashes, tokens.at(-1)?.text === '.');
    if (token.kind === 'operator') followBracket(token, brackets, source);
    tokens.push(token);
    at = token.end;
  }
}

function followBracket({ text: sign, at }: Token, brackets: string[], source: string): void {
  const closer = openers[sign];
  if (closer !== undefined) brackets.push(closer);
  else if (sign === ')' || sign === ']' || sign === '}') {
    const expected = brackets.pop();
    if (expected !== sign)
      throw new JinjaSyntaxError(
        expected === undefined ? `"${sign}" closes nothing` : `found "${sign}" where "${expected}" was expected`,
        source,
        at,
      );
  }
}

function tokenAt(source: string, at: number, literalBackslashes: boolean, behindDot: boolean): Token {
  const fraction = behindDot ? null : matchAt(float, source, at);
  if (fraction !== null) return token('float', fraction[0], at, Number(fraction[0].replaceAll('_', '')));
  const whole = matchAt(integer, source, at);
  if (whole !== null) return token('integer', whole[0], at, integerOf(whole[0]));
  const word = matchAt(name, source, at);
  if (word !== null) return token('name', word[0], at);
  const quoted = matchAt(text, source, at);
  if (quoted !== null) {
    const value = textOf(quoted[0], literalBackslashes, source, at);
    return { ...token('text', quoted[0], at), text: value };
  }
  const sign = matchAt(operator, source, at);
  if (sign !== null) return token('operator', sign[0], at);
  const found = source.charAt(at);
  throw new JinjaSyntaxError(
    found === '"' || found === "'" ? 'this text has no closing quotation mark' : `"${found}" has no meaning here`,
    source,
    at,
  );
}

function token(kind: TokenKind, written: string, at: number, number: number | bigint = 0): Token {
  return { kind, text: written, number, at, end: at + written.length };
}

function matchAt(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

function integerOf(written: string): number | bigint {
  const exact = BigInt(written.replaceAll('_', '').toLowerCase());
  const value = Number(exact);
  return Number.isSafeInteger(value) ? value : exact;
}

/** A text within quotation marks, its escapes undone as Python does. */
function textOf(written: string, literalBackslashes: boolean, source: string, at: number): string {
  const inner = written.slice(1, -1);
  if (!inner.includes('\\')) return inner;
  if (!literalBackslashes) return undoEscapes(inner);
  // Ansible doubles each backslash before Jinja reads the text: an escaped quotation mark then ends it too early.
  if (/\\(?:\\\\)*(?=['"])/.test(inner) && hasEscapedQuote(inner, written.charAt(0)))
    throw new JinjaSyntaxError('Ansible reads no escaped quotation mark here: use the other kind', source, at);
  return inner;
}

function hasEscapedQuote(inner: string, quote: string): boolean {
  return inner.replaceAll(/\\[^]/g, (pair) => (pair.endsWith(quote) ? '\0' : '')).includes('\0');
}

/** Escapes of a Python text (`unicode-escape`); an unknown one stays as it is. */
function undoEscapes(inner: string): string {
  return inner.replaceAll(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([^]))/g,
    (whole: string, byte?: string, short?: string, long?: string, octal?: string, letter?: string) => {
      const hex = byte ?? short ?? long;
      if (hex !== undefined) return String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(hex, 16)));
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      return simpleEscapes.get(letter ?? '') ?? whole;
    },
  );
}
