import { encodingOf, singleByteEncoding, utf8, type Encoding } from './text-bytes.ts';
import { EditRefused } from './text-edit.ts';

/**
 * How an XML document is written: by its mark (BOM), else by its declaration (XML 1.0, 4.3.3), else in UTF-8. A
 * character that the encoding does not have becomes a reference to it.
 *
 * @throws EditRefused for an encoding that is not known here
 */
export function xmlEncodingOf(bytes: Buffer): Encoding {
  const marked = encodingOf(bytes);
  if (marked !== utf8) return marked;
  if (bytes.subarray(0, 4).includes(0))
    throw new EditRefused('it is XML in UTF-16 or UTF-32 without a byte order mark; put one at its begin');
  const [, double, single] =
    /^<\?xml\s[^>]*?\sencoding\s*=\s*(?:"([^"]*)"|'([^']*)')/.exec(bytes.toString('latin1', 0, 1024)) ?? [];
  const name = double ?? single ?? 'utf-8';
  if (/^utf-?8$/i.test(name)) return utf8;
  const declared = singleByteEncoding(name, (character) => `&#${character.codePointAt(0)};`);
  if (!declared)
    throw new EditRefused(`it says that it is written in ${name}, which cannot be edited here; convert it to UTF-8`);
  return declared;
}
