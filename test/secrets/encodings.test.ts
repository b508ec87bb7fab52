import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { Redactor, Secret } from '../../src/secrets/index.ts';

/**
 * Runs bash with a secret on stdin and in $S; all it says. What is not read of stdin is read at the end, or writing it
 * would fail.
 */
const sh = (command: string, input: string): string =>
  execFileSync('bash', ['-c', `(${command}\n); cat >/dev/null`], {
    input,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8', S: input },
  });
const python = (code: string, input: string): string =>
  execFileSync('python3', ['-c', `import sys, html, json\n${code}`], {
    input,
    encoding: 'utf8',
    env: { ...process.env, PYTHONUTF8: '1' },
  });
const xml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
const hex = (text: string): string => Buffer.from(text).toString('hex');

/** What programs make of a secret. */
const encodings: readonly (readonly [string, (text: string) => string])[] = [
  ['as it is', (text) => text],
  ['upper case', (text) => text.toUpperCase()],
  ['lower case', (text) => text.toLowerCase()],
  ['reversed', (text) => [...text].reverse().join('')],
  ['base64', (text) => sh('base64 -w0', text)],
  ['base64 -w76', (text) => sh('base64', text)],
  ['base64 with a line end', (text) => sh('echo "$S" | base64', text)],
  ['base64 in lines of 64, one byte later', (text) => sh('printf "a%s:x" "$S" | base64 -w64', text)],
  ['base64 in lines of 64, two bytes later', (text) => sh('printf "ab%s:x" "$S" | base64 -w64', text)],
  ['base64 for URLs', (text) => Buffer.from(text).toString('base64url')],
  ['double base64', (text) => sh('base64 | base64', text)],
  ['double base64 of more', (text) => sh('printf "u:%s" "$S" | base64 -w0 | base64', text)],
  ['hex', hex],
  ['HEX', (text) => hex(text).toUpperCase()],
  ['hex in lines', (text) => sh('od -An -v -tx1', text)],
  ['hex with colons', (text) => hex(text).replace(/(..)(?=.)/g, '$1:')],
  ['characters apart', (text) => text.replace(/\S/gu, '$& ')],
  ['\\x', (text) => hex(text).replace(/../g, '\\x$&')],
  ['octal', (text) => [...Buffer.from(text)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')],
  ['printf %q', (text) => sh('printf %q "$S"', text)],
  ['set -x', (text) => sh('exec 2>&1; set -x; : "$S"', text)],
  ['${S@Q}', (text) => sh('echo "${S@Q}"', text)],
  ["quoted with '", (text) => `'${text.replaceAll("'", `'\\''`)}'`],
  ['quoted with "', (text) => `'${text.replaceAll("'", `'"'"'`)}'`],
  ['SQL', (text) => `'${text.replaceAll("'", "''")}'`],
  ['CSV', (text) => `"${text.replaceAll('"', '""')}"`],
  ['URL', (text) => encodeURIComponent(text)],
  ['URL in lower case', (text) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase())],
  ['a form', (text) => new URLSearchParams({ a: text }).toString()],
  ['URL twice', (text) => encodeURIComponent(encodeURIComponent(text))],
  ['URL, each byte', (text) => hex(text).replace(/../g, '%$&')],
  ['XML', xml],
  ['XML twice', (text) => xml(xml(text))],
  ['HTML of Python', (text) => python('print(html.escape(sys.stdin.read()))', text)],
  [
    'HTML, each character by number',
    (text) => [...text].map((char) => `&#${String(char.codePointAt(0)).padStart(3, '0')};`).join(''),
  ],
  ['HTML, hexadecimal', (text) => [...text].map((char) => `&#x${(char.codePointAt(0) ?? 0).toString(16)};`).join('')],
  ['JSON', (text) => JSON.stringify(text)],
  ['JSON of Python', (text) => python('print(json.dumps(sys.stdin.read()))', text)],
  ['JSON within JSON', (text) => JSON.stringify(JSON.stringify([text]))],
  ['repr of Python', (text) => python('print(repr(sys.stdin.read()))', text)],
  ['bytes of Python', (text) => python('print(sys.stdin.buffer.read())', text)],
  ['NUL between', (text) => [...text].join('\0')],
  ['wrapped lines', (text) => text.replace(/\s/g, '').replace(/(.{20})(?=.)/gu, '$1\n')],
  ['YAML', (text) => stringify({ a: text })],
];

const key = `-----BEGIN PRIVATE KEY-----\n${Array.from({ length: 12 }, (_, at) =>
  Buffer.from(`line ${at * 7919} of a private key that is long..`)
    .toString('base64')
    .slice(0, 64),
).join('\n')}\n-----END PRIVATE KEY-----\n`;
const samples: readonly (readonly [string, string])[] = [
  ['a word', 'S3cr3t-hunter2'],
  ['every special sign', `Zq'7"<&>\\w é%K+9:/n3=x|t`],
  ['escapes of its own', 'ab%2Fc&lt;d\\ne\\u0041f%25g'],
  ['a long line', Array.from({ length: 150 }, (_, at) => String.fromCharCode(33 + ((at * 37) % 90))).join('')],
  ['a key', key],
];

const squeezed = (text: string): string => text.replace(/\s/g, '');

/** The longest run of characters of `text` that stands in `shown`. */
function longestShared(shown: string, text: string): string {
  let longest = '';
  for (let at = 0; at < text.length; at++)
    while (at + longest.length < text.length && shown.includes(text.slice(at, at + longest.length + 1)))
      longest = text.slice(at, at + longest.length + 1);
  return longest;
}

describe.each(encodings)('%s', (_, encode) => {
  it.each(samples)('of %s is masked, whole and cut anywhere', (__, secret) => {
    const encoded = encode(secret);
    const redactor = new Redactor([new Secret(secret)]);
    const text = `before ${encoded} after\n`;
    const shown = redactor.redact(text);
    // What encoders put around it, and in base64 what is mixed with its neighbours, is no part of it.
    expect(longestShared(squeezed(shown), squeezed(encoded)).length, shown).toBeLessThan(8);
    expect(shown.startsWith('before') && shown.endsWith('after\n')).toBe(true);
    const bytes = Buffer.from(text);
    const step = Math.max(1, Math.floor(bytes.length / 30));
    for (let cut = 1; cut < bytes.length; cut += step) {
      const stream = redactor.stream();
      const streamed = Buffer.concat([
        stream.write(bytes.subarray(0, cut)),
        stream.write(bytes.subarray(cut)),
        stream.end(),
      ]).toString();
      expect(longestShared(squeezed(streamed), squeezed(encoded)).length, `cut at ${cut}: ${streamed}`).toBeLessThan(8);
    }
  });
});
