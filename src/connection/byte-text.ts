/**
 * Names on a Unix host are bytes, and not always UTF-8. In strings, a byte that is not part of a character is kept as
 * one of the lone surrogates U+DC80 to U+DCFF, which no other text contains: as in Python (PEP 383), so that nothing is
 * lost on the way from a host and back.
 */
import { isUtf8 } from 'node:buffer';

/** The characters of UTF-8 as bytes in latin1 (RFC 3629, section 4); a byte that does not match is not part of one. */
const characters =
  /(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+|[^]/g;
const strayBytes = /[\udc80-\udcff]/u;

/** Bytes as text from which `toBytes` makes the same bytes. */
export function fromBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  return bytes.toString('latin1').replace(characters, (part) => {
    const own = Buffer.from(part, 'latin1');
    return isUtf8(own) ? own.toString('utf8') : String.fromCharCode(0xdc00 + part.charCodeAt(0));
  });
}

/** The bytes of a text: UTF-8, and the stray ones that `fromBytes` kept. */
export function toBytes(text: string): Buffer {
  if (!strayBytes.test(text)) return Buffer.from(text);
  return Buffer.concat(
    text
      .split(/([\udc80-\udcff])/u)
      .map((part) => (strayBytes.test(part) ? Buffer.from([part.charCodeAt(0) - 0xdc00]) : Buffer.from(part))),
  );
}

/** For people: stray bytes the way ls(1) and git show them, `caf\351`. */
export function visible(text: string): string {
  return text.replace(/[\udc80-\udcff]/gu, (one) => `\\${(one.charCodeAt(0) - 0xdc00).toString(8)}`);
}
