import { PythonRegExp } from './python-flags.ts';
import { encodingOf, type Encoding } from './text-bytes.ts';

/** Thrown by an edit that cannot be made of this text; the task fails with its words. */
export class EditRefused extends Error {}

/** What an edit is described by: strings and patterns, looked for in a text or put into it. */
export type Description = object;

export type Apply<E extends Description> = (text: string, edit: E) => string;

/**
 * Changes the text and keeps every byte it does not touch: bytes that are no characters, the mark at the begin (BOM),
 * and line ends. Of a file whose lines all end in CR LF an edit sees lines that end in LF, and what it adds gets CR LF
 * too; unless it speaks of carriage returns itself. This is the one way from a file's bytes to text and back.
 *
 * @param encoding default: what the bytes say by their mark, else UTF-8
 * @throws EditRefused, also where a second run would change the text again
 */
export function editText<E extends Description>(
  bytes: Buffer,
  edit: E,
  apply: Apply<E>,
  encoding: (bytes: Buffer) => Encoding = encodingOf,
): Buffer {
  const made = pass(bytes, edit, apply, encoding);
  if (made.equals(bytes)) return bytes;
  if (!pass(made, edit, apply, encoding).equals(made)) {
    throw new EditRefused(
      'every run would change the file again, since the edit finds what it made and changes it again; make what it looks for match only what should be changed, with `(?!...)` or `(?<!...)` in a regular expression',
    );
  }
  return made;
}

function pass<E extends Description>(
  bytes: Buffer,
  edit: E,
  apply: Apply<E>,
  encoding: (bytes: Buffer) => Encoding,
): Buffer {
  const { decode, encode } = encoding(bytes);
  const text = decode(bytes);
  try {
    if (!hasCrlf(text) || speaksOfCr(edit)) return unchangedOr(bytes, text, apply(text, edit), encode);
    const plain = text.replaceAll('\r\n', '\n');
    return unchangedOr(bytes, plain, apply(plain, edit), (made) => encode(made.replaceAll(/\r?\n/g, '\r\n')));
  } catch (error) {
    if (error instanceof RangeError) throw new EditRefused(error.message);
    throw error;
  }
}

function unchangedOr(bytes: Buffer, before: string, after: string, encode: (text: string) => Buffer): Buffer {
  return after === before ? bytes : encode(after);
}

/** Every line end is CR LF, and there is one. */
function hasCrlf(text: string): boolean {
  return text.includes('\r\n') && !/(?<!\r)\n/.test(text);
}

const carriageReturn = /\r|\\r|\\x0d|\\u000d|\\u\{0*d\}|\\cm/i;

/** A pattern that names CR sees the line ends as they are. */
function speaksOfCr(value: unknown): boolean {
  if (value instanceof PythonRegExp) return value.namesCr;
  if (value instanceof RegExp) return carriageReturn.test(value.source);
  return typeof value === 'object' && value !== null && Object.values(value).some(speaksOfCr);
}
