import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it, test } from 'vitest';
import type { ResourceScope } from '../../src/contract/index.ts';
import {
  ambiguousSpellings,
  inventoryHost,
  inventoryList,
  explainVariable,
  loadInventory,
  type Inventory,
} from '../../src/inventory/index.ts';
import { describeError, makeStyle } from '../../src/report/index.ts';
import { readRoleFile } from '../../src/resources/kit/role-file.ts';
import { Redactor, Unreadable, type Secret, Vault, vaultPasswordText } from '../../src/secrets/index.ts';
import { renderTemplate } from '../../src/template/index.ts';
import { encryptVault } from '../support/encrypt-vault.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('vaulted');
let count = 0;

function load(files: Readonly<Record<string, string>>, vault = new Vault([vaultPasswordText('pw')])): Inventory {
  const root = join(folder, String(count++));
  for (const [name, text] of Object.entries({ hosts: 'h1\nh2\n[web]\nh1\n', ...files })) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return loadInventory({ sources: [join(root, 'hosts')], vault, onWarning: () => undefined });
}

/** All that is printed of what `act` throws, without the masks of the redactor. */
function said(act: () => unknown): string {
  try {
    const value = act();
    return value instanceof Unreadable
      ? said(() => {
          throw value.problem();
        })
      : inspect(value, { depth: 5 });
  } catch (error) {
    return `threw ${describeError(error, { style: makeStyle(false), debug: true, redact: (text) => text, ownFolders: [] }).text}`;
  }
}

describe('nothing of an encrypted file is printed', () => {
  it.each([
    ['an expression', 'x: "S3cr3t{{ a | b }}"'],
    ['a name that is not there', 'x: "{{ S3cr3t }}"'],
    ['a name within text', 'x: "S3cr3t{{ nowhere }}"'],
    ['a name of its own', 'x: "S3cr3t{{ x }}"'],
    ['part of a value that is not there', 'x: "{{ y.S3cr3t }}"\ny: {a: 1}'],
    ['a statement', 'x: "{% S3cr3t"'],
    ['text that was never closed', 'x: "S3cr3t'],
    ['no YAML', 'x: S3cr3t: b'],
    ['an escape that is none', 'x: "S3cr3t\\q"'],
    ['a tab', 'x:\n\tS3cr3t: 1'],
    ['a tag', 'x: !S3cr3t y'],
    ['an alias', 'x: *S3cr3t'],
    ['a key that is a mapping', '? {S3cr3t: 1}\n: x'],
    ['a number with a zero in front', 'x: 0815123'],
    ['a number that is too large', 'x: 12345678901234567890'],
    ['a time', 'x: 12:34:56'],
    ['yes', 'x: [yes, 0815123]'],
    ['a list', '- S3cr3t'],
    ['a text', 'S3cr3t'],
    ['a vault within that is none', 'x: !vault S3cr3t'],
  ])('%s', (_, text) => {
    const encrypted = encryptVault(`${text}\n`, 'pw');
    const inventory = (): Inventory => load({ 'group_vars/all.yml': encrypted });
    const shown = [
      said(() => inventory().vars('h1')['x']),
      said(() => JSON.stringify(inventoryHost(inventory(), 'h1'))),
      said(() => JSON.stringify(inventoryList(inventory()))),
      said(() => explainVariable(inventory(), 'h1', 'x')),
      said(() => renderTemplate({ file: 't.hbs', text: 'a {{x}}', context: inventory().vars('h1') })),
      said(() =>
        JSON.stringify(
          ambiguousSpellings(
            [join(folder, String(count - 1), 'hosts')],
            undefined,
            new Vault([vaultPasswordText('pw')]),
          ),
        ),
      ),
    ].join('\n');
    expect(shown).not.toMatch(/S3cr3t|0815|815123|12345678901234567890|12:34|45296/);
  });

  it.each(['x: {S3cr3t: 1, S3cr3t: 2}', 'x: 0815123', 'x: [yes, 0815123]'])('nor where YAML is strict: %s', (text) => {
    const root = join(folder, String(count++));
    mkdirSync(join(root, 'group_vars'), { recursive: true });
    writeFileSync(join(root, 'hosts'), 'h1\n');
    writeFileSync(join(root, 'group_vars/all.yml'), encryptVault(`${text}\n`, 'pw'));
    const vault = new Vault([vaultPasswordText('pw')]);
    const shown = said(() => loadInventory({ sources: [join(root, 'hosts')], vault, yaml: 'strict' }).vars('h1'));
    expect(shown).toContain('group_vars/all.yml');
    expect(shown).not.toMatch(/S3cr3t|0815|815123/);
  });
});

