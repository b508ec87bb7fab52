import { JinjaSyntaxError } from './problem.ts';
import type { Token, TokenKind } from './tokens.ts';

/** The tokens of one tag, read from left to right. */
export class TokenStream {
  readonly source: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  /** @param tokens the last is of kind `end` */
  constructor(source: string, tokens: readonly Token[]) {
    this.source = source;
    this.#tokens = tokens;
  }

  get current(): Token {
    return this.peek(0);
  }

  peek(ahead: number): Token {
    const found = this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)];
    if (found === undefined) throw new JinjaSyntaxError('this tag is empty', this.source, 0);
    return found;
  }

  /** Where the token before the current one ended. */
  get endOfLast(): number {
    return this.#tokens[this.#next - 1]?.end ?? this.current.at;
  }

  take(): Token {
    const token = this.current;
    this.#next++;
    return token;
  }

  is(kind: TokenKind, ...texts: readonly string[]): boolean {
    return matches(this.current, kind, texts);
  }

  nextIs(kind: TokenKind, ...texts: readonly string[]): boolean {
    return matches(this.peek(1), kind, texts);
  }

  /** Takes the current token if it is this one. */
  skip(kind: TokenKind, text: string): boolean {
    const isThis = this.is(kind, text);
    if (isThis) this.#next++;
    return isThis;
  }

  expect(kind: TokenKind, text?: string): Token {
    const { current } = this;
    if (current.kind === kind && (text === undefined || current.text === text)) return this.take();
    throw this.fail(`expected ${text === undefined ? nameOf(kind) : `"${text}"`}, found ${shown(current)}`);
  }

  fail(message: string, at = this.current.at): JinjaSyntaxError {
    return new JinjaSyntaxError(message, this.source, at);
  }

  unexpected(): JinjaSyntaxError {
    return this.fail(`${shown(this.current)} has no meaning here`);
  }
}

function matches({ kind, text }: Token, wanted: TokenKind, texts: readonly string[]): boolean {
  return kind === wanted && (texts.length === 0 || texts.includes(text));
}

function nameOf(kind: TokenKind): string {
  return kind === 'end' ? 'the end of the tag' : `a ${kind}`;
}

function shown({ kind, text }: Token): string {
  if (kind === 'end') return 'the end of the tag';
  return kind === 'text' ? 'a text' : `"${text}"`;
}
