import { isAlias, isMap, isScalar, isSeq, visit, type Node, type Scalar, type YAMLMap } from 'yaml';
import { PlayError, excerpt, type Location } from '../errors/index.ts';
import { Secret, encryptionOf, type PlainText, type Vault } from '../secrets/index.ts';
import { PythonValue, mappingOf } from '../values/index.ts';
import { plainText, secretText } from './jinja.ts';
import { rememberSpelling } from './number-spellings.ts';
import { checkFloat, checkPlainScalar, syntaxHint, type Trap } from './spelling-traps.ts';
import type { OnWarning, Value } from './types.ts';
import { YamlAliases } from './yaml-aliases.ts';
import { readYaml, type ReadYaml } from './yaml-repair.ts';
import { resolveJson, resolvePlain, resolveTagged, unreadable, type PlainValue } from './yaml-scalar.ts';
import { encryptedTags, standardTags, vaultTag } from './yaml-tags.ts';

/** The library's message, in other words where it speaks of its own workings. */
function wordsOf({ code, message }: { readonly code: string; readonly message: string }): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here';
  return message.startsWith('Maximum call stack') ? 'its lists or mappings are nested too deep' : message;
}

/** What stands for `!vault` and `!unsafe` in JSON that Ansible writes. */
const marksOfJson = { __ansible_vault: true, __ansible_unsafe: true };

/** How many values aliases may add to those that are written out. */
const mostMade = 1_000_000;

export interface YamlEntry {
  readonly key: string;
  readonly where: Location;
  readonly node: Node | null;
}

/**
 * How YAML is read: `ansible` as Ansible reads it, YAML 1.1 and all; `strict` refuses whatever YAML 1.1 and 1.2 take for
 * different things, and keys given twice.
 */
export type YamlDialect = 'ansible' | 'strict';

/** What files of YAML are read with. */
export interface YamlReading {
  readonly vault: Vault;
  readonly yaml: YamlDialect;
  readonly warn: OnWarning;
}

/** A trap, and where in its file it stands. */
export interface FoundTrap extends Trap {
  readonly where: Location;
  /** How many characters of the text are before it. */
  readonly at: number;
  /** What is written there; empty where it is encrypted. */
  readonly source: string;
}

/**
 * A file of Ansible's, YAML or JSON, whose values know their position. `!vault` and `!age` become Secrets and `!unsafe`
 * plain text.
 */
export class YamlFile {
  readonly file: string;
  readonly #text: string;
  readonly #read: ReadYaml;
  readonly #reading: YamlReading;
  readonly #secret: PlainText['secret'];
  readonly #isJson: boolean;
  #aliases: YamlAliases | undefined;
  #made = 0;

