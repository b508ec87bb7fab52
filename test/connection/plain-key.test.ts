/** Which keys are known to be ssh2's without the library that reads them. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isBeyondSsh2, isPlainKey } from '../../src/connection/private-key.ts';
import { loadSsh2 } from '../../src/connection/ssh2.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('plain-key');

function makeKey(name: string, ...options: readonly string[]): string {
  const file = join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-f', file, ...options]);
  return file;
}

const plain = makeKey('plain', '-t', 'ed25519', '-N', '');
const text = readFileSync(plain, 'latin1');
const written = (name: string, content: string): string => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};

/** What stands before a key without a passphrase (PROTOCOL.key). */
function ofKind(kind: string): string {
  const field = (bytes: Buffer | string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(bytes));
    return Buffer.concat([length, Buffer.from(bytes)]);
  };
  const one = Buffer.from([0, 0, 0, 1]);
  const publicHalf = field(Buffer.concat([field(kind), field('x'.repeat(32))]));
  const bytes = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    one,
    publicHalf,
  ]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

test.each([
  ['ed25519', plain],
  ['ecdsa', makeKey('ecdsa', '-t', 'ecdsa', '-N', '')],
  ['rsa', makeKey('rsa', '-t', 'rsa', '-b', '2048', '-N', '')],
])('%s is, and the library reads it', async (_, file) => {
  expect(isPlainKey(file)).toBe(true);
  expect(await isBeyondSsh2(await loadSsh2(), file)).toBe(false);
});

test('what stands before a key is what counts', () => {
  expect(isPlainKey(written('own', ofKind('ssh-ed25519')))).toBe(true);
});

test.each([
  ['with a passphrase', makeKey('locked', '-t', 'ed25519', '-N', 'the passphrase')],
  ['in the old format', makeKey('old', '-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', '')],
  ['of a kind that is in hardware', written('hardware', ofKind('sk-ssh-ed25519@openssh.com'))],
  ['that is cut short', written('short', `${text.slice(0, 60)}\n-----END OPENSSH PRIVATE KEY-----\n`)],
  ['that is none', written('none', 'no key\n')],
  ['that is not there', join(folder, 'missing')],
])('a key %s has to be looked into', (_, file) => {
  expect(isPlainKey(file)).toBe(false);
});
