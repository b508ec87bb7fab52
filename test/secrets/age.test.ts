import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadInventory, type Inventory } from '../../src/inventory/index.ts';
import {
  Redactor,
  Vault,
  ageBytes,
  ageIdentityFile,
  ageText,
  askAge,
  needsPassphrase,
  parseRecipient,
  readRecipients,
  secretsIn,
  vaultPasswordText,
  type AgeIdentity,
  type Secret,
} from '../../src/secrets/index.ts';
import { skipTests } from '../support/skip-tests.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Made by age-keygen and ssh-keygen, for these tests alone; the passphrase of those that have one is `geheim`. */
const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', 'age', name);
const folder = temporaryFolder('age');
const where = { file: 'x.age' };
const recipient = readFileSync(fixture('recipients.txt'), 'utf8').split('\n')[1] ?? '';

/** As a key has to lie for ssh, and git does not keep it. */
function identity(name: string, passphrase?: string): AgeIdentity {
  const copy = join(folder, name);
  writeFileSync(copy, readFileSync(fixture(name)));
  chmodSync(copy, 0o600);
  return ageIdentityFile(copy, passphrase);
}

const plain = Buffer.from('db_password: s3cr3t-of-age\nport: 5432\n');

/** What play encrypts for a recipient. */
function encrypted(given: string, bytes: Uint8Array = plain): Buffer {
  const answer = askAge({ bytes, recipients: [parseRecipient(given, where)] });
  if ('problem' in answer) throw new Error(answer.problem);
  return Buffer.from(answer.bytes);
}

const publicKey = (name: string): string => readFileSync(fixture(`${name}.pub`), 'utf8');

const pairs = [
  ['a key of age', 'identity.txt', (): string => recipient, undefined],
  ['an ed25519 key of ssh', 'ed25519', (): string => publicKey('ed25519'), undefined],
  ['an ed25519 key with a passphrase', 'ed25519-locked', (): string => publicKey('ed25519-locked'), 'geheim'],
  ['an RSA key of ssh', 'rsa', (): string => publicKey('rsa'), undefined],
  ['an RSA key with a passphrase', 'rsa-locked', (): string => publicKey('rsa-locked'), 'geheim'],
] as const;

