import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  Vault,
  isVaultText,
  parseVaultId,
  vaultLabel,
  vaultPasswordFile,
  vaultPasswordText,
} from '../../src/secrets/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Written by ansible-vault of ansible-core 2.14; the passwords are `geheim` and, for the id prod, `prodpw`. */
const fixture = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8');
const plain = 'db_password: s3cret!pass\nport: 5432\nflag: true\nusers:\n  - name: a\n    key: "k e y"\n';
const where = { file: 'vault.yml', line: 1 };

const folder = temporaryFolder('vault');
function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe('vault text is read', () => {
  it.each([
    ['1.1', 'vault-1.1.yml', [vaultPasswordText('geheim')]],
    ['1.2', 'vault-1.2-prod.yml', [vaultPasswordText('prodpw', 'prod')]],
    [
      '1.2, by a password of another id',
      'vault-1.2-prod.yml',
      [vaultPasswordText('no', 'dev'), vaultPasswordText('prodpw')],
    ],
    [
      '1.1, the second of two passwords',
      'vault-1.1.yml',
      [vaultPasswordText('no', 'a'), vaultPasswordText('geheim', 'b')],
    ],
    ['with the line endings of Windows', 'crlf', [vaultPasswordText('geheim')]],
  ])('%s', (_, name, passwords) => {
    const text = name === 'crlf' ? fixture('vault-1.1.yml').replaceAll('\n', '\r\n') : fixture(name);
    expect(isVaultText(text)).toBe(true);
    expect(new Vault(passwords).decrypt(text, where)).toBe(plain);
  });

  it('knows the id in the header', () => {
    expect(vaultLabel(fixture('vault-1.2-prod.yml'))).toBe('prod');
    expect(vaultLabel(fixture('vault-1.1.yml'))).toBeUndefined();
  });
});

describe('passwords', () => {
  it.each([
    ['a file', (): string => file('pw', ' geheim\n')],
    ['a program', (): string => file('pw.sh', '#!/bin/sh\nprintf "geheim\\n"\n', 0o700)],
  ])('come from %s', (_, path) => {
    expect(new Vault([vaultPasswordFile(path())]).decrypt(fixture('vault-1.1.yml'), where)).toBe(plain);
  });

  it('are asked of a *-client program by id', () => {
    const path = file('pw-client', '#!/bin/sh\n[ "$1 $2" = "--vault-id prod" ] && echo prodpw\n', 0o700);
    expect(new Vault([vaultPasswordFile(path, 'prod')]).decrypt(fixture('vault-1.2-prod.yml'), where)).toBe(plain);
  });

  it('are named as --vault-id does', () => {
    expect(parseVaultId('prod@~/pw')).toEqual({ id: 'prod', from: { file: '~/pw' } });
    expect(parseVaultId('prod@prompt')).toEqual({ id: 'prod', from: 'prompt' });
    expect(parseVaultId('pw')).toEqual({ id: 'default', from: { file: 'pw' } });
  });
});

describe('what goes wrong is said', () => {
  const text = fixture('vault-1.1.yml');
  it.each([
    ['no password', [], text, 'no vault password was given', '--vault-password-file FILE'],
    ['no password for an id', [], fixture('vault-1.2-prod.yml'), 'no vault password was given', '--vault-id prod@FILE'],
    [
      'a wrong password',
      [vaultPasswordText('no')],
      text,
      'No vault password opens this',
      'Tried: the password that was typed.',
    ],
    [
      'a wrong one for an id',
      [vaultPasswordText('no', 'prod', 'pw')],
      fixture('vault-1.2-prod.yml'),
      'No vault password opens this',
      'Tried: prod (pw). It was encrypted with the vault id "prod".',
    ],
    ['text cut off', [vaultPasswordText('geheim')], text.slice(0, 200), 'damaged', 'version control'],
    [
      'not hexadecimal',
      [vaultPasswordText('geheim')],
      text.replace('\n6', '\nx'),
      'not hexadecimal',
      'version control',
    ],
    [
      'another format',
      [vaultPasswordText('geheim')],
      text.replace('1.1', '1.3'),
      'Vault format 1.3 AES256 is not supported',
      'rekey',
    ],
    ['no file', [vaultPasswordFile('/nowhere/pw')], text, 'not found', '--vault-password-file'],
    ['an empty file', [vaultPasswordFile(file('empty', '\n'))], text, 'The vault password is empty', 'Write'],
    [
      'a program that fails',
      [vaultPasswordFile(file('fail', '#!/bin/sh\nexit 3\n', 0o700))],
      text,
      'exit code 3',
      '--vault-password-file',
    ],
  ])('%s', (_, passwords, given, what, hint) => {
    expect(() => new Vault(passwords).decrypt(given, where)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(what) as string,
        hint: expect.stringContaining(hint) as string,
      }) as Error,
    );
  });
});
