import { mappingOf } from '../values/index.ts';
import type { Data } from './data-edit.ts';
import { EditRefused } from './text-edit.ts';

/** A value of a JSON text, and where it stands. */
export type JsonNode = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'value'; readonly value: Data }
  | { readonly kind: 'object' | 'array'; readonly entries: readonly JsonEntry[] }
);

/** A member of an object or an item of an array; `start` is where its key stands, if it has one. */
export interface JsonEntry {
  readonly start: number;
  readonly key: string;
  readonly node: JsonNode;
}

/** The value a node stands for. */
export function dataOf(node: JsonNode): Data {
  if (node.kind === 'value') return node.value;
  if (node.kind === 'array') return node.entries.map((entry) => dataOf(entry.node));
  return mappingOf(node.entries.map((entry): [string, Data] => [entry.key, dataOf(entry.node)]));
}

/**
 * Reads JSON (RFC 8259), also with comments and trailing commas as many programs' settings have them.
 * @returns undefined for a text of blanks and comments
 * @throws EditRefused naming line and column
 */
export function parseJson(text: string): JsonNode | undefined {
  const reader = new Reader(text);
  const start = reader.skip();
  if (start === text.length) return undefined;
  const node = reader.value();
  if (reader.skip() !== text.length) reader.fail('there is something after the end');
  return node;
}

/** Behind blanks and comments from `at` on. */
export function skipBlanks(text: string, at: number): number {
  const blank = /(?:[ \t\r\n\ufeff]|\/\/[^\n]*|\/\*[^]*?\*\/)*/y;
  blank.lastIndex = at;
  return at + (blank.exec(text)?.[0].length ?? 0);
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  skip(): number {
    return (this.#at = skipBlanks(this.#text, this.#at));
  }

  fail(what: string): never {
    const before = this.#text.slice(0, this.#at).split('\n');
    throw new EditRefused(
      `it is not JSON: ${what} in line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`,
    );
  }

  value(): JsonNode {
    const start = this.skip();
    const first = this.#text[start];
    if (first === '{') return this.#entries('object', '}');
    if (first === '[') return this.#entries('array', ']');
    const literal = /"(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/y;
    literal.lastIndex = start;
    const source = literal.exec(this.#text)?.[0];
    if (source === undefined) this.fail(first === undefined ? 'it ends too early' : `"${first}" cannot be read`);
    let value: Data;
    try {
      value = JSON.parse(source) as Data;
    } catch {
      this.fail(`${source.slice(0, 40)} cannot be read`);
    }
    this.#at = start + source.length;
    return { kind: 'value', value, start, end: this.#at };
  }

  #entries(kind: 'object' | 'array', close: string): JsonNode {
    const start = this.#at++;
    const entries: JsonEntry[] = [];
    while (this.#text[this.skip()] !== close) {
      entries.push(this.#entry(kind));
      const next = this.#text[this.skip()];
      if (next === ',') this.#at++;
      else if (next !== close)
        this.fail(next === undefined ? `a "${close}" is missing` : `"," or "${close}" is missing`);
    }
    this.#at++;
    return { kind, entries, start, end: this.#at };
  }

  #entry(kind: 'object' | 'array'): JsonEntry {
    const start = this.skip();
    if (kind === 'array') return { start, key: '', node: this.value() };
    const name = this.value();
    if (name.kind !== 'value' || typeof name.value !== 'string') this.fail('a key must be a string');
    if (this.#text[this.skip()] !== ':') this.fail('":" is missing');
    this.#at++;
    return { start, key: name.value, node: this.value() };
  }
}
