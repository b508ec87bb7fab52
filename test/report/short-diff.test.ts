import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unifiedDiff } from '../../src/report/index.ts';
import { shortDiff } from '../../src/report/short-diff.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const lines = (count: number, word = 'line'): string =>
  Array.from({ length: count }, (_, at) => `${word} ${at}\n`).join('');
const key = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const encoded = Buffer.alloc(900, 'what nobody reads').toString('base64').replace(/.{76}/g, '$&\n');

function shortened(before: string | null, after: string | null, room = 1000): string[] {
  const diff = unifiedDiff(
    {
      path: '/etc/x',
      before: before === null ? null : Buffer.from(before),
      after: after === null ? null : Buffer.from(after),
    },
    (text) => text,
  );
  return shortDiff(diff.trimEnd().split('\n'), room).lines.map(({ text }) => text);
}

const body = (...given: Parameters<typeof shortened>): string[] => {
  const all = shortened(...given);
  return all.slice(all.findIndex((line) => line.startsWith('@@')) + 1);
};
const isShort = '(shortened: --diff=full shows all)';

test.each([
  [
    'a short new file is whole',
    body(null, lines(24)),
    lines(24)
      .trim()
      .split('\n')
      .map((line) => `+${line}`),
  ],
  [
    'of a long one the head',
    body(null, lines(190)).slice(-2),
    ['+line 9', '... 180 more lines (--diff=full shows all)'],
  ],
  ['of one that goes too', body(lines(190), null).slice(-2), ['-line 9', '... 180 more lines (--diff=full shows all)']],
  ['a key by its kind', body(null, key), ['+(private key, 28 lines)', isShort]],
  [
    'also indented, and amid others',
    body('a\n', `a\n  ${key.trim().replaceAll('\n', '\n  ')}\nb\n`),
    [' a', '+  (private key, 28 lines)', '+b', isShort],
  ],
  ['encoded bytes', body(null, `x\n${encoded}\ny\n`), ['+x', '+(base64, 16 lines)', '+y', isShort]],
  ['secrets', body(null, '********\n'.repeat(9)), ['+(secret, 9 lines)', isShort]],
  [
    'what is left out is counted in lines of the file',
    body(null, key.repeat(2) + lines(40)).at(-1),
    '... 32 more lines (--diff=full shows all)',
  ],
  ['many lines in the place of few', body('x\n', lines(60)).length, 1 + 15 + 1],
  [
    'a long line by its beginning',
    body(null, `${'abc'.repeat(400)}\n`)[0]?.slice(-21),
    ' ... (1200 characters)'.slice(-21),
  ],
  ['no room is left', body(null, lines(5), 0), ['... 5 more lines (--diff=full shows all)']],
])('%s', (_, shown, expected) => {
  expect(shown).toEqual(expected);
});

test('text that is no key stays as it is', () => {
  const text = '# -----BEGIN CERTIFICATE----- is what follows\nuser: alice\nkey: abc\n';
  expect(body(null, text)).toEqual(
    text
      .trim()
      .split('\n')
      .map((line) => `+${line}`),
  );
});

test('a shortened diff is no patch: patch(1) refuses it, and takes one that is whole', () => {
  const root = temporaryFolder('short-diff');
  mkdirSync(join(root, 'etc'));
  const file = join(root, 'etc/x');
  const patch = (given: string[]): number | null =>
    spawnSync('patch', ['-s', '-f', '-p1', '-d', root], { input: `${given.join('\n')}\n` }).status;
  for (const after of [`a\n${key}b\n`, lines(60, 'other')]) {
    writeFileSync(file, 'a\nb\n');
    expect(patch(shortened('a\nb\n', after))).not.toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('a\nb\n');
  }
  expect(patch(shortened('a\nb\n', 'a\nc\n'))).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe('a\nc\n');
});
