import {
  LineCounter,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Document,
  type Node,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { PlayError, excerpt, type Location } from '../errors/index.ts';
import { Secret, encryptionOf, type PlainText, type Vault } from '../secrets/index.ts';
import { mappingOf } from '../values/index.ts';
import { plainText, secretText } from './jinja.ts';
import { checkPlainScalar, syntaxHint, type Trap } from './spelling-traps.ts';
import type { Value } from './types.ts';
import { YamlAliases } from './yaml-aliases.ts';

/** The library's message, in other words where it speaks of its own workings. */
function wordsOf({ code, message }: { readonly code: string; readonly message: string }): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here';
  return message.startsWith('Maximum call stack') ? 'its lists or mappings are nested too deep' : message;
}

const vaultTag = {
  by: 'vault',
  begin: '$ANSIBLE_VAULT;',
  how: 'Paste the whole output of `play vault encrypt-string`, indented below the key.',
} as const;
/** Single values that are encrypted, in a file in the clear. */
const encryptedTags = {
  '!vault': vaultTag,
  '!vault-encrypted': vaultTag,
  '!age': {
    by: 'age',
    begin: '-----BEGIN AGE ENCRYPTED FILE-----',
    how: 'Paste the whole output of `age --armor`, or of `play vault encrypt-string --age-recipient`, indented below the key.',
  },
} as const;

/** How many values aliases may add to those that are written out. */
const mostMade = 1_000_000;

export interface YamlEntry {
  readonly key: string;
  readonly where: Location;
  readonly node: Node | null;
}

/**
 * A YAML 1.2 (or JSON) file whose values know their position. Spellings that Ansible's YAML 1.1 reads differently are
 * errors, never a silently different value; `!vault` and `!age` become Secrets and `!unsafe` plain text.
 */
export class YamlFile {
  readonly file: string;
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed<ParsedNode, true>;
  readonly #vault: Vault;
  readonly #secret: PlainText['secret'];
  #aliases: YamlAliases | undefined;
  #made = 0;

