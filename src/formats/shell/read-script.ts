import { WordReader } from './read-word.ts';
import { UnreadShell, type Command, type Redirection, type Script, type Word } from './syntax.ts';

const reserved = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}']);

/**
 * Reads a script of POSIX sh (Shell Command Language, 2.10).
 *
 * @throws UnreadShell where it is none, or has what is not read here
 * @example readScript('if [ -z "$2" ]; then ln -s a b; fi')
 */
export function readScript(text: string): Script {
  const reader = new ScriptReader(text);
  const script = reader.list(() => false);
  if (!reader.isAtEnd) throw new UnreadShell('there is something after the end');
  return script;
}

/** A recursive descent over the text. */
class ScriptReader extends WordReader {
  /** Here-documents whose text follows on the next lines. */
  #documents: { readonly end: string; readonly dashed: boolean; readonly redirection: { target: Word } }[] = [];

  constructor(text: string) {
    super(text, readScript);
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  list(isEnd: () => boolean): Script {
    const found: Command[] = [];
    for (;;) {
      this.#blanks(true);
      if (this.isAtEnd || isEnd()) return found;
      found.push(this.#andOr());
      this.#blanks(false);
      if (this.text.startsWith(';;', this.at)) continue;
      if (/^[;&\n]/.test(this.text[this.at] ?? '')) this.#separator();
      else if (!this.isAtEnd && !isEnd())
        throw new UnreadShell(`"${this.text.slice(this.at, this.at + 20)}" was not expected`);
    }
  }

  #separator(): void {
    if (this.text[this.at] !== '\n') this.at++;
  }

  #andOr(): Command {
    let left = this.#pipeline();
    for (;;) {
      this.#blanks(false);
      const operator = this.text.slice(this.at, this.at + 2);
      if (operator !== '&&' && operator !== '||') return left;
      this.at += 2;
      this.#blanks(true);
      left = { is: operator === '&&' ? 'and' : 'or', left, right: this.#pipeline() };
    }
  }

  #pipeline(): Command {
    if (this.#takes('!')) {
      this.#blanks(false);
      return { is: 'not', command: this.#pipeline() };
    }
    const parts = [this.#command()];
    for (;;) {
      this.#blanks(false);
      if (this.text[this.at] !== '|' || this.text[this.at + 1] === '|') break;
      this.at++;
      this.#blanks(true);
      parts.push(this.#command());
    }
    const [only] = parts;
    return only !== undefined && parts.length === 1 ? only : { is: 'pipeline', parts };
  }

  #command(): Command {
    const compound = this.#compound();
    if (compound === undefined) return this.#simple();
    const redirections: Redirection[] = [];
    for (;;) {
      this.#blanks(false);
      const one = this.#redirection();
      if (one === undefined) break;
      redirections.push(one);
    }
    if (redirections.length === 0 || compound.is === 'function') return compound;
    // Where it goes to is written, whatever it is.
    return { is: 'group', body: [{ is: 'simple', assignments: [], words: [], redirections }, compound] };
  }

  #compound(): Command | undefined {
    if (this.text[this.at] === '(') {
      this.at++;
      const body = this.list(() => this.text[this.at] === ')');
      this.#expectText(')');
      return { is: 'subshell', body };
    }
    switch (this.#peekWord()) {
      case '{':
        this.#expect('{');
        return { is: 'group', body: this.#body('}') };
      case 'if':
        return this.#if();
      case 'case':
        return this.#case();
      case 'for':
        return this.#for();
      case 'while':
      case 'until':
        this.at += 5;
        return { is: 'loop', condition: this.#body('do'), body: this.#body('done') };
      default:
        return this.#function();
    }
  }

  #function(): Command | undefined {
    const head = /^([A-Za-z_][\w-]*)[ \t]*\(\)\s*/.exec(this.text.slice(this.at, this.at + 200));
    if (head === null) return undefined;
    this.at += head[0].length;
    this.#blanks(true);
    return { is: 'function', name: head[1] ?? '', body: this.#command() };
  }

  #body(end: string): Script {
    const body = this.list(() => this.#peekWord() === end);
    this.#expect(end);
    return body;
  }

  #if(): Command {
    this.#expect('if');
    const branches: { condition: Script; body: Script }[] = [];
    for (;;) {
      const condition = this.#body('then');
      const body = this.list(() => ['elif', 'else', 'fi'].includes(this.#peekWord()));
      branches.push({ condition, body });
      const next = this.#peekWord();
      this.#expect(next);
      if (next === 'elif') continue;
      return { is: 'if', branches, otherwise: next === 'else' ? this.#body('fi') : [] };
    }
  }

  #case(): Command {
    this.#expect('case');
    this.#blanks(false);
    const word = this.word();
    this.#blanks(true);
    this.#expect('in');
    const branches: { patterns: Word[]; body: Script }[] = [];
    for (;;) {
      this.#blanks(true);
      if (this.#takes('esac')) return { is: 'case', word, branches };
      if (this.text[this.at] === '(') this.at++;
      const patterns: Word[] = [];
      do {
        this.#blanks(false);
        patterns.push(this.word());
        this.#blanks(false);
      } while (this.text[this.at] === '|' && this.at++ > 0);
      this.#expectText(')');
      const body = this.list(() => this.text.startsWith(';;', this.at) || this.#peekWord() === 'esac');
      if (this.text.startsWith(';;', this.at)) this.at += 2;
      branches.push({ patterns, body });
    }
  }

  #for(): Command {
    this.#expect('for');
    this.#blanks(false);
    const name = this.#peekWord();
    this.at += name.length;
    this.#blanks(true);
    let words: Word[] | undefined;
    if (this.#takes('in')) {
      words = [];
      for (;;) {
        this.#blanks(false);
        if (/^[;\n]/.test(this.text[this.at] ?? '\n')) break;
        words.push(this.word());
      }
    }
    this.#blanks(false);
    if (this.text[this.at] === ';') this.at++;
    this.#blanks(true);
    this.#expect('do');
    return { is: 'for', name, words, body: this.#body('done') };
  }

  #simple(): Command {
    const assignments: { name: string; value: Word }[] = [];
    const words: Word[] = [];
    const redirections: Redirection[] = [];
    const from = this.at;
    for (;;) {
      this.#blanks(false);
      const redirection = this.#redirection();
      if (redirection !== undefined) {
        redirections.push(redirection);
        continue;
      }
      const assigned = words.length === 0 ? /^([A-Za-z_]\w*)=/.exec(this.text.slice(this.at, this.at + 200)) : null;
      if (assigned !== null) {
        this.at += assigned[0].length;
        assignments.push({ name: assigned[1] ?? '', value: this.word() });
        continue;
      }
      const begin = this.at;
      const word = this.word();
      if (this.at === begin) break;
      words.push(word);
    }
    if (this.at === from || reserved.has(this.text.slice(from, this.at).trim()))
      throw new UnreadShell(`"${this.text.slice(from, from + 20)}" is no command`);
    return { is: 'simple', assignments, words, redirections };
  }

  #redirection(): Redirection | undefined {
    const head = /^\d*(<<-?|[<>]&|>>|>\||<>|[<>])/.exec(this.text.slice(this.at, this.at + 10));
    if (head === null) return undefined;
    this.at += head[0].length;
    this.#blanks(false);
    const operator = head[1] ?? '';
    const from = this.at;
    const redirection = { operator, target: this.word() };
    if (operator.startsWith('<<'))
      this.#documents.push({ end: this.text.slice(from, this.at), dashed: operator === '<<-', redirection });
    return redirection;
  }

  /** Blanks, comments and joined lines; line ends where a command may go on behind them. */
  #blanks(lines: boolean): void {
    for (;;) {
      const char = this.text[this.at];
      if (char === ' ' || char === '\t') this.at++;
      else if (char === '\\' && this.text[this.at + 1] === '\n') this.at += 2;
      else if (char === '#') this.#skipLine();
      else if (char === '\n' && lines) {
        this.at++;
        this.#readDocuments();
      } else return;
    }
  }

  #skipLine(): void {
    const end = this.text.indexOf('\n', this.at);
    this.at = end < 0 ? this.text.length : end;
  }

  #readDocuments(): void {
    for (const { end, dashed, redirection } of this.#documents.splice(0)) {
      const isPlain = /['"\\]/.test(end);
      const mark = end.replace(/['"\\]/g, '');
      const lines: string[] = [];
      for (;;) {
        if (this.isAtEnd) break;
        const from = this.at;
        this.#skipLine();
        const line = this.text.slice(from, this.at++);
        const bare = dashed ? line.replace(/^\t+/, '') : line;
        if (bare === mark) break;
        lines.push(`${bare}\n`);
      }
      const all = lines.join('');
      redirection.target = isPlain ? [{ is: 'text', text: all, quoted: true }] : WordReader.document(all, readScript);
    }
  }

  #peekWord(): string {
    return /^(?:[A-Za-z_]\w*|[{}!])(?=[\s;&|()<>]|$)/.exec(this.text.slice(this.at, this.at + 100))?.[0] ?? '';
  }

  #takes(word: string): boolean {
    if (this.#peekWord() !== word) return false;
    this.at += word.length;
    return true;
  }

  #expect(word: string): void {
    this.#blanks(true);
    if (word === '' || !this.#takes(word)) throw new UnreadShell(`"${word}" is missing`);
  }

  #expectText(text: string): void {
    this.#blanks(true);
    if (!this.text.startsWith(text, this.at)) throw new UnreadShell(`"${text}" is missing`);
    this.at += text.length;
  }
}
