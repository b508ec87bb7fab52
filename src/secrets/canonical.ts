/**
 * Text reduced to what stays the same however programs quote and escape it: escapes of URLs (%2F), XML and HTML (&amp;,
 * &#x27;), JSON, C and shells (\u00e9, \x41, \303, \') are undone, also where one lies in another; quotes, backslashes,
 * blanks, line ends, `+` (a blank in forms), `:` and `,` (between hexadecimal numbers, and lines in a list) are left
 * out; letters are small. A secret reduced in the same way is found by one search, instead of one for each way to write
 * it.
 */
export interface Canonical {
  readonly bytes: Uint8Array;
  readonly length: number;
  /** For each of `bytes`, where in the text what it stands for begins. */
  readonly from: Uint32Array;
  /** Where an escape begins that the end of the text cuts off, and where this ends then; else the text's length. */
  readonly end: number;
  /** Whether there is a sign in it that begins escapes: elsewhere a secret looks as it is. */
  readonly hasSigns: boolean;
}

export interface CanonicalOptions {
  /** More of the text may come: an escape that it cuts off is left for then. */
  readonly mayGoOn?: boolean;
  /** The signs whose escapes are undone; default all. */
  readonly signs?: string;
}

/**
 * An escape that is longer (backslashes doubled many times over) is taken byte by byte: what is held back has a bound.
 */
const longestEscape = 24;

export const escapeSigns = '%&\\';
const [PLAIN, DROPPED, PERCENT, AMPERSAND, BACKSLASH] = [0, 1, 0x25, 0x26, 0x5c];
/** By byte. */
const kinds = new Uint8Array(256);
for (const char of '\0\t\n\v\f\r "\'`+:,') kinds[char.charCodeAt(0)] = DROPPED;
for (const sign of escapeSigns) kinds[sign.charCodeAt(0)] = sign.charCodeAt(0);

/** Small letters for ASCII; other alphabets have needles of their own. */
export const folded = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
);

/** What text of this length is written into; used again, so that nothing of one search may be kept for the next. */
let room = { bytes: new Uint8Array(0), from: new Uint32Array(0) };

/** @returns what is good until the next call */
export function canonical(text: Buffer, { mayGoOn = false, signs = escapeSigns }: CanonicalOptions = {}): Canonical {
  if (room.bytes.length < text.length)
    room = { bytes: new Uint8Array(text.length), from: new Uint32Array(text.length) };
  const { bytes, from } = room;
  let length = 0;
  let hasSigns = false;
  for (let at = 0; at < text.length;) {
    const byte = text[at] ?? 0;
    const kind = kinds[byte] ?? PLAIN;
    if (kind === PLAIN) {
      bytes[length] = folded[byte] ?? 0;
      from[length++] = at++;
    } else if (kind === DROPPED) {
      at++;
    } else {
      hasSigns = true;
      const escape = signs.includes(String.fromCharCode(kind)) ? readEscape(text, at, kind, mayGoOn) : undefined;
      if (escape === 'cut off') return { bytes, length, from, end: at, hasSigns };
      // What looks like the start of an escape and is none stands for itself; a backslash is left out.
      const { stands, size } = escape ?? { stands: kind === BACKSLASH ? [] : [byte], size: 1 };
      for (const one of stands) {
        if (kinds[one] === DROPPED || kinds[one] === BACKSLASH) continue;
        bytes[length] = folded[one] ?? 0;
        from[length++] = at;
      }
      at += size;
    }
  }
  return { bytes, length, from, end: text.length, hasSigns };
}

/** Where what begins at `at` ends: an escape is several bytes. */
export function endOfByte(text: Buffer, at: number): number {
  const kind = kinds[text[at] ?? 0] ?? PLAIN;
  return at + (kind === PLAIN || kind === DROPPED ? 1 : (asEscape(readEscape(text, at, kind, false))?.size ?? 1));
}