  /** @param secret which of its values are: those that were encrypted */
  constructor(text: string, file: string, vault: Vault, secret: PlainText['secret'] = 'nothing') {
    this.file = file;
    this.#text = text;
    this.#vault = vault;
    this.#secret = secret;
    // Keys are checked by `entries`: the library's own check compares each key with every other, 3 s for 10,000 hosts.
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      merge: true,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
    });
    const [error] = this.#document.errors;
    // The library's complaint quotes the text it read.
    if (error !== undefined)
      throw this.#problem(
        this.#isGuarded ? 'What is encrypted here is not valid YAML' : `This is not valid YAML: ${wordsOf(error)}`,
        this.#place(error.pos[0]),
        syntaxHint(error.code, text, error.pos[0]),
      );
  }

  /** Whether it was encrypted: nothing of it is quoted in an error. */
  get #isGuarded(): boolean {
    return this.#secret !== 'nothing';
  }

  #isSecret(node: Node): boolean {
    return this.#secret === 'all' || (this.#secret !== 'nothing' && this.#secret.has(node.range?.[0] ?? -1));
  }

  get root(): Node | null {
    return this.#document.contents;
  }

  /** Every spelling in it that the two YAML versions read differently; using one is an error. */
  traps(): readonly (Trap & { readonly where: Location })[] {
    const traps: (Trap & { where: Location })[] = [];
    visit(this.#document, {
      Scalar: (_, node) => {
        const trap = this.#trap(node);
        if (trap !== undefined) traps.push({ ...trap, where: this.where(node) });
      },
    });
    return traps;
  }

  where(node: Node | null): Location {
    return this.#place(node?.range?.[0] ?? 0);
  }

  /** The entries of a mapping, merge keys (`<<`) applied; undefined for anything else. */
  entries(node: Node | null): YamlEntry[] | undefined {
    const map = this.#follow(node);
    if (!isMap(map)) return undefined;
    const own = new Map<string, YamlEntry>();
    const merged = new Map<string, YamlEntry>();
    for (const pair of map.items as YAMLMap<Node, Node | null>['items']) {
      const where = this.where(pair.key);
      if (isScalar(pair.key) && pair.key.type === 'PLAIN' && pair.key.source === '<<') {
        for (const entry of this.#merge(pair.value, where)) if (!merged.has(entry.key)) merged.set(entry.key, entry);
        continue;
      }
      const key = this.#key(pair.key);
      const first = own.get(key);
      if (first !== undefined)
        throw this.#problem(
          `The key ${this.#shown(`"${key}"`)} is here twice`,
          where,
          `It is first given at line ${first.where.line}. Ansible would silently take the last one: remove one of them.`,
        );
      own.set(key, { key, where, node: pair.value });
    }
    if (merged.size === 0) return [...own.values()];
    return [...new Map([...merged, ...own]).values()];
  }

  value(node: Node | null): Value {
    if (node === null) return null;
    if (isAlias(node)) return this.value(this.#follow(node));
    return this.#convert(node, false);
  }

  #convert(given: Node | null, isUnsafe: boolean): Value {
    const node = this.#follow(given);
    if (node === null) return null;
    this.#count(node);
    const unsafe = isUnsafe || node.tag === '!unsafe';
    if (isScalar(node)) return this.#scalar(node, unsafe);
    this.#checkTag(node);
    if (isSeq(node)) return Object.freeze(node.items.map((item) => this.#convert(item as Node | null, unsafe)));
    const entries = this.entries(node) ?? [];
    return mappingOf(entries.map((entry): [string, Value] => [entry.key, this.#convert(entry.node, unsafe)]));
  }

  #scalar(node: Scalar, isUnsafe: boolean): Value {
    const where = this.where(node);
    if (node.tag !== undefined && Object.hasOwn(encryptedTags, node.tag)) return this.#encrypted(node, node.tag);
    this.#checkTag(node);
    const isSecret = this.#isSecret(node);
    if (node.tag === '!unsafe') return this.#string(String(node.value), where, true, isSecret);
    if (typeof node.value === 'string' && node.type !== 'PLAIN')
      return this.#string(node.value, where, isUnsafe, isSecret);
    this.#checkSpelling(node);
    if (typeof node.value === 'string') return this.#string(node.value, where, isUnsafe, isSecret);
    if (typeof node.value === 'number') return isSecret ? new Secret(String(node.value), this.file) : node.value;
    return typeof node.value === 'boolean' ? node.value : null;
  }

  #encrypted(node: Scalar, tag: string): Secret {
    const where = this.where(node);
    const text = String(node.value).trim();
    const { by, begin, how } = encryptedTags[tag as keyof typeof encryptedTags];
    if (encryptionOf(text) !== by) throw this.#problem(`A ${tag} value must begin with ${begin}`, where, how);
    return new Secret(() => this.#vault.decrypt(text, where), `${where.file}:${where.line}`);
  }

  /** In an encrypted file texts and numbers are secret; true, false and null reveal nothing and stay usable. */
  #string(text: string, where: Location, isUnsafe: boolean, isSecret: boolean): Value {
    if (isUnsafe) return isSecret ? new Secret(text, this.file) : text;
    return isSecret ? secretText(text, where) : plainText(text, where);
  }

  #shown(text: string): string {
    return this.#isGuarded ? 'that is encrypted here' : text;
  }

  #checkTag(node: Node): void {
    const tag = node.tag;
    if (tag === undefined || tag === '!unsafe' || tag.startsWith('tag:yaml.org,2002:') || tag === '!') return;
    throw this.#problem(
      `The tag ${this.#shown(tag)} is not known`,
      this.where(node),
      'Known: !vault, !age and !unsafe.',
    );
  }

  #trap(node: Scalar): Trap | undefined {
    const trap =
      node.type === 'PLAIN' && node.tag === undefined ? checkPlainScalar(node.source ?? '', node.value) : undefined;
    return trap !== undefined && this.#isGuarded
      ? {
          what: 'An encrypted value without quotes is ambiguous: Ansible reads it differently from YAML 1.2',
          hint: 'Put it in quotes for the text; write true or false, and numbers in full.',
        }
      : trap;
  }

  #checkSpelling(node: Scalar): void {
    const trap = this.#trap(node);
    if (trap === undefined) return;
    const others = this.traps().length - 1;
    throw this.#problem(
      trap.what,
      this.where(node),
      others === 0
        ? trap.hint
        : `${trap.hint} There ${others === 1 ? 'is one more' : `are ${others} more`} like it in this file: \`play lint\` names all.`,
    );
  }

  #key(node: Node): string {
    const key = this.#follow(node);
    const where = this.where(node);
    if (!isScalar(key))
      throw this.#problem(
        'A key must be a plain word or text',
        where,
        'If this is a Jinja expression ({{ }}): play does not run Jinja, compute the value in TypeScript. Else quote the key.',
      );
    this.#checkSpelling(key);
    return String(key.value);
  }

  #merge(node: Node | null, where: Location): YamlEntry[] {
    const source = this.#follow(node);
    const parts = isSeq(source) ? (source.items as (Node | null)[]) : [source];
    return parts.flatMap((part) => this.entries(part) ?? this.#failMerge(where));
  }

  #failMerge(where: Location): never {
    throw this.#problem(
      'A merge key (<<) takes a mapping or a list of mappings',
      where,
      'Write <<: *anchor, with the anchor on a mapping.',
    );
  }

  #follow(node: Node | null): Node | null {
    if (!isAlias(node)) return node;
    this.#aliases ??= new YamlAliases(this.#document);
    const target = this.#aliases.target(node);
    if (target === undefined)
      throw this.#problem(
        `The anchor ${this.#shown(`&${node.source}`)} is not known`,
        this.where(node),
        'Anchors must stand before they are used.',
      );
    if (this.#aliases.isCircular(node))
      throw this.#problem(
        `${this.#shown(`*${node.source}`)} is inside the node that it refers to`,
        this.where(node),
        'Write out what is meant.',
      );
    this.#count(node);
    return target;
  }

  /** Aliases of aliases multiply: a few lines may stand for more than any memory can hold. */
  #count(node: Node): void {
    this.#made++;
    if (this.#made > mostMade + this.#text.length)
      throw this.#problem(
        `The aliases of this file stand for more than ${mostMade} values`,
        this.where(node),
        'Take away aliases that name others, one within another.',
      );
  }

  #place(offset: number): Location {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.file, line: Math.max(1, line), column: Math.max(1, col) };
  }

  #problem(what: string, where: Location, hint: string): PlayError {
    // An excerpt of a decrypted file would show its secrets.
    return new PlayError(what, { where, hint, detail: this.#isGuarded ? '' : (excerpt(this.#text, where) ?? '') });
  }
}
