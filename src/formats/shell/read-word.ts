import { UnreadShell, type Part, type Script, type Word } from './syntax.ts';

/** What reading words needs of who reads commands: `$(...)` and backquotes hold a script. */
export type ReadScript = (text: string) => Script;

const ends = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')']);

/** Reads words of sh, quotes and expansions included (POSIX, Shell Command Language, 2.2 and 2.6). */
export class WordReader {
  readonly text: string;
  at = 0;
  readonly #readScript: ReadScript;

  constructor(text: string, readScript: ReadScript) {
    this.text = text;
    this.#readScript = readScript;
  }

  /** @param until ends the word as well: `}` within `${NAME:-WORD}` */
  word(until = ''): Part[] {
    const parts: Part[] = [];
    while (this.at < this.text.length) {
      const char = this.text[this.at] ?? '';
      if (until === '' ? ends.has(char) : char === until) break;
      parts.push(...this.#piece(char, false));
    }
    return parts;
  }

  /** What stands in a here-document: as between double quotes. */
  static document(text: string, readScript: ReadScript): Word {
    const reader = new WordReader(text, readScript);
    const parts: Part[] = [];
    while (reader.at < text.length) parts.push(...reader.#piece(text[reader.at] ?? '', true, false));
    return parts;
  }

  #piece(char: string, quoted: boolean, hasQuotes = true): Part[] {
    this.at++;
    switch (char) {
      case '\\':
        return this.#escaped(quoted);
      case "'":
        return quoted ? [text(char, true)] : [text(this.#until("'"), true)];
      case '"':
        return hasQuotes ? this.#quoted() : [text(char, true)];
      case '`':
        return [{ is: 'output', of: this.#readScript(this.#until('`').replace(/\\([$`\\])/g, '$1')), quoted }];
      case '$':
        return [this.#expansion(quoted)];
      default:
        return [text(char, quoted)];
    }
  }

  #escaped(quoted: boolean): Part[] {
    const next = this.text[this.at++] ?? '';
    if (next === '\n') return [];
    return quoted && !'$`"\\'.includes(next) ? [text(`\\${next}`, true)] : [text(next, true)];
  }

  #quoted(): Part[] {
    // Nothing between quotes is a word all the same.
    const parts: Part[] = [text('', true)];
    while (this.text[this.at] !== '"') {
      if (this.at >= this.text.length) throw new UnreadShell('a quote is open');
      parts.push(...this.#piece(this.text[this.at] ?? '', true));
    }
    this.at++;
    return parts;
  }

  #until(end: string): string {
    const from = this.at;
    while (this.text[this.at] !== end) {
      if (this.at >= this.text.length) throw new UnreadShell(`${end} is open`);
      if (end === '`' && this.text[this.at] === '\\') this.at++;
      this.at++;
    }
    return this.text.slice(from, this.at++);
  }

  #expansion(quoted: boolean): Part {
    if (this.text.startsWith('((', this.at)) {
      this.#balanced();
      return { is: 'unread', quoted };
    }
    if (this.text[this.at] === '(') return { is: 'output', of: this.#readScript(this.#balanced()), quoted };
    if (this.text[this.at] === '{') return this.#braced(quoted);
    const name = /^(?:[A-Za-z_]\w*|[0-9@*#?$!-])/.exec(this.text.slice(this.at, this.at + 200))?.[0];
    if (name === undefined) return text('$', quoted);
    this.at += name.length;
    return { is: 'variable', name, operator: '', operand: [], quoted };
  }

  #braced(quoted: boolean): Part {
    const head = /^\{(#?)([A-Za-z_]\w*|[0-9]+|[@*#?$!-])(:?[-+=?]|##?|%%?)?/.exec(
      this.text.slice(this.at, this.at + 200),
    );
    if (head === null) throw new UnreadShell('an expansion of an unknown kind');
    this.at += head[0].length;
    const operand = this.word('}');
    if (this.text[this.at++] !== '}') throw new UnreadShell('an expansion is open');
    const [, length = '', name = '', operator = ''] = head;
    // What bash has beyond is in neither.
    if (length !== '' || (operator === '' && operand.length > 0)) return { is: 'unread', quoted };
    return { is: 'variable', name, operator, operand, quoted };
  }

  /** The text between this parenthesis and its other half, by quotes. */
  #balanced(): string {
    const from = this.at + 1;
    let depth = 0;
    while (this.at < this.text.length) {
      const char = this.text[this.at++];
      if (char === '\\') this.at++;
      else if (char === "'") this.#until("'");
      else if (char === '"') this.#quoted();
      else if (char === '(') depth++;
      else if (char === ')' && --depth === 0) return this.text.slice(from, this.at - 1);
    }
    throw new UnreadShell('a parenthesis is open');
  }
}

function text(value: string, quoted: boolean): Part {
  return { is: 'text', text: value, quoted };
}