  /** @param secret which of its values are: those that were encrypted */
  constructor(text: string, file: string, reading: YamlReading, secret: PlainText['secret'] = 'nothing') {
    this.file = file;
    this.#text = text;
    this.#reading = reading;
    this.#secret = secret;
    this.#isJson = isJson(text);
    this.#read = readYaml(text, !this.#isStrict);
    const [error] = this.#read.document.errors;
    // The library's complaint quotes the text it read.
    if (error !== undefined)
      throw this.#problem(
        this.#isGuarded ? 'What is encrypted here is not valid YAML' : `This is not valid YAML: ${wordsOf(error)}`,
        this.#place(error.pos[0]),
        syntaxHint(error.code, text, error.pos[0]),
      );
  }

  get #isStrict(): boolean {
    return this.#reading.yaml === 'strict';
  }

  /** Whether it was encrypted: nothing of it is quoted in an error. */
  get #isGuarded(): boolean {
    return this.#secret !== 'nothing';
  }

  #isSecret(node: Node): boolean {
    return (
      this.#secret === 'all' || (this.#secret !== 'nothing' && this.#secret.has(this.#read.at(node.range?.[0] ?? -1)))
    );
  }

  get root(): Node | null {
    return this.#read.document.contents;
  }

  /** Every spelling in it that the two YAML versions read differently; using one is an error. */
  traps(): readonly FoundTrap[] {
    const traps: FoundTrap[] = [];
    visit(this.#read.document, {
      Scalar: (_, node) => {
        const trap = this.#trap(node);
        const at = this.#read.at(node.range?.[0] ?? 0);
        const source = this.#isGuarded ? '' : (node.source ?? '');
        if (trap !== undefined) traps.push({ ...trap, where: this.where(node), at, source });
      },
    });
    return traps;
  }

  where(node: Node | null): Location {
    return this.#place(this.#read.at(node?.range?.[0] ?? 0));
  }

  /** The entries of a mapping, merge keys (`<<`) applied; undefined for anything else. */
  entries(node: Node | null): YamlEntry[] | undefined {
    const map = this.#follow(node);
    if (!isMap(map)) return undefined;
    const own = new Map<string, YamlEntry>();
    const merged = new Map<string, YamlEntry>();
    let isMerged = false;
    for (const pair of map.items as YAMLMap<Node, Node | null>['items']) {
      const where = this.where(pair.key);
      if (isScalar(pair.key) && pair.key.type === 'PLAIN' && pair.key.source === '<<') {
        if (isMerged && this.#isStrict) this.#twice('<<', where, where);
        isMerged = true;
        // As in PyYAML: of several merge keys the last wins, of several mappings of one the first.
        for (const entry of this.#merge(pair.value, where)) merged.set(entry.key, entry);
        continue;
      }
      const key = this.#key(pair.key);
      const first = own.get(key);
      if (first !== undefined) this.#twice(key, where, first.where);
      own.set(key, { key, where, node: pair.value });
    }
    if (merged.size === 0) return [...own.values()];
    return [...new Map([...merged, ...own]).values()];
  }

  /** Whether nothing stands there: as `~` or `null` do. */
  isNull(node: Node | null): boolean {
    const target = this.#follow(node);
    return target === null || (isScalar(target) && target.type === 'PLAIN' && this.#scalar(target, false) === null);
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
    const kind = node.tag?.replace('tag:yaml.org,2002:', '');
    if (kind === 'omap' || kind === 'pairs') return this.#pairs(node, `!!${kind}`, unsafe);
    // Python's set: its members, as they are written.
    if (kind === 'set') return Object.freeze((this.entries(node) ?? this.#refuse(node, '!!set')).map(({ key }) => key));
    if (isSeq(node)) return Object.freeze(node.items.map((item) => this.#convert(item as Node | null, unsafe)));
    const entries = this.entries(node) ?? [];
    const marked = this.#isJson ? entries.find(({ key }) => Object.hasOwn(marksOfJson, key)) : undefined;
    if (marked !== undefined) return this.#marked(marked);
    return mappingOf(entries.map((entry): [string, Value] => [entry.key, this.#convert(entry.node, unsafe)]));
  }

  /** A list of pairs, each a list of two, as Ansible's templates see them; `!!omap` is one, too. */
  #pairs(node: Node, tag: string, isUnsafe: boolean): Value {
    if (!isSeq(node)) return this.#refuse(node, tag);
    const pairs = node.items.map((item): Value => {
      const [entry, ...others] = this.entries(item as Node | null) ?? [];
      if (entry === undefined || others.length > 0) return this.#refuse(node, tag);
      return Object.freeze([entry.key, this.#convert(entry.node, isUnsafe)]);
    });
    return Object.freeze(pairs);
  }

  #refuse(node: Node, tag: string): never {
    const form = tag === '!!set' ? '!!set {a, b}' : `${tag} [{a: 1}, {b: 2}]`;
    throw this.#problem(`This is no ${tag}`, this.where(node), `Written as one: ${form}`);
  }

  /** What Ansible's JSON has for `!vault` and `!unsafe`. */
  #marked({ key, node }: YamlEntry): Value {
    if (key === '__ansible_unsafe') return this.#convert(node, true);
    const target = this.#follow(node);
    if (isScalar(target)) return this.#encrypted(target, '!vault');
    throw this.#problem('__ansible_vault must hold encrypted text', this.where(node), vaultTag.how);
  }

  #scalar(node: Scalar, isUnsafe: boolean): Value {
    const where = this.where(node);
    if (node.tag !== undefined && Object.hasOwn(encryptedTags, node.tag)) return this.#encrypted(node, node.tag);
    this.#checkTag(node);
    const isSecret = this.#isSecret(node);
    if (node.tag === '!unsafe') return this.#string(String(node.value), where, true, isSecret);
    const value = this.#resolved(node, where);
    // Python's bytes: no template is looked for in them.
    const isBytes = node.tag?.endsWith(':binary') ?? false;
    if (typeof value === 'string') return this.#string(value, where, isUnsafe || isBytes, isSecret);
    if (typeof value === 'number' || value instanceof PythonValue) {
      if (isSecret) return new Secret(String(value), this.file);
      if (node.source !== undefined && typeof value === 'number') rememberSpelling(value, node.source, where);
    }
    return value;
  }

  /** A scalar's value by its tag, or else by its looks. */
  #resolved(node: Scalar, where: Location): PlainValue {
    const text = String(node.value);
    const isTyped = node.tag !== undefined && node.tag !== '!';
    if (!isTyped && node.type !== 'PLAIN') return text;
    if (!isTyped) this.#checkSpelling(node);
    const value = isTyped
      ? resolveTagged(node.tag ?? '', text)
      : this.#isJson
        ? resolveJson(node.source ?? '')
        : resolvePlain(node.source ?? '');
    if (value === undefined || value === unreadable) throw this.#unreadable(node, text, isTyped, where);
    // YAML 1.2 has no dates.
    return this.#isStrict && value instanceof PythonValue && !value.isNumber ? (node.source ?? text) : value;
  }

  #unreadable(node: Scalar, text: string, isTyped: boolean, where: Location): PlayError {
    if (node.tag?.endsWith(':binary'))
      return this.#problem(
        'This !!binary is not text',
        where,
        'It must be base64 of UTF-8 text. Other bytes have no place in a variable: keep them in a file.',
      );
    const shown = isTyped ? `${node.tag?.replace(/^.*:/, '!!') ?? ''} ${text}` : text;
    return this.#problem(`Ansible cannot read ${this.#shown(shown)}`, where, 'Put it in quotes for the text.');
  }

  #encrypted(node: Scalar, tag: string): Secret {
    const where = this.where(node);
    const text = String(node.value).trim();
    const { by, begin, how } = encryptedTags[tag as keyof typeof encryptedTags];
    if (encryptionOf(text) !== by) throw this.#problem(`A ${tag} value must begin with ${begin}`, where, how);
    return new Secret(() => this.#reading.vault.decrypt(text, where), `${where.file}:${where.line}`);
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
    if (tag === undefined || tag === '!unsafe' || tag === '!' || standardTags.test(tag)) return;
    throw this.#problem(
      `The tag ${this.#shown(tag.replace('tag:yaml.org,2002:', '!!'))} is not known`,
      this.where(node),
      'Known: !vault, !age and !unsafe; of those of YAML !!str, !!int, !!float, !!bool, !!null, !!timestamp, !!map, !!seq, !!set, !!omap, !!pairs and !!binary.',
    );
  }

  #trap(node: Scalar): Trap | undefined {
    const source = node.source ?? '';
    const trap =
      node.type !== 'PLAIN' || node.tag !== undefined
        ? undefined
        : this.#isJson
          ? jsonTrap(source)
          : checkPlainScalar(source);
    return trap !== undefined && this.#isGuarded
      ? {
          instead: '',
          what: 'An encrypted value without quotes is ambiguous: Ansible reads it differently from YAML 1.2',
          hint: 'Put it in quotes for the text; write true or false, and numbers in full.',
        }
      : trap;
  }

  #checkSpelling(node: Scalar): void {
    if (!this.#isStrict) return;
    const trap = this.#trap(node);
    if (trap === undefined) return;
    const others = this.traps().length - 1;
    throw this.#problem(
      trap.what,
      this.where(node),
      others === 0
        ? `${trap.hint} \`play lint --fix\` does it.`
        : `${trap.hint} There ${others === 1 ? 'is one more' : `are ${others} more`} like it in this file: \`play lint\` names all, \`play lint --fix\` fixes them.`,
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
    const value = this.#resolved(key, where);
    return typeof value === 'object' && value !== null ? value.text : String(value);
  }

  /** A key that is given twice: Ansible warns, and takes the last. */
  #twice(key: string, where: Location, first: Location): void {
    const what = `The key ${this.#shown(`"${key}"`)} is here twice`;
    const hint = `It is first given at line ${first.line}. Ansible takes the last one: remove one of them.`;
    if (this.#isStrict) throw this.#problem(what, where, hint);
    this.#reading.warn({ what, where, hint });
  }

  #merge(node: Node | null, where: Location): YamlEntry[] {
    const source = this.#follow(node);
    const parts = isSeq(source) ? (source.items as (Node | null)[]).toReversed() : [source];
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
    this.#aliases ??= new YamlAliases(this.#read.document);
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
    const { line, col } = this.#read.lines.linePos(offset);
    return { file: this.file, line: Math.max(1, line), column: Math.max(1, col) };
  }

  #problem(what: string, where: Location, hint: string): PlayError {
    // An excerpt of a decrypted file would show its secrets.
    return new PlayError(what, { where, hint, detail: this.#isGuarded ? '' : (excerpt(this.#text, where) ?? '') });
  }
}

function jsonTrap(source: string): Trap | undefined {
  const found = checkFloat(source, /^-?\d/.test(source) ? Number(source) : undefined);
  return found === undefined ? undefined : { ...found, instead: `"${String(resolveJson(source))}"` };
}

/** Ansible tries JSON before YAML. */
function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
