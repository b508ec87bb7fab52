import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fromBytes, toBytes } from '../../src/connection/byte-text.ts';
import { unifiedDiff } from '../../src/report/index.ts';
import { Redactor, Secret } from '../../src/secrets/index.ts';

const plain = (text: string): string => text;
const diff = (before: string | null, after: string | null, redact = plain): string =>
  unifiedDiff({ path: '/etc/app.conf', before: before === null ? null : Buffer.from(before), after: after === null ? null : Buffer.from(after) }, redact);

const pairs: readonly (readonly [string, string | null, string | null])[] = [
  ['a changed line', 'a\nb\nc\n', 'a\nB\nc\n'],
  ['a new file', null, 'a\nb\n'],
  ['a removed file', 'a\n', null],
  ['a line ending lost', 'a\nb\n', 'a\nb'],
  ['a line ending won', 'a\nb', 'a\nb\n'],
  ['two far places', `x\n${'y\n'.repeat(50)}z\n`, `X\n${'y\n'.repeat(50)}Z\n`],
  ['lines that look like headers', '-- a\n++ b\n@@ c\n', '-- b\n++ a\n@@ d\n'],
  ['carriage returns', 'a\r\nb\r\n', 'a\nb\n'],
  ['everything', 'a\nb\n', 'c\nd\ne\n'],
  ['lines joined', 'x\na\nb\n', 'x\nab\n'],
  ['one of many like it', 'a\n'.repeat(20), 'a\n'.repeat(21)],
  ['a change in a large file', `${'line\n'.repeat(400_000)}last=1\n${'line\n'.repeat(400_000)}`, `${'line\n'.repeat(400_000)}last=2\n${'line\n'.repeat(400_000)}`],
  ['a line at the end of a large file', 'line\n'.repeat(400_000), `${'line\n'.repeat(400_000)}last`],
  ['a line at its begin', 'line\n'.repeat(400_000), `first\n${'line\n'.repeat(400_000)}`],
];

test.each(pairs)('patch(1) makes the new file from the old one and the diff: %s', (_, before, after) => {
  const root = mkdtempSync(join(tmpdir(), 'play-diff-'));
  try {
    mkdirSync(join(root, 'etc'));
    const file = join(root, 'etc/app.conf');
    if (before !== null) writeFileSync(file, before);
    execFileSync('patch', ['--binary', '-s', '-E', '-p1', '-d', root], { input: diff(before, after) });
    if (after === null) expect(() => readFileSync(file)).toThrow('ENOENT');
    else expect(readFileSync(file, 'utf8')).toBe(after);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test.each(['a b', 'a"b', "a'b", 'a\\b', 'a\tb', 'a\nb', 'größe', '-x', 'a\x01b', 'a\rb', 'caf\udce9"', '\udcff'])('patch(1) finds the file by its name: %j', (name) => {
  const root = mkdtempSync(join(tmpdir(), 'play-diff-'));
  try {
    const patch = (before: string | null, after: string): void => {
      const text = unifiedDiff({ path: `/${name}`, before: before === null ? null : Buffer.from(before), after: Buffer.from(after) }, plain);
      execFileSync('patch', ['--binary', '-s', '-p1', '-d', root], { input: text });
    };
    // Also a new file that is empty.
    patch(null, '');
    const file = toBytes(join(root, name));
    expect(readFileSync(file, 'utf8')).toBe('');
    patch('', 'a\n');
    patch('a\n', 'b\n');
    expect(readFileSync(file, 'utf8')).toBe('b\n');
    expect(readdirSync(root, 'buffer').map(fromBytes)).toEqual([name]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test('what cannot be shown is said instead', () => {
  const change = (before: Buffer | null | { unknown: string }, after: Buffer | null, secret?: true): string => unifiedDiff({ path: '/x', before, after, ...(secret ? { secret } : {}) }, plain);
  expect(change(Buffer.from([0, 1]), Buffer.from([0, 2]))).toMatch(/^\(binary: 2 bytes, sha256 \w{12} -> 2 bytes, sha256 \w{12}\)\n$/);
  expect(change(null, Buffer.from([0xff, 0xfe]))).toMatch(/^\(binary: no file -> 2 bytes/);
  expect(change({ unknown: 'the package is not installed yet' }, Buffer.from('a'))).toBe('(not shown: what is there now is not known: the package is not installed yet)\n');
  expect(change(Buffer.from('a'), Buffer.from('b'), true)).toBe('(not shown: the content is secret)\n');
  expect(change(Buffer.alloc(2_000_000, 'a\n'), Buffer.from('b\n'))).toMatch(/^\(rewritten: -1000000 \+1 lines, sha256/);
});

test('a file whose diff would take minutes is told by its size', () => {
  const lines = (word: string): string => Array.from({ length: 40_000 }, (_, i) => `${word} ${i}\n`).join('');
  expect(diff(lines('a'), lines('b'))).toMatch(/^\(rewritten: -40000 \+40000 lines/);
});

const secret = new Secret('n3w-passw0rd', 'test');
const redactor = new Redactor();
redactor.add(secret);
secret.expose();
const masked = (before: string, after: string): string[] =>
  diff(before, after, (text) => redactor.redact(text)).split('\n').filter((line) => /^[-+(]/.test(line) && !/^(---|\+\+\+)/.test(line));

test('the old value of a secret, which nobody knows, is masked like the new one, and the line is still a change', () => {
  expect(masked('user: bob\npassword: 0ld-secret\n', 'user: bob\npassword: n3w-passw0rd\n')).toEqual(['-password: ********', '+password: ********', '(a secret changed)']);
});
test('what changes beside a secret is shown', () => {
  expect(masked('port: 1\npassword: 0ld\n', 'port: 2\npassword: n3w-passw0rd\n')).toEqual(['-port: 1', '-password: ********', '+port: 2', '+password: ********']);
});
test('an old line that shares nothing with the new secret line may be the old secret: it is hidden whole', () => {
  expect(masked('0ld-secret\n', 'password: n3w-passw0rd\n')).toEqual(['-********', '+password: ********']);
});
test('a secret that stays is masked in the lines around', () => {
  const text = diff('password: n3w-passw0rd\nport: 1\n', 'password: n3w-passw0rd\nport: 2\n', (line) => redactor.redact(line));
  expect(text).toContain(' password: ********\n-port: 1\n+port: 2\n');
});
