import { isUtf8 } from 'node:buffer';

/**
 * How the characters of a file are written as bytes. What is decoded and not changed is encoded into the very same
 * bytes.
 */
export interface Encoding {
  decode(bytes: Uint8Array): string;
  /** @throws RangeError where half a character stands alone */
  encode(text: string): Buffer;
}

/**
 * UTF-8, in which bytes that are none survive: each becomes a lone low surrogate, U+DC80 to U+DCFF, which no valid
 * UTF-8 decodes to, and that becomes the byte again (Python's `surrogateescape`, PEP 383). So the words of an edit mean
 * the same in every file, and bytes of a stranger's encoding stay as they are.
 */
export const utf8: Encoding = {
  decode(bytes) {
    const buffer = asBuffer(bytes);
    if (isUtf8(buffer)) return buffer.toString('utf8');
    const parts: string[] = [];
    for (let at = 0; at < buffer.length;) {
      const length = characterLength(buffer, at);
      if (length > 0) parts.push(buffer.toString('utf8', at, at + length));
      else parts.push(String.fromCharCode(0xdc00 + (buffer[at] ?? 0)));
      at += Math.max(1, length);
    }
    return parts.join('');
  },
  encode(text) {
    if (isWellFormed(text)) return Buffer.from(text, 'utf8');
    const pieces = text.split(/([\udc80-\udcff])/u);
    return Buffer.concat(
      pieces.map((piece, i) =>
        i % 2 === 1 ? Buffer.from([piece.charCodeAt(0) - 0xdc00]) : Buffer.from(wellFormed(piece), 'utf8'),
      ),
    );
  },
};

const utf16: Encoding = {
  decode: (bytes) => asBuffer(bytes).toString('utf16le'),
  encode: (text) => Buffer.from(text, 'utf16le'),
};

const utf16be: Encoding = {
  decode: (bytes) => utf16.decode(swapped(bytes)),
  encode: (text) => swapped(utf16.encode(text)),
};

const marks: readonly { readonly mark: readonly number[]; readonly encoding: Encoding }[] = [
  { mark: [0xef, 0xbb, 0xbf], encoding: utf8 },
  { mark: [0xff, 0xfe], encoding: utf16 },
  { mark: [0xfe, 0xff], encoding: utf16be },
];

/** The encoding that the bytes say by their mark (BOM), which is no part of the text and stays; else UTF-8. */
export function encodingOf(bytes: Uint8Array): Encoding {
  for (const { mark, encoding } of marks) {
    if (!mark.every((byte, i) => bytes[i] === byte)) continue;
    const marked: Encoding = {
      decode: (all) => encoding.decode(all.subarray(mark.length)),
      encode: (text) => Buffer.concat([Buffer.from(mark), encoding.encode(text)]),
    };
    // What merely begins like a mark, or was cut off, is taken as bytes.
    return marked.encode(marked.decode(bytes)).equals(bytes) ? marked : utf8;
  }
  return utf8;
}

/**
 * An encoding of one byte a character, by its usual name (`ISO-8859-1`, `windows-1252`, `KOI8-R`); undefined for
 * others.
 *
 * @param spell how a character that the encoding does not have is written with those it has
 */
export function singleByteEncoding(name: string, spell: (character: string) => string): Encoding | undefined {
  const known = tables.get(name.toLowerCase()) ?? tableOf(name);
  if (known === undefined) return undefined;
  tables.set(name.toLowerCase(), known);
  const bytesOf = new Map(known.map((character, byte) => [character, byte]));
  return {
    decode: (bytes) => Array.from(bytes, (byte) => known[byte] ?? '').join(''),
    encode(text) {
      const bytes = Array.from(
        text,
        (character) => bytesOf.get(character) ?? [...spell(character)].map((one) => one.charCodeAt(0)),
      );
      return Buffer.from(bytes.flat());
    },
  };
}

const tables = new Map<string, readonly string[]>();

/** Bytes 80 to 9F. Node 20 reads them as latin1. */
const windows1252 = [...'€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'];

/** The character of each byte. */
function tableOf(name: string): readonly string[] | undefined {
  const all = Array.from({ length: 256 }, (_, byte) => byte);
  // The Encoding Standard reads these as windows-1252.
  if (/^(?:iso[-_]?8859-?1|latin1|us-ascii|ascii)$/i.test(name)) {
    const isAscii = /ascii/i.test(name);
    return all.map((byte) => String.fromCharCode(isAscii && byte > 0x7f ? 0xdc00 + byte : byte));
  }
  if (/^(?:windows|cp)-?1252$/i.test(name))
    return all.map((byte) =>
      byte >= 0x80 && byte < 0xa0 ? (windows1252[byte - 0x80] ?? '') : String.fromCharCode(byte),
    );
  if (!/^(?:iso-?8859-?\d+|windows-?125\d|cp-?125\d|koi8-[ru]|ibm866|macintosh|windows-874)$/i.test(name))
    return undefined;
  try {
    const decoder = new TextDecoder(name.replace(/^cp-?/i, 'windows-'));
    const table = all.map((byte) => decoder.decode(Uint8Array.of(byte)));
    // A byte without a character keeps its own place, so that it survives.
    return table.map((character, byte) => (character === '\ufffd' ? String.fromCharCode(0xdc00 + byte) : character));
  } catch {
    return undefined;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function swapped(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2)));
  return copy.swap16();
}

/** The bytes of the character that begins here; 0 where none does. */
function characterLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  const length =
    first < 0x80
      ? 1
      : first >= 0xc2 && first < 0xe0
        ? 2
        : first >= 0xe0 && first < 0xf0
          ? 3
          : first >= 0xf0 && first < 0xf5
            ? 4
            : 0;
  return length > 0 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}

/** Whether no half of a surrogate pair stands alone. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function wellFormed(text: string): string {
  if (isWellFormed(text)) return text;
  throw new RangeError('the edit would tear a character apart');
}
