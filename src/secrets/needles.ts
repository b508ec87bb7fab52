import { canonical, escapeSigns, folded } from './canonical.ts';

export const mask = '********';
/** Below this a text search would mask ordinary words; such secrets are kept by taint alone. */
export const shortestSearched = 4;
/**
 * From here on a form may be found across blanks and line ends, and as part of a longer encoding: shorter ones would
 * hit ordinary words.
 */
const distinct = 8;
/** Longer texts are searched for piece by piece: what has to be held back of a stream has a bound. */
const longestPiece = 1024;
/** Of a longer secret only the plain and the once encoded forms are searched for. */
const longestTwice = 4096;
/** Where `base64` breaks its lines. */
const base64Line = 76;
const base64Lines = new RegExp(`.{1,${base64Line}}`, 'g');

export interface Needle {
  readonly bytes: Uint8Array;
  /** Whether blanks and line ends may lie between. */
  readonly acrossBlanks: boolean;
}

/** What to search for: `plain` in text as it stands (small letters), `canonical` in what `canonical()` makes of it. */
export interface Needles {
  readonly plain: readonly Needle[];
  readonly canonical: readonly Needle[];
  /** One of them has too few letters and digits to be searched for in canonical text. */
  readonly hasPlainOnly: boolean;
}

/**
 * All that is searched for a secret: itself, each of its lines, and the forms programs commonly print it in.
 *
 * @param parts the texts it was built from, where it was built: of its lines only those that hold one are secret
 */
export function needlesOf(text: string, parts: readonly string[] = []): Needles {
  const words = new Set(
    wordsOf(text, parts)
      .map((word) => word.trim())
      .filter((word) => word.length >= shortestSearched)
      .flatMap(pieces)
      .flatMap(otherCases),
  );
  const plain = [...words]
    .flatMap((word) => [word, [...word].reverse().join('')])
    .map((word) => Buffer.from(word, 'utf8'));
  const encoded = new Set(
    [...words].flatMap((word) => encodedForms(Buffer.from(word, 'utf8'), text.length <= longestTwice)),
  );
  const read = plain.map(readings);
  return {
    plain: plain.map((bytes) => ({ bytes: bytes.map((byte) => folded[byte] ?? 0), acrossBlanks: true })),
    canonical: [...read.flat(), ...[...encoded].map((form) => reduced(Buffer.from(form, 'latin1')))].filter(
      ({ bytes }) => bytes.length >= shortestSearched,
    ),
    hasPlainOnly: read.flat().some(({ bytes }) => bytes.length < shortestSearched),
  };
}

/**
 * A secret with escapes of its own (`a%2Fb`): what encoded it may have left the signs of some, and encoded those of
 * others.
 */
function readings(text: Buffer): Needle[] {
  const own = [...escapeSigns].filter((sign) => text.includes(sign));
  return own
    .reduce<string[]>((chosen, sign) => [...chosen, ...chosen.map((signs) => signs + sign)], [''])
    .map((signs) => reduced(text, signs));
}

function reduced(text: Buffer, signs = escapeSigns): Needle {
  const { bytes, length } = canonical(text, { signs });
  return { bytes: bytes.slice(0, length), acrossBlanks: length >= distinct || /\s/.test(text.toString('latin1')) };
}

/**
 * A line of a key is as secret as the key; the armour around it is not, nor are lines that hold no part of what a text
 * was built from.
 */
function wordsOf(text: string, parts: readonly string[]): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.length === 1) return [text];
  const known = parts
    .flatMap((part) => part.split(/\r?\n/))
    .map((part) => part.trim())
    .filter((part) => part.length >= shortestSearched);
  const holding = lines.filter((line) => known.some((part) => line.includes(part)));
  if (holding.length > 0) return holding;
  return [text, ...lines.filter((line) => !line.trim().startsWith('-----'))];
}

function pieces(text: string): string[] {
  if (text.length <= longestPiece) return [text];
  const count = Math.ceil(text.length / longestPiece);
  const size = Math.ceil(text.length / count);
  return Array.from({ length: count }, (_, at) => text.slice(at * size, (at + 1) * size));
}

/** The search takes no notice of case in ASCII; elsewhere a letter may have other bytes, and another length. */
function otherCases(text: string): string[] {
  return /[^\x00-\x7f]/.test(text) ? [text, text.toLowerCase(), text.toUpperCase()] : [text];
}

/**
 * Hexadecimal, base64, and base64 of base64: of the secret alone and of what holds it, also where `base64` wrapped the
 * lines of the first.
 */
function encodedForms(bytes: Buffer, twice: boolean): string[] {
  const whole = bytes.toString('base64');
  const bare = whole.replace(/=+$/, '');
  const inner = base64Within(bytes);
  const lines = whole.length > base64Line ? (inner[0]?.match(base64Lines) ?? []) : [];
  const again = twice ? [bare, ...inner, ...lines].flatMap((form) => base64Within(Buffer.from(form, 'latin1'))) : [];
  const base64 = [whole, bare, ...inner, ...again];
  return [
    bytes.toString('hex'),
    ...base64,
    ...base64.filter((form) => /[+/]/.test(form)).map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

/**
 * The part of base64 that stays the same wherever the bytes stand inside of what is encoded (`user:password` of basic
 * authentication): three alignments, the characters shared with neighbours cut off.
 */
function base64Within(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const isWhole = (offset + bytes.length) % 3 === 0;
    const inner = encoded.slice(offset === 0 ? 0 : offset + 1, isWhole ? undefined : -1);
    return inner.length >= distinct ? [inner] : [];
  });
}
