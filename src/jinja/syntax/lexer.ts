import { defaultSyntax, type SyntaxOptions } from './options.ts';
import { JinjaSyntaxError } from './problem.ts';
import { readTokens, type Token } from './tokens.ts';

/** A piece of a template: text after whitespace control, or the inside of a tag. */
export type Piece =
  | { readonly kind: 'plain'; readonly text: string; readonly at: number; readonly end: number }
  | {
      readonly kind: 'variable' | 'block';
      readonly tokens: readonly Token[];
      readonly at: number;
      readonly end: number;
    };

/** Line ends as one character, and the last one gone, as Jinja2 has them. */
export function normalised(text: string, { keepTrailingNewline = false }: SyntaxOptions): string {
  const lines = text.replaceAll(/\r\n?/g, '\n');
  return !keepTrailingNewline && lines.endsWith('\n') ? lines.slice(0, -1) : lines;
}

const escaped = (sign: string): string => sign.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/**
 * Cuts a template (`normalised`) into text and tags. Comments are gone, `{% raw %}` is text.
 *
 * @throws JinjaSyntaxError
 */
export function cut(source: string, options: SyntaxOptions): Piece[] {
  return new Cutter(source, { ...defaultSyntax, ...options }).pieces();
}

class Cutter {
  readonly #source: string;
  readonly #options: Required<SyntaxOptions>;
  readonly #begin: RegExp;
  readonly #ends: Readonly<Record<'variable' | 'block' | 'comment' | 'raw', RegExp>>;
  readonly #rawBegin: RegExp;
  readonly #pieces: Piece[] = [];

  constructor(source: string, options: Required<SyntaxOptions>) {
    this.#source = source;
    this.#options = options;
    const { variableStart, blockStart, commentStart, trimBlocks } = options;
    const lineEnd = trimBlocks ? String.raw`\n?` : '';
    // The longest sign counts where one begins another.
    const signs = [variableStart, blockStart, commentStart].sort((a, b) => b.length - a.length).map(escaped);
    this.#begin = new RegExp(`(${signs.join('|')})([-+]?)`, 'g');
    const [variable, block, comment, begin] = [
      options.variableEnd,
      options.blockEnd,
      options.commentEnd,
      blockStart,
    ].map(escaped) as [string, string, string, string];
    const blockClose = String.raw`(?:\+${block}|-${block}\s*|${block}${lineEnd})`;
    this.#ends = {
      variable: new RegExp(String.raw`-${variable}\s*|${variable}`, 'y'),
      block: new RegExp(blockClose, 'y'),
      comment: new RegExp(String.raw`\+${comment}|-${comment}\s*|${comment}${lineEnd}`, 'g'),
      raw: new RegExp(String.raw`${begin}([-+]?)\s*endraw\s*${blockClose}`, 'g'),
    };
    this.#rawBegin = new RegExp(String.raw`${begin}[-+]?\s*raw\s*(?:-${block}\s*|${block})`, 'y');
  }

  pieces(): Piece[] {
    for (let at = 0; at < this.#source.length;) at = this.#next(at);
    return this.#pieces;
  }

  /** @returns where the next piece begins */
  #next(at: number): number {
    this.#begin.lastIndex = at;
    const begin = this.#begin.exec(this.#source);
    const until = begin?.index ?? this.#source.length;
    const [whole = '', sign = '', control = ''] = begin ?? [];
    const isVariable = sign === this.#options.variableStart;
    this.#text(this.#trimmed(at, until, control, isVariable || begin === null), at, until);
    if (begin === null) return until;
    const inside = until + whole.length;
    if (sign === this.#options.commentStart) return this.#comment(inside, until);
    if (!isVariable) {
      this.#rawBegin.lastIndex = until;
      const raw = this.#rawBegin.exec(this.#source);
      if (raw !== null) return this.#raw(until + raw[0].length, until);
    }
    return this.#tag(isVariable ? 'variable' : 'block', inside, until);
  }

  #trimmed(from: number, until: number, control: string, isVariable: boolean): string {
    const text = this.#source.slice(from, until);
    if (control === '-') return text.trimEnd();
    if (control === '+' || isVariable || !this.#options.lstripBlocks) return text;
    const lineStart = text.lastIndexOf('\n') + 1;
    // The tag before may have taken its line end along.
    const isOwnLine = lineStart > 0 || from === 0 || this.#source.charAt(from - 1) === '\n';
    return isOwnLine && text.slice(lineStart).trim() === '' ? text.slice(0, lineStart) : text;
  }

  #text(text: string, at: number, end: number): void {
    if (text !== '') this.#pieces.push({ kind: 'plain', text, at, end });
  }

  #comment(inside: number, at: number): number {
    this.#ends.comment.lastIndex = inside;
    const close = this.#ends.comment.exec(this.#source);
    if (close === null) throw new JinjaSyntaxError('this comment is not closed', this.#source, at);
    return close.index + close[0].length;
  }

  #raw(inside: number, at: number): number {
    this.#ends.raw.lastIndex = inside;
    const close = this.#ends.raw.exec(this.#source);
    if (close === null) throw new JinjaSyntaxError('this raw block has no endraw', this.#source, at);
    this.#text(this.#trimmed(inside, close.index, close[1] ?? '', false), inside, close.index);
    return close.index + close[0].length;
  }

  #tag(kind: 'variable' | 'block', inside: number, at: number): number {
    const { tokens, close } = readTokens(this.#source, inside, {
      pattern: this.#ends[kind],
      literalBackslashes: kind === 'variable' && this.#options.literalBackslashes,
    });
    const end = close.index + close[0].length;
    this.#pieces.push({ kind, tokens, at, end });
    return end;
  }
}
