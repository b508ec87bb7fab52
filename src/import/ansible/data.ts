import { Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Node } from 'yaml';
import { PlayError, type Location } from '../../errors/index.ts';
import { repairing } from '../../inventory/index.ts';
import { PythonValue } from '../../values/index.ts';

/** A value of one of Ansible's files, as Ansible reads it (YAML 1.1), with its place. */
export type Data =
  | { readonly type: 'text'; readonly value: string; readonly at: Location; readonly isUnsafe?: boolean }
  /** `source`: as it is written, since `0644` and `1.0` mean more than their value. */
  | { readonly type: 'number'; readonly value: number; readonly source: string; readonly at: Location }
  | { readonly type: 'flag'; readonly value: boolean; readonly at: Location }
  | { readonly type: 'null'; readonly at: Location }
  | { readonly type: 'list'; readonly items: readonly Data[]; readonly at: Location; readonly source: string }
  | MapData
  /** Encrypted with Ansible Vault. */
  | { readonly type: 'vault'; readonly text: string; readonly at: Location };

export interface MapData {
  readonly type: 'map';
  readonly entries: ReadonlyMap<string, Data>;
  readonly at: Location;
  /** The text it was read from, without what all its lines are indented by. */
  readonly source: string;
}

const tags = ['!vault', '!vault-encrypted', '!unsafe'].map((tag) => ({
  tag,
  resolve: (text: string) => text,
}));

/**
 * Reads a file of Ansible's. Nothing in it: null.
 *
 * @throws PlayError with the place, for what is no YAML
 */
export function readData(text: string, file: string): Data | null {
  const lines = new LineCounter();
  let more: Document.Parsed | undefined;
  const { document, at } = repairing(text, (one) => {
    const [first, second] = parseAllDocuments(one, {
      version: '1.1',
      merge: true,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
      customTags: (known) => [...known, ...tags],
    }) as Document.Parsed[];
    more = second;
    return first ?? nothing;
  });
  for (let i = 0; i !== -1; i = text.indexOf('\n', i) + 1 || -1) lines.lineStarts.push(i);
  if (document === nothing) return null;
  const [error] = document.errors;
  const place = (offset: number): Location => {
    const { line, col } = lines.linePos(at(offset));
    return { file, line, column: col };
  };
  if (error !== undefined)
    throw new PlayError(`Not valid YAML: ${error.message.split('\n')[0] ?? ''}`, { where: place(error.pos[0]) });
  if (more !== undefined)
    throw new PlayError('A second document begins here', { where: place(more.range[0]), hint: 'Ansible reads one.' });
  if (document.contents === null) return null;
  return new Reader(text, document, { place, at }).read(document.contents);
}

/** The value of an empty text. */
const nothing = new Document() as Document.Parsed;

/** Where the nodes of a document stand. */
interface Places {
  readonly place: (offset: number) => Location;
  /** In the text as it is written. */
  readonly at: (offset: number) => number;
}

class Reader {
  readonly #text: string;
  readonly #document: Document.Parsed;
  readonly #place: (offset: number) => Location;
  readonly #at: (offset: number) => number;

  constructor(text: string, document: Document.Parsed, { place, at }: Places) {
    this.#text = text;
    this.#document = document;
    this.#place = place;
    this.#at = at;
  }

  read(node: Node | null): Data {
    const at = this.#place(node?.range?.[0] ?? 0);
    if (isAlias(node)) return this.read(node.resolve(this.#document) ?? null);
    if (isMap(node)) return { type: 'map', entries: this.#entries(node), at, source: this.#source(node) };
    if (isSeq(node))
      return {
        type: 'list',
        items: node.items.map((item) => this.read(item as Node | null)),
        at,
        source: this.#source(node),
      };
    if (!isScalar(node)) return { type: 'null', at };
    const { value, source = '', tag } = node;
    if (tag === '!vault' || tag === '!vault-encrypted') return { type: 'vault', text: String(value), at };
    // YAML 1.1 has them for truth values, Ansible's parser has not.
    if (typeof value === 'boolean' && /^[yn]$/i.test(source)) return { type: 'text', value: source, at };
    if (typeof value === 'boolean') return { type: 'flag', value, at };
    if (typeof value === 'number' || typeof value === 'bigint')
      return { type: 'number', value: Number(value), source, at };
    if (value === null || value === undefined) return { type: 'null', at };
    // A date: as it is written.
    const text = typeof value === 'string' ? value : source;
    return { type: 'text', value: text, at, ...(tag === '!unsafe' ? { isUnsafe: true } : {}) };
  }

  /** The last of several entries with one key wins, and all win over what is merged in. */
  #entries(node: import('yaml').YAMLMap): Map<string, Data> {
    const merged = new Map<string, Data>();
    const own = new Map<string, Data>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? (typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))) : '';
      if (name !== '<<') {
        own.set(name, this.read(value as Node | null));
        continue;
      }
      const from = this.read(value as Node | null);
      for (const one of from.type === 'list' ? from.items : [from])
        if (one.type === 'map')
          for (const [inner, data] of one.entries) if (!merged.has(inner)) merged.set(inner, data);
    }
    return new Map([...merged, ...own]);
  }

  #source(node: Node): string {
    const [from, , to] = node.range ?? [0, 0, 0];
    const column = (this.#place(from).column ?? 1) - 1;
    const indent = ' '.repeat(column);
    return this.#text
      .slice(this.#at(from), this.#at(to))
      .split('\n')
      .map((line, i) => (i > 0 && line.startsWith(indent) ? line.slice(column) : line))
      .join('\n')
      .trimEnd();
  }
}

/** The text of a scalar as Ansible would print it. */
export function textOf(data: Data): string | undefined {
  if (data.type === 'text') return data.value;
  if (data.type === 'flag') return data.value ? 'True' : 'False';
  if (data.type === 'number') return numberText(data);
  return undefined;
}

type NumberData = Extract<Data, { type: 'number' }>;

/** Whether Python takes it for a float. */
export const isFloatData = ({ value, source }: NumberData): boolean =>
  !Number.isInteger(value) || (/[.eE]/.test(source) && !/^[-+]?0x/i.test(source));

/** The number with all its digits. */
export function exactOf({ value, source }: NumberData): number | bigint {
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  const digits = source.replaceAll('_', '');
  return /^[-+]?[1-9]\d*$/.test(digits) ? BigInt(digits) : value;
}

/** A number as Python prints it. */
const numberText = (data: NumberData): string =>
  isFloatData(data) ? String(PythonValue.float(data.value)) : String(exactOf(data));

/** The items of a list, or the single value given in place of one. */
export const listOf = (data: Data | undefined): readonly Data[] =>
  data === undefined || data.type === 'null' ? [] : data.type === 'list' ? data.items : [data];
