import { EditRefused } from './text-edit.ts';

/** A range of the text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

export interface XmlAttribute extends Span {
  readonly name: string;
  readonly value: string;
}

/** An element and where it stands: from `<` to behind its last `>`. */
export interface XmlElement extends Span {
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** Behind the name in the start tag: where a first attribute goes. */
  readonly nameEnd: number;
  /** Between start and end tag; undefined for `<name/>`. */
  readonly inner: Span | undefined;
  /** Character data directly inside, without what children hold. */
  readonly text: string;
}

// XML 1.0, 2.3: names are wider than this, but none of what ends one is in it.
const name = String.raw`[^\s<>/=&"'?!]+`;
const attribute = new RegExp(String.raw`\s+(${name})\s*=\s*("[^"<]*"|'[^'<]*')`, 'y');
const startTag = new RegExp(`<(${name})`, 'y');
const endTag = new RegExp(String.raw`</(${name})\s*>`, 'y');
const aside = /<!--[^]*?-->|<\?[^]*?\?>|<!DOCTYPE(?:[^[>]|\[[^\]]*\])*>/y;
const cdata = /<!\[CDATA\[([^]*?)\]\]>/y;

/**
 * Reads a well-formed XML text without entities of its own. Written here, as what is needed is where things stand, so
 * that all else stays as it is byte for byte; DOM packages give the text back in their own spelling.
 *
 * @throws EditRefused naming the line
 */
export function parseXml(text: string): XmlElement {
  const reader = new Reader(text);
  reader.skipAside();
  const root = reader.element();
  reader.skipAside();
  if (!root) return reader.fail('there is no element');
  if (reader.at !== text.length) reader.fail('there is something after the root element');
  return root;
}

class Reader {
  at = 0;
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }

  fail(what: string): never {
    throw new EditRefused(`it is not XML: ${what} (line ${this.#text.slice(0, this.at).split('\n').length})`);
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text);
    if (found) this.at += found[0].length;
    return found;
  }

  skipAside(): void {
    while (this.#take(/[\s\ufeff]+/y) ?? this.#take(aside));
  }

  element(): XmlElement | undefined {
    const start = this.at;
    const tag = this.#take(startTag);
    if (!tag) return undefined;
    const nameEnd = this.at;
    const attributes: XmlAttribute[] = [];
    for (let found = this.#take(attribute); found; found = this.#take(attribute)) {
      attributes.push({
        name: found[1] ?? '',
        value: decodeXml((found[2] ?? '').slice(1, -1)),
        start: this.at - found[0].length,
        end: this.at,
      });
    }
    const close = this.#take(/\s*(\/?)>/y);
    if (!close) this.fail(`the tag <${tag[1]}> does not end`);
    const base = { name: tag[1] ?? '', attributes, nameEnd, start };
    if (close[1] === '/') return { ...base, children: [], inner: undefined, text: '', end: this.at };
    return { ...base, ...this.#content(base.name) };
  }

  #content(of: string): Pick<XmlElement, 'children' | 'inner' | 'text' | 'end'> {
    const start = this.at;
    const children: XmlElement[] = [];
    let text = '';
    for (;;) {
      const end = this.at;
      const close = this.#take(endTag);
      if (close) {
        if (close[1] !== of) this.fail(`<${of}> is closed by </${close[1]}>`);
        return { children, inner: { start, end }, text, end: this.at };
      }
      const raw = this.#take(cdata);
      const plain = raw ? null : this.#take(/[^<]+/y);
      if (raw) text += raw[1] ?? '';
      else if (plain) text += decodeXml(plain[0]);
      else if (!this.#take(aside)) {
        const child = this.element();
        if (!child) this.fail(`<${of}> does not end`);
        children.push(child);
      }
    }
  }
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decodeXml(text: string): string {
  return text.replace(
    /&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g,
    (whole: string, decimal: string | undefined, hex: string | undefined, word: string | undefined) => {
      if (word !== undefined) return entities[word] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

export function encodeXml(text: string, quoted: boolean): string {
  const spelt = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;');
  return quoted ? spelt.replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;') : spelt;
}
