import { PythonValue, mappingOf } from '../values/index.ts';
import { simpleEscapes } from './python-escapes.ts';

/** What Python's literals come to; sets and tuples are lists. */
export type PythonLiteral =
  | null
  | boolean
  | number
  | string
  | PythonValue
  | readonly PythonLiteral[]
  | { readonly [key: string]: PythonLiteral };

/**
 * Only thrown inside: the text is no literal, so Ansible takes it as a plain string. A single instance: a stack trace
 * for each address of a large inventory costs more than reading it.
 */
const noLiteral = new Error('not a Python literal');

/**
 * An inline INI value as Ansible reads it: what Python's `ast.literal_eval` accepts becomes that value (numbers, quoted
 * strings, True, False, None, lists, tuples, dictionaries; a `#` comment after one is dropped), anything else is the
 * text itself. So `0644` stays text, `80,443` is a list, and `true` is text.
 */
export function parseInlineValue(text: string): PythonLiteral {
  // The usual value is a word: no parser is started for that.
  if (!/^[\s]*[-+.\d"'([{TFNrRuUbBs]/.test(text)) return text;
  try {
    return new LiteralParser(text.replace(/^[ \t]+/, ''), inlineRules).parse();
  } catch (error) {
    if (error === noLiteral) return text;
    throw error;
  }
}

/**
 * What Ansible makes of a text that a template printed and that looks like a list, a mapping or a truth value: Python's
 * literals, and JSON's names for them; undefined where it stays a text.
 */
export function parsePrintedValue(text: string): PythonLiteral | undefined {
  if (!/^[[{]|^(?:True|False)$/.test(text)) return undefined;
  try {
    return new LiteralParser(text, printedRules).parse();
  } catch (error) {
    if (error === noLiteral) return undefined;
    throw error;
  }
}

interface Rules {
  /** What may stand between the parts. */
  readonly space: RegExp;
  readonly keyword: RegExp;
}

/** As in CPython's tokenizer: nested deeper than this it is no literal there, nor do we recurse that deep. */
const mostBrackets = 200;

const integer =
  /(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?0)*(?![\d_.eEjJ])|[1-9](?:_?\d)*(?![\d_.eEjJ]))/y;
const float =
  /(?:(?:\d(?:_?\d)*)?\.\d(?:_?\d)*|\d(?:_?\d)*\.)(?:[eE][-+]?\d(?:_?\d)*)?|\d(?:_?\d)*[eE][-+]?\d(?:_?\d)*/y;
const stringStart = /(?<prefix>[rRuU]|[bB][rR]?|[rR][bB])?(?<quote>'''|"""|'|")/y;
const inlineRules: Rules = { space: /[ \t\f]*(?:#[^\n]*)?/y, keyword: /(?:True|False|None|set\(\))(?![\w(])/y };
const printedRules: Rules = {
  space: /(?:[ \t\f\r\n]|#[^\n]*)*/y,
  keyword: /(?:True|False|None|set\(\)|true|false|null)(?![\w(])/y,
};
const keywords: Readonly<Record<string, PythonLiteral>> = {
  'True': true,
  'true': true,
  'False': false,
  'false': false,
  'None': null,
  'null': null,
  'set()': Object.freeze([]),
};

class LiteralParser {
  readonly #text: string;
  readonly #rules: Rules;
  #at = 0;
  #depth = 0;

  constructor(text: string, rules: Rules) {
    this.#text = text;
    this.#rules = rules;
  }

  parse(): PythonLiteral {
    const value = this.#list('');
    this.#space();
    if (this.#at < this.#text.length) throw noLiteral;
    return value;
  }

  #space(): void {
    this.#take(this.#rules.space);
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found;
  }

  #is(character: string): boolean {
    this.#space();
    if (this.#text.charAt(this.#at) !== character) return false;
    this.#at++;
    return true;
  }

  /** One value, or several with commas: a tuple. `close` is the bracket at which it ends. */
  #list(close: string): PythonLiteral {
    const first = this.#value();
    if (!this.#is(',')) return first;
    const items = [first];
    while (!this.#atEnd(close)) {
      items.push(this.#value());
      if (!this.#is(',')) break;
    }
    return Object.freeze(items);
  }

  #atEnd(close: string): boolean {
    this.#space();
    return close === '' ? this.#at >= this.#text.length : this.#text.charAt(this.#at) === close;
  }

  #value(): PythonLiteral {
    if (++this.#depth > mostBrackets) throw noLiteral;
    try {
      return this.#oneValue();
    } finally {
      this.#depth--;
    }
  }

  #oneValue(): PythonLiteral {
    this.#space();
    if (this.#is('[')) return this.#items(']');
    if (this.#is('(')) {
      if (this.#is(')')) return Object.freeze([]);
      const value = this.#list(')');
      if (!this.#is(')')) throw noLiteral;
      return value;
    }
    if (this.#is('{')) return this.#braces();
    const word = this.#take(this.#rules.keyword)?.[0];
    if (word !== undefined) return keywords[word] ?? null;
    return this.#string() ?? this.#number();
  }

  #items(close: string): PythonLiteral {
    const items: PythonLiteral[] = [];
    while (!this.#is(close)) {
      if (items.length > 0 && !this.#is(',')) throw noLiteral;
      if (items.length > 0 && this.#is(close)) break;
      items.push(this.#value());
    }
    return Object.freeze(items);
  }

  /** A dictionary, or a set (given as a list). */
  #braces(): PythonLiteral {
    if (this.#is('}')) return Object.freeze({});
    const first = this.#value();
    if (!this.#is(':')) {
      if (this.#is('}')) return Object.freeze([first]);
      if (!this.#is(',')) throw noLiteral;
      const rest = this.#items('}');
      return Object.freeze([...new Set([first, ...(Array.isArray(rest) ? rest : [])])]);
    }
    const entries: [string, PythonLiteral][] = [[keyText(first), this.#value()]];
    while (!this.#is('}')) {
      if (!this.#is(',')) throw noLiteral;
      if (this.#is('}')) break;
      const key = keyText(this.#value());
      if (!this.#is(':')) throw noLiteral;
      entries.push([key, this.#value()]);
    }
    return mappingOf(entries);
  }

  #number(): PythonLiteral {
    this.#space();
    const sign = this.#take(/[-+][ \t]*/y)?.[0].charAt(0) ?? '';
    const whole = this.#take(integer);
    if (whole !== undefined) {
      const exact = BigInt(whole[0].replaceAll('_', '')) * (sign === '-' ? -1n : 1n);
      return PythonValue.int(exact);
    }
    const fraction = this.#take(float);
    if (fraction === undefined || /[jJ\w]/.test(this.#text.charAt(this.#at))) throw noLiteral;
    return PythonValue.float(Number(sign + fraction[0].replaceAll('_', '')));
  }

  #string(): string | undefined {
    let text: string | undefined;
    for (;;) {
      this.#space();
      const start = this.#take(stringStart)?.groups;
      if (start === undefined) return text;
      text = (text ?? '') + this.#quoted(start['quote'] ?? '', /r/i.test(start['prefix'] ?? ''));
    }
  }

  #quoted(quote: string, raw: boolean): string {
    let text = '';
    while (!this.#text.startsWith(quote, this.#at)) {
      if (this.#at >= this.#text.length) throw noLiteral;
      const c = this.#text.charAt(this.#at++);
      if (c !== '\\') text += c;
      else text += raw ? c + this.#text.charAt(this.#at++) : this.#escape();
    }
    this.#at += quote.length;
    return text;
  }

  #escape(): string {
    const code = this.#take(/x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})/y);
    if (code !== undefined)
      return String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(code[1] ?? code[2] ?? code[3] ?? '0', 16)));
    const octal = this.#take(/[0-7]{1,3}/y);
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal[0], 8));
    const c = this.#text.charAt(this.#at++);
    if (c === '' || c === 'x' || c === 'u' || c === 'U' || c === 'N') throw noLiteral;
    return simpleEscapes.get(c) ?? `\\${c}`;
  }
}

/** Keys of mappings are text here; Python's json.dumps does the same. */
function keyText(key: PythonLiteral): string {
  if (key instanceof PythonValue) return key.text;
  if (typeof key === 'object' && key !== null) throw noLiteral;
  return String(key);
}
