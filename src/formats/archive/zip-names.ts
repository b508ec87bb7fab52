import { fromBytes } from '../../connection/byte-text.ts';

/** Code page 437, from 0x80 on: what names are written in where nothing else is said (APPNOTE.TXT, appendix D). */
const upperHalf =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/**
 * A name in a zip archive: UTF-8 where a flag or an extra field says so, the maker's own bytes where that was on Unix,
 * else code page 437. (Info-ZIP's unzip makes ISO 8859-1 of the last, whatever the locale.)
 */
export function zipName(
  bytes: Buffer,
  { isUtf8, isUnix, extra }: { readonly isUtf8: boolean; readonly isUnix: boolean; readonly extra: Buffer },
): string {
  if (isUtf8 || isUnix) return unicodePath(extra) ?? fromBytes(bytes);
  return (
    unicodePath(extra) ??
    bytes.toString('latin1').replace(/[\x80-\xff]/g, (one) => upperHalf[one.charCodeAt(0) - 0x80] ?? one)
  );
}

/** The "Unicode path" extra field (APPNOTE.TXT 4.6.9): a version and a checksum of 5 bytes, then the name. */
function unicodePath(extra: Buffer): string | undefined {
  const field = extraField(extra, 0x7075);
  return field && field.length > 5 ? fromBytes(field.subarray(5)) : undefined;
}

/** An extra field by its number: 2 bytes each for number and length, then the data. */
export function extraField(extra: Buffer, wanted: number): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length;) {
    const length = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === wanted) return extra.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return undefined;
}
