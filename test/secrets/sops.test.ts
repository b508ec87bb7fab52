import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadInventory } from '../../src/inventory/index.ts';
import { Redactor, Vault, ageIdentityFile, type Secret } from '../../src/secrets/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/**
 * Files of sops' own repository, written by sops 3.7 to 3.13 for a PGP key that is published there; their data keys were
 * encrypted anew by age(1), and nothing else was touched.
 */
const fixture = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures', 'sops', name), 'utf8');
const folder = temporaryFolder('sops');
const identity = join(folder, 'identity.txt');
writeFileSync(identity, fixture('identity.txt'));
chmodSync(identity, 0o600);
const vault = new Vault([], [ageIdentityFile(identity)]);
const read = (name: string, text = fixture(name)): string => vault.read(text, { file: name }).text;

describe('a file of sops is read', () => {
  it.each([
    ['format.enc.yaml', 'foo: "bar"\n'],
    ['comments.enc.yaml', /^lorem: "ipsum"\n#ENC.*\ndolor: "sit"\n$/m],
    ['format.enc.json', '{\n\t"foo": "bar"\n}\n'],
    ['format.enc.env', 'foo = bar\n'],
    ['format.enc.ini', '[foo]\nbar = baz\n\n'],
    ['format-2.enc.ini', '[foo]\nbar = baz\n\n'],
    ['example.yaml', /^myapp1: "t00m4nys3cr3tzupdated"\napp2:\n {4}db:\n {8}user: "eve"\n {8}password: "c4r1b0u"$/m],
    ['example.json', /"age": 25\.4,\n\t"address": \{\n\t\t"city": "New York"/],
    ['example.ini', /^\[phoneNumbers\]\nhome {3}= 212 555-1234$/m],
    ['example.txt', /^Welcome to SOPS!\n/],
  ])('%s', (name, expected) => {
    if (typeof expected === 'string') expect(read(name)).toBe(expected);
    else expect(read(name)).toMatch(expected);
  });

  it('as variables: what was encrypted is secret, and the rest is not', () => {
    writeFileSync(join(folder, 'hosts'), 'h1\n');
    const file = join(folder, 'extra.yaml');
    writeFileSync(file, fixture('example.yaml'));
    const extraVars = [`@${file}`];
    const vars = loadInventory({ sources: [join(folder, 'hosts')], extraVars, vault }).extra;
    const value = (name: string): unknown => vars.get(name)?.value;
    expect((value('myapp1') as Secret).expose()).toBe('t00m4nys3cr3tzupdated');
    expect((value('app2') as { db: { password: Secret } }).db.password.expose()).toBe('c4r1b0u');
    expect(vars.has('sops')).toBe(false);
    expect(value('an_array')).toHaveLength(4);
    expect(new Redactor().redact('c4r1b0u')).toBe('********');
    expect(() => loadInventory({ sources: [join(folder, 'hosts')], extraVars, vault: new Vault() })).toThrow(
      'is encrypted with sops, but no age identity was given',
    );
  });
});

describe('what something else than sops changed is refused', () => {
  const yaml = fixture('example.yaml');
  const password = /password: (ENC\S+)/.exec(yaml)?.[1] ?? '';
  const user = /user: (ENC\S+)/.exec(yaml)?.[1] ?? '';
  it.each<[string, string, RegExp]>([
    ['a value put in the clear', yaml.replace(password, 'mine'), /app2\.db\.password is not as sops wrote it/],
    ['a value for a different key', yaml.replace(password, user), /app2\.db\.password is not as sops wrote it/],
    ['a value added', `evil_unencrypted: 1\n${yaml}`, /checksum \(MAC\) does not match/],
    ['a value taken away', yaml.replace(/^myapp1: .*\n/m, ''), /checksum \(MAC\) does not match/],
    ['the time', yaml.replace(/lastmodified: .*/, 'lastmodified: "2026-01-01T00:00:00Z"'), /checksum \(MAC\) is not/],
    ['no YAML', `a: b: c\n${yaml}`, /neither YAML, JSON, INI nor dotenv/],
    [
      'nobody of age',
      yaml.replace(/ {4}age:\n(?: {8}.*\n)+/, '    pgp:\n        - fp: X\n'),
      /not encrypted for age, but for PGP/,
    ],
  ])('%s', (_, text, message) => {
    expect(() => read('x.yaml', text)).toThrow(message);
  });
});
