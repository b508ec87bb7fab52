/** How characters are meant where a class or a literal stands. */
export interface CharacterRules {
  readonly ascii: boolean;
  /** Both cases of a letter, where the pattern as a whole tells them apart. */
  readonly folds: boolean;
}

/** A class of Python's in JavaScript's spelling (flag `v`), and where it ends in the source. */
export interface TranslatedClass {
  readonly js: string;
  readonly end: number;
  readonly namesCr: boolean;
}

/** A character as a pattern has it, inside or outside of a class. */
export function spellCharacter(code: number): string {
  const character = String.fromCodePoint(code);
  return /^[A-Za-z0-9_]$/.test(character) ? character : `\\u{${code.toString(16)}}`;
}

/** A character in both cases. */
export function folded(code: number): string {
  const variants = bothCases(code);
  return variants.length === 1 ? spellCharacter(code) : `[${variants.map(spellCharacter).join('')}]`;
}

function bothCases(code: number): number[] {
  const character = String.fromCodePoint(code);
  const cases = [character, character.toLowerCase(), character.toUpperCase()].map((one) =>
    one.length === character.length ? (one.codePointAt(0) ?? code) : code,
  );
  return [...new Set(cases)];
}

const asciiClasses: Readonly<Record<string, string>> = { d: '[0-9]', w: '[A-Za-z0-9_]', s: '[\\t-\\r\\u{20}]' };
// What str.isalnum() and str.isspace() say; JavaScript's \s has U+FEFF and lacks U+001C to U+001F and U+0085.
const unicodeClasses: Readonly<Record<string, string>> = {
  d: '\\p{Nd}',
  w: '[\\p{L}\\p{N}_]',
  s: '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]',
};

/** `\d`, `\w`, `\s` and, by their capitals, all else. */
export function classEscape(letter: string, ascii: boolean): string {
  const small = (ascii ? asciiClasses : unicodeClasses)[letter.toLowerCase()] ?? '';
  return letter === letter.toLowerCase() ? small : `[^${small}]`;
}

/**
 * Reads a class, from its bracket on.
 *
 * @param only the bracket is followed by one escape that stands for itself
 * @returns why it cannot be read, or the class
 */
export function charClass(
  source: string,
  start: number,
  rules: CharacterRules,
  only = false,
): TranslatedClass | string {
  let at = start + 1;
  const negated = !only && source[at] === '^';
  if (negated) at++;
  const first = at;
  const parts: string[] = [];
  let namesCr = false;
  for (;;) {
    if (at >= source.length) return 'a "]" is missing';
    if (source[at] === ']' && at > first) break;
    const low = member(source, at, only);
    if (typeof low === 'string') return low;
    at = low.end;
    namesCr ||= low.code === 0x0d;
    if (only)
      return {
        js: low.code === undefined ? spelt(low, rules) : rules.folds ? folded(low.code) : spellCharacter(low.code),
        end: at,
        namesCr,
      };
    if (source[at] !== '-' || source[at + 1] === ']') {
      parts.push(spelt(low, rules));
      continue;
    }
    if (at + 1 >= source.length) return 'a "]" is missing';
    const high = member(source, at + 1, false);
    if (typeof high === 'string') return high;
    if (low.code === undefined || high.code === undefined || high.code < low.code)
      return `bad character range ${source.slice(at - 1, high.end)}`;
    at = high.end;
    const range = rangeOf(low.code, high.code, rules);
    if (range === undefined) return 'a range this wide inside (?i:...) cannot be translated; put (?i) at the begin';
    parts.push(range);
  }
  return { js: `[${negated ? '^' : ''}${parts.join('')}]`, end: at + 1, namesCr };
}

interface Member {
  /** Undefined for a class of its own: `letter`, or a property as it is written. */
  readonly code?: number;
  readonly letter?: string;
  readonly property?: string;
  readonly end: number;
}

function spelt({ code, letter, property }: Member, { ascii, folds }: CharacterRules): string {
  if (code !== undefined) return (folds ? bothCases(code) : [code]).map(spellCharacter).join('');
  return property ?? classEscape(letter ?? '', ascii);
}

function rangeOf(low: number, high: number, { folds }: CharacterRules): string | undefined {
  const range = `${spellCharacter(low)}-${spellCharacter(high)}`;
  if (!folds) return range;
  if (high - low > 1000) return undefined;
  const others = Array.from({ length: high - low + 1 }, (_, i) => bothCases(low + i))
    .flat()
    .filter((code) => code < low || code > high);
  return range + [...new Set(others)].map(spellCharacter).join('');
}

const simple: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/**
 * One member of a class; `only`: an escape outside of one, where `\b` and numbers mean other things and were read
 * before.
 */
function member(source: string, at: number, only: boolean): Member | string {
  const code = source.codePointAt(at) ?? 0;
  if (source[at] !== '\\') return { code, end: at + String.fromCodePoint(code).length };
  const [whole = '', letter, hex2, hex4, hex8, octal, property] =
    match(
      /\\(?:([dDwWsS])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|([pP]\{[\w=]+\}))/y,
      source,
      at,
    ) ?? [];
  const end = at + whole.length;
  if (letter !== undefined) return { letter, end };
  if (property !== undefined) return { property: `\\${property}`, end };
  if (octal !== undefined) {
    const value = Number.parseInt(octal, 8);
    return value > 0o377 ? `an octal escape beyond \\377` : { code: value, end };
  }
  const hex = hex2 ?? hex4 ?? hex8;
  if (hex !== undefined)
    return Number.parseInt(hex, 16) > 0x10ffff ? `bad escape ${whole}` : { code: Number.parseInt(hex, 16), end };
  const next = source.codePointAt(at + 1);
  if (next === undefined) return 'a "\\" at the end';
  const character = String.fromCodePoint(next);
  if (character === 'b' && !only) return { code: 8, end: at + 2 };
  if (character === 'N') return '\\N{...} is not understood; write the character, or \\uXXXX';
  const known = simple[character];
  if (known !== undefined) return { code: known, end: at + 2 };
  if (/^[A-Za-z0-9]$/.test(character)) return `bad escape \\${character}`;
  return { code: next, end: at + 1 + character.length };
}

function match(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}
