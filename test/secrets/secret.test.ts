import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { PlayError } from '../../src/errors/index.ts';
import {
  Secret,
  Unreadable,
  hideSecrets,
  requireSecrets,
  reveal,
  secret,
  secretJson,
  secretFromCommand,
  secretFromCredential,
  secretFromEnv,
  secretFromFile,
  secretsIn,
} from '../../src/secrets/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('secret');
afterEach(() => {
  delete process.env['PLAY_TEST_SECRET'];
  delete process.env['CREDENTIALS_DIRECTORY'];
});

describe('a Secret', () => {
  const it_ = new Secret('hunter2', 'a test');
  it.each([
    ['the console', inspect({ a: it_ }, { showHidden: true, depth: 9 })],
    ['its keys', Object.keys(it_).join()],
    ['data to look at', JSON.stringify(hideSecrets({ a: [it_] }))],
  ])('is not seen as %s', (_, shown) => {
    expect(shown).not.toContain('hunter2');
  });

  it.each<[string, () => unknown]>([
    ['a template', () => `in a ${it_ as unknown as string}`],
    ['JSON', () => JSON.stringify({ a: [it_] })],
    ['concatenation', () => 'in a ' + (it_ as unknown as string)],
    ['join', () => [it_, 'b'].join()],
    ['String()', () => String(it_)],
    ['toString()', () => it_.toString()],
    ['a URL', () => encodeURIComponent(it_ as unknown as string)],
    ['a key', () => ({ [it_ as unknown as string]: 1 })],
    ['bytes', () => Buffer.from(it_ as unknown as string)],
    ['concat()', () => 'a'.concat(it_ as unknown as string)],
    ['replace()', () => 'a'.replace('a', it_ as unknown as string)],
    ['a number', () => Number(it_)],
    ['comparison', () => (it_ as unknown as string) < 'a'],
    ['raw', () => String.raw`${it_}`],
  ])('never becomes plain text by way of %s', (_, make) => {
    expect(make).toThrow('A secret (a test) is turned into plain text');
  });

  it('makes secret the JSON it stands in', () => {
    const json = secretJson({ token: it_, list: [1, { it_ }] }, 1);
    expect(json).toBeInstanceOf(Secret);
    expect(json.source).toBe('a test');
    expect(JSON.parse(json.expose())).toEqual({ token: 'hunter2', list: [1, { it_: 'hunter2' }] });
  });

  it('is refused where it is called as a function', () => {
    const untyped: (text: unknown) => unknown = secret as never;
    expect(() => untyped('x')).toThrow(/secret is put before a text in backticks/);
  });

  it('makes secret what is built from it', () => {
    const url = secret`https://${'user'}:${it_}@host:${80}/`;
    expect(url).toBeInstanceOf(Secret);
    expect(url.expose()).toBe('https://user:hunter2@host:80/');
    expect(url.source).toBe('a test');
    expect(reveal(url)).toBe(url.expose());
  });

  it('asks its source once, and not before it is needed', () => {
    let asked = 0;
    const lazy = new Secret(() => `text ${++asked}`);
    const built = secret`<${lazy}>`;
    expect(asked).toBe(0);
    expect(lazy.wasExposed).toBe(false);
    expect([built.expose(), lazy.expose(), built.expose()]).toEqual(['<text 1>', 'text 1', '<text 1>']);
  });

  it('is found inside values', () => {
    const other = new Secret('b');
    expect([...secretsIn({ a: [1, { b: it_ }], c: other, d: null })]).toEqual([it_, other]);
  });
});

describe('sources', () => {
  it('read the environment, files and commands', () => {
    process.env['PLAY_TEST_SECRET'] = 'from env';
    writeFileSync(join(folder, 'f'), 'from file\n');
    expect(secretFromEnv('PLAY_TEST_SECRET').expose()).toBe('from env');
    expect(secretFromFile(join(folder, 'f')).expose()).toBe('from file');
    expect(secretFromCommand(['sh', '-c', 'echo "$0 x"', 'from command']).expose()).toBe('from command x');
  });

  it('read credentials of systemd', () => {
    const token = secretFromCredential('token of mine');
    expect(() => token.expose()).toThrow('play does not run in a unit that has any');
    process.env['CREDENTIALS_DIRECTORY'] = folder;
    expect(() => token.expose()).toThrow("The secret's file cannot be read: not found");
    writeFileSync(join(folder, 'token of mine'), 'from systemd\n');
    expect(token.expose()).toBe('from systemd');
    for (const name of ['../f', '', '..', 'a/b'])
      expect(() => secretFromCredential(name)).toThrow('is not a credential name');
  });

  it.each([
    [
      'environment',
      secretFromEnv('PLAY_TEST_SECRET'),
      'The secret PLAY_TEST_SECRET is not set',
      'PLAY_TEST_SECRET=... ./play',
    ],
    ['file', secretFromFile(join(folder, 'none')), "The secret's file cannot be read: not found", 'Create the file'],
    ['directory', secretFromFile(folder), "The secret's file cannot be read: it is a directory", 'path'],
    [
      'command',
      secretFromCommand(['sh', '-c', 'echo no such entry >&2; exit 4']),
      "The secret's command failed: exit code 4",
      'by hand',
    ],
    ['no command', secretFromCommand(['/nowhere/pass']), "The secret's command failed: not found", 'by hand'],
  ])('say what is missing: %s', (_, missing, what, hint) => {
    expect(() => requireSecrets({ deep: [missing] })).toThrow(
      expect.objectContaining({ message: what, hint: expect.stringContaining(hint) as string }) as Error,
    );
  });

  it('show the end of what a failed command said', () => {
    expect(() => secretFromCommand(['sh', '-c', 'echo no such entry >&2; exit 4']).expose()).toThrow(
      expect.objectContaining({ detail: 'no such entry' }) as Error,
    );
  });
});

describe('an Unreadable', () => {
  const value: unknown = new Unreadable(() => new PlayError('cannot be read'), '{{ x }}');
  it.each([
    ['as text', () => `in a ${value as string}`],
    ['a property', () => (value as { name: string }).name],
    ['a method', () => (value as string).includes('x')],
    ['a spread list', () => [...(value as string[])]],
    ['a sum', () => (value as number) + 1],
    ['JSON', () => JSON.stringify({ value })],
  ])('throws its error when used: %s', (_, use) => expect(use).toThrow('cannot be read'));

  it('can be told apart, inspected and awaited without harm', async () => {
    expect(value).toBeInstanceOf(Unreadable);
    expect(inspect(value)).toContain('{{ x }}');
    expect((await Promise.resolve(value)) === value).toBe(true);
  });
});
