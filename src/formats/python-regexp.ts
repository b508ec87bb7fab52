import { charClass, classEscape, folded, spellCharacter, type CharacterRules } from './python-class.ts';
import { PythonRegExp, type PythonFlags } from './python-flags.ts';

/**
 * Translates a pattern of Python's `re` (3.11). Beyond Python `(?<name>...)`, `\k<name>`, `\p{...}` and look-behinds of
 * any width are understood, as JavaScript has them.
 *
 * @throws SyntaxError for what is wrong in Python too, and for what JavaScript's engine cannot do
 */
export function translate(source: string, flags: PythonFlags): PythonRegExp {
  const reader = new Reader(source, flags);
  const { js } = reader.whole();
  // An empty pattern is told by its source.
  return new PythonRegExp(js, reader.ignoresCase ? 'vi' : 'v', reader);
}

/** A part of a pattern, translated. */
interface Piece {
  readonly js: string;
  /** It may stand before a quantifier as it is. */
  readonly isAtom: boolean;
  /** It matches one character. */
  readonly isSingle?: boolean;
  readonly canBeEmpty: boolean;
  /** Groups that have matched whenever the piece has. */
  readonly certain: readonly number[];
  /** All groups inside. */
  readonly groups: readonly number[];
}

const nothing: Piece = { js: '', isAtom: false, canBeEmpty: true, certain: [], groups: [] };
const place = (js: string): Piece => ({ ...nothing, js });
const single = (js: string): Piece => ({
  js,
  isAtom: true,
  isSingle: true,
  canBeEmpty: false,
  certain: [],
  groups: [],
});

interface Scope extends PythonFlags {
  readonly verbose: boolean;
  /** Only where the whole pattern does not. */
  readonly folds: boolean;
}

class Reader implements Pick<PythonRegExp, 'isMultiline' | 'namesCr' | 'forgetful'> {
  readonly #source: string;
  #at = 0;
  #count = 0;
  readonly #names = new Map<string, number>();
  readonly #open = new Set<number>();
  #scope: Scope;
  ignoresCase = false;
  isMultiline = false;
  namesCr = false;
  readonly forgetful = new Set<string>();

  constructor(source: string, flags: PythonFlags) {
    this.#source = source;
    this.#scope = { ...flags, verbose: false, folds: false };
  }