describe('what is decrypted is masked', () => {
  const values =
    'one: S3cr3t-one\nnested: [{ deep: "S3cr3t-two" }]\nnumber: 47114711\njinja: "S3cr3t-three{{ x"\nmultiline: |\n  S3cr3t-four\n  S3cr3t-five\n';
  it('whether anybody reads it or not', () => {
    load({ 'group_vars/all.yml': encryptVault(values, 'pw') }).check();
    expect(new Redactor().redact('S3cr3t-one S3cr3t-two 47114711 S3cr3t-three{{ x S3cr3t-five S3cr3t-four')).toBe(
      '******** ******** ******** ******** ******** ********',
    );
  });

  it('and what is built of it', () => {
    const inventory = load({
      'group_vars/all/v.yml': encryptVault('pw: S3cr3t-six\nwhole: "x-{{ name }}"\n', 'pw'),
      'group_vars/all/a.yml': 'name: bob-the-builder\nurl: "pg://me:{{ pw }}@db"\n',
    });
    const { whole, url } = inventory.vars('h1') as { whole: Secret; url: Secret };
    expect([whole.expose(), url.expose()]).toEqual(['x-bob-the-builder', 'pg://me:S3cr3t-six@db']);
    expect(new Redactor().redact('bob-the-builder x-bob-the-builder pg://me:S3cr3t-six@db S3CR3T-SIX')).toBe(
      'bob-the-builder ******** ******** ********',
    );
  });
});

describe('a vault without its password never reads as undefined', () => {
  const locked = (): Inventory =>
    load(
      {
        'group_vars/web/clear.yml': 'known: 1\n',
        'group_vars/web/vault.yml': encryptVault('password: x\n', 'pw', 'prod'),
        'host_vars/h1.yml': 'mine: 2\nnames: "{{ password }}"\n',
      },
      new Vault(),
    );
  const vars = (): Readonly<Record<string, unknown>> => locked().vars('h1');
  it.each<[string, () => unknown]>([
    ['a name', () => vars()['password']],
    ['a name with a default', () => vars()['password'] ?? 'default'],
    ['a name it may override', () => String(vars()['known'])],
    ['a value that names one', () => String(vars()['names'])],
    ['in', () => 'password' in vars()],
    ['hasOwn', () => Object.hasOwn(vars(), 'password')],
    ['keys', () => Object.keys(vars())],
    ['entries', () => Object.entries(vars())],
    [
      'a loop',
      () => {
        for (const name in vars()) return name;
        return 'none';
      },
    ],
    ['a spread', () => ({ ...vars() })],
    [
      'a rest',
      () => {
        const { mine: _mine, ...rest } = vars();
        return rest;
      },
    ],
    ['JSON', () => JSON.stringify(vars())],
    [
      'a template',
      () => renderTemplate({ file: 't.hbs', text: '{{host.vars.password}}', context: { host: { vars: vars() } } }),
    ],
    [
      'a template that only asks',
      () => renderTemplate({ file: 't.hbs', text: '{{#if vars.password}}x{{/if}}', context: { vars: vars() } }),
    ],
    [
      'a template that goes through all',
      () => renderTemplate({ file: 't.hbs', text: '{{#each vars}}x{{/each}}', context: { vars: vars() } }),
    ],
    ['its listing', () => inventoryHost(locked(), 'h1')],
    ['the listing of all', () => inventoryList(locked())],
    ['play why', () => explainVariable(locked(), 'h1', 'password')],
    ['the variable itself', () => locked().variable('h1', 'password')?.value],
  ])('%s', (_, touch) => {
    const text = said(touch);
    expect(text).toMatch(/^threw error: /);
    expect(text).toMatch(/group_vars\/web\/vault\.yml/);
    expect(text).toMatch(/--vault-(?:id prod@FILE|password-file FILE)/);
  });

  it('what stands above it and other hosts can be read', () => {
    expect(vars()['mine']).toBe(2);
    expect(Object.keys(locked().vars('h2'))).toEqual([]);
    expect([...locked().hosts.keys()]).toEqual(['h1', 'h2']);
  });
});

test('a file of a role is decrypted, unless it is to stay as it is', () => {
  const encrypted = encryptVault('token\n', 'pw');
  const dir = join(folder, 'role');
  mkdirSync(join(dir, 'files'), { recursive: true });
  writeFileSync(join(dir, 'files/token'), encrypted);
  const vault = new Vault([vaultPasswordText('pw')]);
  const scope = { dir, role: null, openVault: vault.decryptFile.bind(vault) } as unknown as ResourceScope;
  const read = (decrypt?: boolean) => readRoleFile(scope, 'files', 'token', decrypt);
  expect(read()).toEqual({ bytes: Buffer.from('token\n'), isSecret: true });
  expect(read(false)).toEqual({ bytes: Buffer.from(encrypted), isSecret: false });
});