describe('an age file', () => {
  it.each(pairs)('is made for %s, and opened by it', (_, file, key, passphrase) => {
    const vault = new Vault([], [identity(file, passphrase)]);
    const bytes = encrypted(key());
    expect(vault.decrypt(ageText(bytes), where)).toBe(plain.toString());
    expect(vault.decryptFile(bytes, where)?.equals(plain)).toBe(true);
    expect(ageBytes(ageText(bytes), where).equals(bytes)).toBe(true);
  });

  it('of many pieces and of none is whole', () => {
    const vault = new Vault([], [identity('identity.txt')]);
    for (const size of [0, 1, 65_535, 65_536, 65_537, 200_000]) {
      const bytes = Buffer.alloc(size, 'äöü');
      expect(vault.decryptFile(encrypted(recipient, bytes), where)?.equals(bytes)).toBe(true);
    }
  });

  it('with a passphrase is opened by the vault passwords', () => {
    const text = readFileSync(fixture('passphrase.age'), 'utf8');
    expect(new Vault([vaultPasswordText('no'), vaultPasswordText('geheim')]).decrypt(text, where)).toBe(
      plain.toString(),
    );
  });

  it('identity with a passphrase is opened, and known to need it', () => {
    const vault = new Vault([], [identity('identity-locked.age', 'geheim')]);
    expect(vault.decrypt(ageText(encrypted(recipient)), where)).toBe(plain.toString());
    const locked = ['identity-locked.age', 'ed25519-locked', 'rsa-locked', 'identity.txt', 'ed25519', 'rsa'];
    expect(locked.map((name) => needsPassphrase(identity(name).source))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('together with age(1)', () => {
  const hasAge = spawnSync('age', ['--version']).status === 0;
  skipTests(hasAge ? undefined : 'there is no age here: apt install age');
  /** Private keys whose passphrase age would ask for at a terminal. */
  const open = pairs.filter(([, , , passphrase]) => passphrase === undefined);

  it.each(open)('what play makes for %s, age opens', (_, file, key) => {
    for (const input of [encrypted(key()), Buffer.from(ageText(encrypted(key())))])
      expect(execFileSync('age', ['-d', '-i', identity(file).source], { input }).equals(plain)).toBe(true);
  });

  it.each(pairs)('what age makes for %s, play opens', (_, file, key, passphrase) => {
    const vault = new Vault([], [identity(file, passphrase)]);
    for (const armour of [[], ['--armor']]) {
      const bytes = execFileSync('age', [...armour, '-r', key(), '-R', fixture('rsa.pub')], { input: plain });
      expect(vault.decryptFile(bytes, where)?.equals(plain)).toBe(true);
    }
  });
});

describe('variables', () => {
  let count = 0;
  const load = (files: Readonly<Record<string, string | Buffer>>, identities: readonly AgeIdentity[]): Inventory => {
    const root = temporaryFolder(`age-${count++}`);
    execFileSync('mkdir', ['-p', join(root, 'group_vars/all')]);
    for (const [name, text] of Object.entries({ hosts: 'h1\n', ...files })) writeFileSync(join(root, name), text);
    return loadInventory({
      sources: [join(root, 'hosts')],
      vault: new Vault([], identities),
      onWarning: () => undefined,
    });
  };
  const indented = (text: string): string => text.trimEnd().replaceAll(/^/gm, '    ');
  const inline = `token: !age |\n${indented(ageText(encrypted(recipient, Buffer.from('t0ken-of-age'))))}\nclear: yes-it-is\n`;

  it('come from files with armour and without, by either ending, and from single values', () => {
    const inventory = load(
      {
        'group_vars/all/a.yml': ageText(encrypted(recipient, Buffer.from('a: from-armour\n'))),
        'group_vars/all/b.yml.age': encrypted(recipient, Buffer.from('b: from-binary\nnumber: 5\n')),
        'group_vars/all/c.yml': inline,
      },
      [identity('identity.txt')],
    );
    const { a, b, token, number, clear } = inventory.vars('h1') as Record<string, Secret>;
    expect([a, b, token, number].map((one) => one?.expose())).toEqual([
      'from-armour',
      'from-binary',
      't0ken-of-age',
      '5',
    ]);
    expect(clear).toBe('yes-it-is');
    expect(new Redactor().redact('from-armour from-binary t0ken-of-age yes-it-is')).toBe(
      '******** ******** ******** yes-it-is',
    );
  });

  it('are never simply absent without an identity, and single ones are only missed by who reads them', () => {
    const inventory = load({ 'group_vars/all/c.yml': inline }, []);
    expect(inventory.vars('h1')['clear']).toBe('yes-it-is');
    expect(() => [...secretsIn(inventory.vars('h1')['token'])].map((one) => one.expose())).toThrow(
      'no age identity was given',
    );
    const whole = load({ 'group_vars/all/b.yml.age': encrypted(recipient, Buffer.from('b: x\n')) }, []);
    for (const name of ['b', 'anything']) expect(() => whole.vars('h1')[name]).toThrow('no age identity was given');
  });
});

describe('what is wrong is said', () => {
  const bytes = encrypted(recipient);
  const opened =
    (text: string, ...identities: readonly AgeIdentity[]) =>
    (): string =>
      new Vault([], identities).decrypt(text, where);
  const key = (text: string): AgeIdentity => {
    const file = join(folder, `made-${Math.random()}`);
    writeFileSync(file, text, { mode: 0o600 });
    return ageIdentityFile(file);
  };
  const changed = Buffer.from(bytes);
  changed[bytes.length - 1] = (changed.at(-1) ?? 0) ^ 1;

  it.each<[string, () => unknown, RegExp, RegExp]>([
    ['no identity', opened(ageText(bytes)), /no age identity was given/, /--age-identity FILE/],
    [
      'another identity',
      opened(ageText(bytes), identity('rsa')),
      /No age identity opens this/,
      /Tried: .*rsa\. It is encrypted for: X25519/,
    ],
    ['a changed byte', opened(ageText(changed), identity('identity.txt')), /damaged/, /version control/],
    ['a file cut off', opened(ageText(bytes.subarray(0, -30)), identity('identity.txt')), /damaged/, /version control/],
    [
      'armour cut off',
      opened(ageText(bytes).slice(0, 200), identity('identity.txt')),
      /armour is incomplete/,
      /version control/,
    ],
    [
      'a wrong passphrase',
      opened(ageText(encrypted(publicKey('rsa-locked'))), identity('rsa-locked', 'no')),
      /passphrase does not open/,
      /again/,
    ],
    ['an identity that is none', opened(ageText(bytes), key('S3cr3t-typo\n')), /not an age identity/, /age-keygen/],
    ['an empty identity', opened(ageText(bytes), key('# nothing\n')), /no key in the age identity/, /AGE-SECRET-KEY/],
    ['no such identity', opened(ageText(bytes), ageIdentityFile('/nowhere/key')), /not found/, /--age-identity/],
    ['a recipient that is none', () => parseRecipient('bob', where), /"bob" is not a recipient/, /age1/],
    [
      'a secret key for a recipient',
      () => parseRecipient('AGE-SECRET-KEY-1XYZ', where),
      /secret key, not a recipient/,
      /age-keygen -y/,
    ],
    ['recipients of nobody', () => readRecipients(fixture('../vault-1.1.yml')), /not a recipient/, /age1/],
  ])('%s', (_, act, message, hint) => {
    expect(act).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(message) as string,
        hint: expect.stringMatching(hint) as string,
      }) as Error,
    );
  });
});