function asEscape(read: Escape | 'cut off' | undefined): Escape | undefined {
  return read === 'cut off' ? undefined : read;
}

interface Escape {
  readonly stands: Iterable<number>;
  /** Bytes of the text. */
  readonly size: number;
}

/** What was encoded twice has %252F, &amp;lt; or \\u00e9: each takes any number of the sign that begins it. */
const wholes: Readonly<Record<number, RegExp>> = {
  [PERCENT]: /^%(?:25)*([0-9a-f]{2})/i,
  [AMPERSAND]: /^&(?:amp;)*(?:#x0*([0-9a-f]{1,6})|#0*(\d{1,7})|(lt|gt|quot|apos|amp));/i,
  [BACKSLASH]:
    /^\\+(?:[uU](d[89ab][0-9a-f]{2})\\+u(d[c-f][0-9a-f]{2})|U([0-9a-f]{8})|u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2})|([0-3][0-7]{2})|[nrtfv])/i,
};
const begun: Readonly<Record<number, RegExp>> = {
  [PERCENT]: /^%(?:25)*[0-9a-f]?$/i,
  [AMPERSAND]: /^&(?:amp;)*[a-z0-9#]*$/i,
  [BACKSLASH]:
    /^\\+(?:u[0-9a-f]{0,3}|ud[89ab][0-9a-f]{2}(?:\\+u?[0-9a-f]{0,3})?|u\{[0-9a-f]*|U[0-9a-f]{0,7}|x[0-9a-f]?|[0-3][0-7]?)?$/i,
};
/** What can follow the sign; anything else is no escape, and most of text is that. */
const follows: Readonly<Record<number, RegExp>> = {
  [PERCENT]: /[0-9a-f]/i,
  [AMPERSAND]: /[a-z#]/i,
  [BACKSLASH]: /[\\uUx0-3nrtfv]/,
};
const mayFollow = new Map(
  Object.entries(follows).map(([kind, pattern]) => [
    Number(kind),
    Uint8Array.from({ length: 256 }, (_, byte) => Number(pattern.test(String.fromCharCode(byte)))),
  ]),
);
const names: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** The escape that begins at `at`; undefined when none does. */
function readEscape(text: Buffer, at: number, kind: number, mayGoOn: boolean): Escape | 'cut off' | undefined {
  const next = text[at + 1];
  if (next !== undefined && mayFollow.get(kind)?.[next] !== 1) return undefined;
  const ahead = text.toString('latin1', at, at + longestEscape);
  if (mayGoOn && ahead.length < longestEscape && begun[kind]?.test(ahead)) return 'cut off';
  const match = wholes[kind]?.exec(ahead);
  return match
    ? {
        stands:
          kind === PERCENT
            ? [Number.parseInt(match[1] ?? '', 16)]
            : kind === AMPERSAND
              ? entity(match)
              : backslashed(match),
        size: match[0].length,
      }
    : undefined;
}

function entity([, hex, decimal, name = '']: RegExpExecArray): Iterable<number> {
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return hex === undefined && decimal === undefined ? Buffer.from(names[name.toLowerCase()] ?? '') : utf8(code);
}

function backslashed([, high, low, ...codes]: RegExpExecArray): Iterable<number> {
  if (high !== undefined && low !== undefined)
    return utf8(0x10000 + ((Number.parseInt(high, 16) - 0xd800) << 10) + (Number.parseInt(low, 16) - 0xdc00));
  const [long, braced, short, byte, octal] = codes;
  if (byte !== undefined) return [Number.parseInt(byte, 16)];
  if (octal !== undefined) return [Number.parseInt(octal, 8)];
  const code = long ?? braced ?? short;
  // A line end, a tab: left out, as they are when they stand there themselves.
  return code === undefined ? [] : utf8(Number.parseInt(code, 16));
}

function utf8(code: number): Iterable<number> {
  return code > 0x10ffff ? [] : Buffer.from(String.fromCodePoint(code));
}