  whole(): Piece {
    this.#globalFlags();
    const piece = this.#choice(new Set());
    if (this.#at < this.#source.length) this.#fail('a ")" too many');
    return piece;
  }

  #fail(what: string): never {
    throw new SyntaxError(`${what} (at ${this.#at + 1} of ${this.#source})`);
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found) this.#at += found[0].length;
    return found;
  }

  /** Comments, and what else (?x) passes over. */
  #skip(): void {
    const aside = this.#scope.verbose ? /(?:\(\?#[^)]*\)|[ \t\n\r\f\v]|#[^\n]*)+/y : /(?:\(\?#[^)]*\))+/y;
    this.#take(aside);
  }

  #globalFlags(): void {
    for (let found = this.#take(/\(\?([aiLmsux]+)\)/y); found; found = this.#take(/\(\?([aiLmsux]+)\)/y)) {
      const letters = found[1] ?? '';
      this.#refuseFlags(letters, '');
      this.ignoresCase ||= letters.includes('i');
      this.#scope = this.#with(letters.replace('i', ''), '');
      this.isMultiline ||= this.#scope.multiline;
    }
  }

  #refuseFlags(on: string, off: string): void {
    if (on.includes('L')) this.#fail('the flag "L" is for bytes only');
    if (on.includes('a') && on.includes('u')) this.#fail('the flags "a" and "u" exclude each other');
    if ([...on].some((letter) => off.includes(letter))) this.#fail('a flag is turned on and off');
  }

  #with(on: string, off: string): Scope {
    const now = this.#scope;
    const set = (letter: string, value: boolean): boolean =>
      on.includes(letter) ? true : off.includes(letter) ? false : value;
    return {
      ascii: on.includes('u') ? false : set('a', now.ascii),
      multiline: set('m', now.multiline),
      dotAll: set('s', now.dotAll),
      verbose: set('x', now.verbose),
      folds: set('i', now.folds),
    };
  }

  #choice(known: ReadonlySet<number>): Piece {
    const branches = [this.#sequence(known)];
    while (this.#take(/\|/y)) branches.push(this.#sequence(known));
    const [first = nothing] = branches;
    if (branches.length === 1) return first;
    return {
      js: branches.map(({ js }) => js).join('|'),
      isAtom: false,
      canBeEmpty: branches.some((branch) => branch.canBeEmpty),
      certain: first.certain.filter((group) => branches.every(({ certain }) => certain.includes(group))),
      groups: branches.flatMap(({ groups }) => groups),
    };
  }

  #sequence(before: ReadonlySet<number>): Piece {
    const known = new Set(before);
    const pieces: Piece[] = [];
    for (;;) {
      this.#skip();
      if (this.#at >= this.#source.length || this.#source[this.#at] === '|' || this.#source[this.#at] === ')') break;
      const piece = this.#quantified(this.#atom(known));
      for (const group of piece.certain) known.add(group);
      pieces.push(piece);
    }
    const [only] = pieces;
    if (pieces.length === 1 && only) return only;
    return {
      js: pieces.map(({ js }) => js).join(''),
      isAtom: false,
      canBeEmpty: pieces.every((piece) => piece.canBeEmpty),
      certain: pieces.flatMap(({ certain }) => certain),
      groups: pieces.flatMap(({ groups }) => groups),
    };
  }

  #quantified(piece: Piece): Piece {
    this.#skip();
    const found = this.#quantifier();
    if (!found) return piece;
    if (!piece.isAtom) this.#fail('nothing to repeat');
    const { min, max, mode } = found;
    this.#skip();
    if (this.#quantifier()) this.#fail('multiple repeat');
    if (max > 1)
      for (const group of piece.groups) if (piece.canBeEmpty || !piece.certain.includes(group)) this.#forget(group);
    return {
      ...piece,
      js: this.#repeated(piece, min, max, mode),
      isAtom: false,
      isSingle: false,
      canBeEmpty: piece.canBeEmpty || min === 0,
      certain: min > 0 ? piece.certain : [],
    };
  }

  #forget(group: number): void {
    this.forgetful.add(String(group));
    for (const [name, number] of this.#names) if (number === group) this.forgetful.add(name);
  }

  #quantifier(): { readonly min: number; readonly max: number; readonly mode: string } | undefined {
    const [, sign, low = '', comma, high = '', mode = ''] =
      this.#take(/(?:([*+?])|\{(?!\})(\d*)(,(\d*))?\})([?+]?)/y) ?? [];
    if (sign === undefined && mode === '' && low === '' && comma === undefined) return undefined;
    if (sign !== undefined) return { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity, mode };
    const min = low === '' ? 0 : Number(low);
    const max = comma === undefined ? min : high === '' ? Infinity : Number(high);
    if (max < min) this.#fail('the smallest number of a repetition is larger than the largest');
    return { min, max, mode };
  }

  #repeated({ js, isSingle }: Piece, min: number, max: number, mode: string): string {
    const times = (from: number, to: number): string =>
      from === 0 && to === Infinity
        ? '*'
        : from === 1 && to === Infinity
          ? '+'
          : from === 0 && to === 1
            ? '?'
            : from === to
              ? `{${from}}`
              : `{${from},${to === Infinity ? '' : to}}`;
    if (mode !== '+') return `(?:${js})${times(min, max)}${mode}`;
    // As many as there are, and none given back: what follows is no further one.
    if (!isSingle) this.#fail('a possessive repetition of more than one character cannot be translated');
    if (max === Infinity) return `(?:${js}${times(min, max)}(?!${js}))`;
    return min === max ? js + times(min, max) : `(?:${js}${times(max, max)}|${js}${times(min, max - 1)}(?!${js}))`;
  }

  #atom(known: ReadonlySet<number>): Piece {
    const rules = this.#rules();
    const character = this.#source[this.#at] ?? '';
    switch (character) {
      case '(':
        return this.#group(known);
      case '[':
        return this.#class();
      case '\\':
        return this.#escape(known);
      case '.':
        this.#at++;
        return single(this.#scope.dotAll ? '\\p{Any}' : '[^\\n]');
      case '^':
        this.#at++;
        return place(this.#scope.multiline ? '(?<=^|\\n)' : '^');
      case '$':
        this.#at++;
        return place(this.#scope.multiline ? '(?=\\n|$)' : '(?=\\n?$)');
      case '*':
      case '+':
      case '?':
      case '{':
        if (this.#quantifier()) this.#fail('nothing to repeat');
        return this.#literal(0x7b, 1, rules);
      default:
        return this.#literal(
          this.#source.codePointAt(this.#at) ?? 0,
          String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0).length,
          rules,
        );
    }
  }

  #rules(): CharacterRules {
    return { ascii: this.#scope.ascii, folds: this.#scope.folds };
  }

  #literal(code: number, length: number, rules: CharacterRules): Piece {
    this.#at += length;
    if (code === 0x0d) this.namesCr = true;
    return single(rules.folds ? folded(code) : spellCharacter(code));
  }

  #class(): Piece {
    const made = charClass(this.#source, this.#at, this.#rules());
    if (typeof made === 'string') this.#fail(made);
    this.#at = made.end;
    if (made.namesCr) this.namesCr = true;
    return single(made.js);
  }

  #escape(known: ReadonlySet<number>): Piece {
    const next = this.#source[this.#at + 1];
    const word = classEscape('w', this.#scope.ascii);
    switch (next) {
      case undefined:
        return this.#fail('a "\\" at the end');
      case 'A':
        this.#at += 2;
        return place('^');
      case 'Z':
        this.#at += 2;
        return place('$');
      case 'b':
        this.#at += 2;
        return place(`(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`);
      case 'B':
        this.#at += 2;
        // Not in an empty text, as Python has it.
        return place(`(?:(?<=${word})(?=${word})|(?<!${word})(?!${word})(?!^$))`);
      case 'k': {
        const name = this.#take(/\\k<([^>]*)>/y)?.[1];
        return name === undefined ? this.#fail('bad escape \\k') : this.#reference(this.#numberOf(name), known);
      }
      default: {
        const found = this.#take(/\\([1-9]\d?)/y);
        if (!found) break;
        const digits = found[1] ?? '';
        const octal = this.#source.slice(this.#at - digits.length, this.#at + 1);
        if (/^[0-3][0-7][0-7]$/.test(octal)) return this.#literal(Number.parseInt(octal, 8), 1, this.#rules());
        if (/^[4-7][0-7][0-7]$/.test(octal)) this.#fail('an octal escape beyond \\377');
        return this.#reference(Number(digits), known);
      }
    }
    // Outside of a class an escape means what it means inside of one.
    const made = charClass(`[${this.#source.slice(this.#at)}`, 0, this.#rules(), true);
    if (typeof made === 'string') this.#fail(made);
    this.#at += made.end - 1;
    if (made.namesCr) this.namesCr = true;
    return single(made.js);
  }

  #numberOf(name: string): number {
    const number = /^\d+$/.test(name) ? Number(name) : this.#names.get(name);
    return number ?? this.#fail(`there is no group "${name}" before this place`);
  }

  #reference(group: number, known: ReadonlySet<number>): Piece {
    if (group === 0 || group > this.#count) this.#fail(`there is no group ${group} before this place`);
    if (this.#open.has(group)) this.#fail(`group ${group} is still open`);
    // In Python a reference to a group that took no part matches nothing at all, in JavaScript an empty text.
    if (!known.has(group))
      this.#fail(`group ${group} may take no part in the match, so a reference to it cannot be translated`);
    if (this.#scope.folds) this.#fail('a reference inside (?i:...) cannot be translated; put (?i) at the begin');
    return { ...nothing, js: `(?:\\${group})`, isAtom: true };
  }

  #group(known: ReadonlySet<number>): Piece {
    if (this.#take(/\(\?P=/y)) {
      const name = this.#take(/(\w+)\)/y)?.[1];
      return name === undefined ? this.#fail('a name is missing') : this.#reference(this.#numberOf(name), known);
    }
    const look = this.#take(/\(\?(<?[=!])/y)?.[1];
    if (look !== undefined) {
      const inside = this.#inside(known, this.#scope);
      const kept = look.endsWith('=');
      return {
        js: `(?${look}${inside.js})`,
        isAtom: true,
        canBeEmpty: true,
        certain: kept ? inside.certain : [],
        groups: inside.groups,
      };
    }
    const named = this.#take(/\(\?P?<([^>]*)>/y)?.[1];
    if (named !== undefined) return this.#capture(known, named);
    const flags = this.#take(/\(\?([aiLmsux]*)(?:-([imsx]+))?:/y);
    if (flags) return this.#scoped(known, flags[1] ?? '', flags[2] ?? '');
    if (this.#take(/\(\?>/y)) this.#fail('an atomic group cannot be translated');
    if (this.#take(/\(\?\(/y)) this.#fail('a group that depends on another one cannot be translated');
    if (this.#take(/\(\?[aiLmsux]+\)/y)) this.#fail('flags for the whole must stand at the begin');
    if (this.#take(/\(\?/y)) this.#fail('an unknown extension');
    this.#at++;
    return this.#capture(known, undefined);
  }

  #scoped(known: ReadonlySet<number>, on: string, off: string): Piece {
    this.#refuseFlags(on, off);
    if (off.includes('i') && this.ignoresCase) this.#fail('(?-i:...) inside (?i) cannot be translated');
    const inside = this.#inside(known, this.#with(this.ignoresCase ? on.replace('i', '') : on, off));
    return inside.js === ''
      ? { ...nothing, js: '(?:)', isAtom: true }
      : { ...inside, js: `(?:${inside.js})`, isAtom: true };
  }

  #capture(known: ReadonlySet<number>, name: string | undefined): Piece {
    const group = ++this.#count;
    if (name !== undefined) {
      if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) this.#fail(`"${name}" is not a name for a group`);
      if (this.#names.has(name)) this.#fail(`the name "${name}" is given twice`);
      this.#names.set(name, group);
    }
    this.#open.add(group);
    const inside = this.#inside(known, this.#scope);
    this.#open.delete(group);
    return {
      js: `(${name === undefined ? '' : `?<${name}>`}${inside.js})`,
      isAtom: true,
      canBeEmpty: inside.canBeEmpty,
      certain: [...inside.certain, group],
      groups: [...inside.groups, group],
    };
  }

  #inside(known: ReadonlySet<number>, scope: Scope): Piece {
    const outer = this.#scope;
    this.#scope = scope;
    const piece = this.#choice(known);
    this.#scope = outer;
    if (!this.#take(/\)/y)) this.#fail('a ")" is missing');
    return piece;
  }
}
