import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyPatch, createTwoFilesPatch } from 'diff';
import { expect, test } from 'vitest';
import { fromBytes, toBytes } from '../../src/connection/byte-text.ts';
import { unifiedDiff } from '../../src/report/index.ts';
import { Redactor, Secret } from '../../src/secrets/index.ts';
import { Dice } from '../support/dice.ts';

const plain = (text: string): string => text;
const diff = (before: string | null, after: string | null, redact = plain): string =>
  unifiedDiff(
    {
      path: '/etc/app.conf',
      before: before === null ? null : Buffer.from(before),
      after: after === null ? null : Buffer.from(after),
    },
    redact,
  );

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
  [
    'a change in a large file',
    `${'line\n'.repeat(400_000)}last=1\n${'line\n'.repeat(400_000)}`,
    `${'line\n'.repeat(400_000)}last=2\n${'line\n'.repeat(400_000)}`,
  ],
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

test.each(['a b', 'a"b', "a'b", 'a\\b', 'a\tb', 'a\nb', 'größe', '-x', 'a\x01b', 'a\rb', 'caf\udce9"', '\udcff'])(
  'patch(1) finds the file by its name: %j',
  (name) => {
    const root = mkdtempSync(join(tmpdir(), 'play-diff-'));
    try {
      const patch = (before: string | null, after: string): void => {
        const text = unifiedDiff(
          { path: `/${name}`, before: before === null ? null : Buffer.from(before), after: Buffer.from(after) },
          plain,
        );
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
  },
);

test('what cannot be shown is said instead', () => {
  const change = (before: Buffer | null | { unknown: string }, after: Buffer | null, secret?: true): string =>
    unifiedDiff({ path: '/x', before, after, ...(secret ? { secret } : {}) }, plain);
  expect(change(Buffer.from([0, 1]), Buffer.from([0, 2]))).toMatch(
    /^\(binary: 2 bytes, sha256 \w{12} -> 2 bytes, sha256 \w{12}\)\n$/,
  );
  expect(change(null, Buffer.from([0xff, 0xfe]))).toMatch(/^\(binary: no file -> 2 bytes/);
  expect(change({ unknown: 'the package is not installed yet' }, Buffer.from('a'))).toBe(
    '(not shown: what is there now is not known: the package is not installed yet)\n',
  );
  expect(change(Buffer.from('a'), Buffer.from('b'), true)).toBe('(not shown: the content is secret)\n');
  expect(change(Buffer.alloc(2_000_000, 'a\n'), Buffer.from('b\n'))).toMatch(
    /^\(rewritten: -1000000 \+1 lines, sha256/,
  );
});

test('is as short as what the library makes of the whole, and patch(1) agrees', () => {
  const dice = new Dice(7);
  const root = mkdtempSync(join(tmpdir(), 'play-diff-'));
  try {
    mkdirSync(join(root, 'etc'));
    for (let round = 0; round < 300; round++) {
      const side = (): string =>
        Array.from({ length: dice.below(30) }, () => `${'abcdefghij'.charAt(dice.below(10))}\n`).join('') +
        (dice.chance(0.2) ? 'end' : '');
      const old = side();
      const wanted = dice.chance(0.5)
        ? side()
        : old
            .split('\n')
            .filter(() => dice.chance(0.9))
            .join('\n');
      const changed = (patch: string): number => patch.split('\n').filter((line) => /^[-+](?![-+])/.test(line)).length;
      const shown = diff(old, wanted);
      expect(changed(shown)).toBe(changed(createTwoFilesPatch('a', 'b', old, wanted)));
      expect(applyPatch(old, shown.slice(Math.max(shown.indexOf('@@'), 0)))).toBe(wanted);
      if (round % 10 !== 0 || shown === '') continue;
      writeFileSync(join(root, 'etc/app.conf'), old);
      execFileSync('patch', ['--binary', '-s', '-p1', '-d', root], { input: shown });
      expect(readFileSync(join(root, 'etc/app.conf'), 'utf8')).toBe(wanted);
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test('a file whose diff would take minutes is told by its size', () => {
  const lines = (word: string): string => Array.from({ length: 40_000 }, (_, i) => `${word} ${i}\n`).join('');
  expect(diff(lines('a'), lines('b'))).toMatch(/^\(rewritten: -40000 \+40000 lines/);
});

const redactor = new Redactor([new Secret('n3w-passw0rd', 'test')]);
const masked = (before: string, after: string): string[] =>
  diff(before, after, (text) => redactor.redact(text))
    .split('\n')
    .filter((line) => /^[-+(]/.test(line) && !/^(---|\+\+\+)/.test(line));

const filler = Array.from({ length: 12 }, (_, at) => `line ${at}\n`).join('');
test.each([
  [
    'in its place',
    'user: bob\npassword: 0ld\n',
    'user: bob\npassword: n3w-passw0rd\n',
    ['-password: ********', '+password: ********', '(a secret changed)'],
  ],
  [
    'beside what changes in the clear',
    'port: 1\npassword: 0ld\n',
    'port: 2\npassword: n3w-passw0rd\n',
    ['-port: 1', '-password: ********', '+port: 2', '+password: ********'],
  ],
  ['alone on its line', '0ld\n', 'n3w-passw0rd\n', ['-********', '+********', '(a secret changed)']],
  [
    'in a line that shares nothing with the new one',
    '0ld\n',
    'password: n3w-passw0rd\n',
    ['-********', '+password: ********'],
  ],
  ['behind another name', 'a: x\npassword: 0ld\n', 'a: n3w-passw0rd\n', ['-a: ********', '-********', '+a: ********']],
  [
    'in an URL with another host',
    'url: https://u:0ld@one/\n',
    'url: https://u:n3w-passw0rd@two/\n',
    ['-********', '+url: https://u:********@two/'],
  ],
  [
    'in one line with other changes',
    '{"port":1,"pw":"0ld"}\n',
    '{"port":2,"pw":"n3w-passw0rd"}\n',
    ['-********', '+{"port":2,"pw":"********"}'],
  ],
  [
    'twice in a line',
    'a=0ld b=0ld c\n',
    'a=n3w-passw0rd b=n3w-passw0rd c\n',
    ['-a=******** c', '+a=******** b=******** c'],
  ],
  [
    'far from where the new one stands',
    `password: 0ld\n${filler}`,
    `${filler}password: n3w-passw0rd\n`,
    ['-password: ********', '+password: ********'],
  ],
  [
    'far from a new one under another name',
    `secret 0ld\n${filler}port: 1\n`,
    `${filler}port: 2\npassword: n3w-passw0rd\n`,
    ['-********', '-port: 1', '+port: 2', '+password: ********'],
  ],
  [
    'in the lines of a key',
    'key: |\n  0ldold\n  0ldtoo\nx: 1\n',
    'key: |\n  n3w-passw0rd\n  n3w-passw0rd\nx: 1\n',
    ['-********', '-********', '+  ********', '+  ********'],
  ],
])('the old value of a secret, which nobody knows, is masked: %s', (_, before, after, expected) => {
  const lines = masked(before, after);
  expect(lines.join('\n')).not.toContain('0ld');
  expect(lines).toEqual(expected);
});
test('a diff with a secret too short to be searched for is not shown', () => {
  const change = { path: '/x', before: null, after: Buffer.from('pin: 123\n'), secret: [new Secret('123', 'a test')] };
  expect(unifiedDiff(change, (text) => redactor.redact(text))).toBe('(not shown: the content is secret)\n');
});
test('a secret that stays is masked in the lines around', () => {
  const text = diff('password: n3w-passw0rd\nport: 1\n', 'password: n3w-passw0rd\nport: 2\n', (line) =>
    redactor.redact(line),
  );
  expect(text).toContain(' password: ********\n-port: 1\n+port: 2\n');
});
