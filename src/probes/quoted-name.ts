import { fromBytes } from '../connection/byte-text.ts';

/**
 * Whether an error message of a program, without the reason at its end, is about this very name. coreutils quote names as a shell would read them
 * (`'it'\''s'`, `'q '$'\303\251'`), busybox puts plain quotes around them.
 */
export function isAbout(line: string, name: string): boolean {
  return line.endsWith(` '${name}'`) || line.endsWith(`: ${name}`) || shellWords(line).includes(name);
}

const part = /'([^']*)'|\\(.)|\$'((?:[^'\\]|\\.)*)'/gs;
const word = /(?:'[^']*'|\\.|\$'(?:[^'\\]|\\.)*')+/gs;

/** The quoted words of a line, as a shell would read them. */
function shellWords(line: string): string[] {
  return [...line.matchAll(word)].map(([quoted]) => {
    const bytes = [...quoted.matchAll(part)].map(([, plain, one, escaped]) =>
      escaped === undefined ? Buffer.from(plain ?? one ?? '') : unescaped(escaped),
    );
    return fromBytes(Buffer.concat(bytes));
  });
}

const letters: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function unescaped(text: string): Buffer {
  return Buffer.concat(
    [...text.matchAll(/\\([0-7]{1,3})|\\(.)|[^\\]+/gs)].map(([whole, octal, letter]) =>
      octal !== undefined
        ? Buffer.from([Number.parseInt(octal, 8)])
        : Buffer.from(letter === undefined ? whole : (letters[letter] ?? letter)),
    ),
  );
}
