/** What a role or play says once for all its tasks: `defaults`, `secretOf`, and the short words of schemas. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, expect, test } from 'vitest';
import type { HostView } from '../../src/contract/index.ts';
import { systemFiles } from '../../src/contract/index.ts';
import { loadInventory } from '../../src/inventory/index.ts';
import {
  definePlaybook,
  defineRole,
  handler,
  sandboxSecretFile,
  secretOf,
  type PlaySpec,
} from '../../src/playbook/index.ts';
import { apt, assemble, copy, file, getUrl, lineinfile, template } from '../../src/resources/index.ts';
import * as option from '../../src/resources/kit/schemas.ts';
import { prepareRun } from '../../src/run/index.ts';
import { Secret } from '../../src/secrets/index.ts';

/** Each task's options, and those of its handlers. */
function optionsOf(play: Omit<PlaySpec, 'hosts'>): Record<string, Readonly<Record<string, unknown>>> {
  const prepared = prepareRun({
    playbook: definePlaybook({ hosts: 'all', ...play }),
    file: import.meta.filename,
    inventory: loadInventory({ sources: ['web1,'] }),
    limit: undefined,
    tags: { only: [], skip: [] },
    extraVars: {},
    become: false,
    becomeUser: 'root',
    becomeMethod: 'sudo',
    becomePassword: undefined,
  });
  const [list] = prepared.plays[0]?.all.values() ?? [];
  const tasks = [...(list?.tasks ?? []), ...(list?.handlers ?? []).map(({ listed }) => listed)];
  return Object.fromEntries(tasks.map((one) => [one.name, one.task.body.options]));
}

const defaults = { ...systemFiles, installRecommends: false };

test('defaults fill in what a task does not say itself', () => {
  const told = handler('told', () => copy({ dest: '/told', content: '' }));
  const seen = optionsOf({
    defaults,
    tasks: () => [
      copy({ dest: '/copied', content: '' }, { name: 'copied', notify: told }),
      copy({ dest: '/own', content: '', owner: 'app', mode: '0600' }, { name: 'own' }),
      copy({ dest: '/left', content: '', owner: undefined, mode: undefined }, { name: 'left' }),
      file({ path: '/made', state: 'directory' }, { name: 'made' }),
      file({ path: '/touched', state: 'touch' }, { name: 'touched' }),
      file({ path: '/gone', state: 'absent' }, { name: 'gone' }),
      file({ path: '/link', state: 'link', src: '/made' }, { name: 'link' }),
      file({ path: '/there', state: 'file' }, { name: 'there' }),
      getUrl({ url: 'https://example.org/x', dest: '/fetched' }, { name: 'fetched' }),
      assemble({ src: '/parts', dest: '/whole', remoteSrc: true }, { name: 'whole' }),
      lineinfile({ path: '/edited', line: 'x' }, { name: 'edited' }),
      apt({ name: 'nginx' }, { name: 'installed' }),
      apt({ name: 'nginx', installRecommends: true }, { name: 'all of it' }),
    ],
  });
  const asFile = { owner: 'root', group: 'root', mode: '0644' };
  for (const name of ['copied', 'told', 'touched', 'fetched', 'whole']) expect(seen[name]).toMatchObject(asFile);
  expect(seen['own']).toMatchObject({ owner: 'app', group: 'root', mode: '0600' });
  expect(seen['left']).toMatchObject({ group: 'root' });
  expect(seen['made']).toMatchObject({ owner: 'root', group: 'root', mode: '0755' });
  for (const name of ['left', 'gone', 'link', 'there', 'edited']) {
    expect(seen[name]).not.toHaveProperty('mode');
    expect(seen[name]).not.toHaveProperty('owner');
  }
  expect([seen['installed']?.['installRecommends'], seen['all of it']?.['installRecommends']]).toEqual([false, true]);
});

test("a role's defaults go before those of its play, and hold in its templates too", () => {
  const role = defineRole(
    { dirname: '/nowhere/mine' },
    { defaults: { owner: 'mine' }, tasks: () => [copy({ dest: '/x', content: '' }, { name: 'of the role' })] },
  );
  const seen = optionsOf({
    defaults,
    roles: [role()],
    tasks: () => [copy({ dest: '/y', content: '' }, { name: 'of the play' })],
  });
  expect(role.role.name).toBe('mine');
  expect(seen['of the role']).toMatchObject({ owner: 'mine', mode: '0644' });
  expect(seen['of the play']).toMatchObject({ owner: 'root' });
  expect(template.resource.defaults?.(defaults, {})).toMatchObject({ owner: 'root' });
});

const folder = mkdtempSync(join(tmpdir(), 'play-secret-of-'));
afterAll(() => rmSync(folder, { recursive: true }));
const real: HostView = { name: 'web-1.example.org', groups: [], vars: {}, isSandbox: false, standInImages: {} };
const throwaway: HostView = { ...real, isSandbox: true, sandboxSecrets: join(folder, 'secrets') };

test('a secret is the variable, else the environment, and never made up for a real host', () => {
  expect(secretOf(real, 'key', new Secret(() => 'given', 'test')).expose()).toBe('given');
  process.env['KEY_WEB_1'] = 'own';
  process.env['KEY'] = 'shared';
  expect(secretOf(real, 'key').expose()).toBe('own');
  expect(secretOf(real, 'key', undefined, { shared: true }).expose()).toBe('shared');
  expect(secretOf(throwaway, 'key').expose()).toBe('own');
  delete process.env['KEY_WEB_1'];
  delete process.env['KEY'];
  expect(() => secretOf(real, 'key').expose()).toThrow(/KEY_WEB_1/);
  expect(() => sandboxSecretFile(real, 'key')).toThrow(/in no file on this machine/);
});

test('a throwaway host keeps the secret it was given, where only its operator reads it', () => {
  const first = secretOf(throwaway, 'key').expose();
  expect(first).toMatch(/^[\w-]{30}$/);
  expect(secretOf(throwaway, 'key').expose()).toBe(first);
  expect(secretOf({ ...throwaway, name: 'web-2' }, 'key').expose()).not.toBe(first);
  expect(secretOf(throwaway, 'made', undefined, { make: () => 'so' }).expose()).toBe('so');
  const path = sandboxSecretFile(throwaway, 'key');
  expect(readFileSync(path, 'utf8')).toBe(`${first}\n`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder, 'secrets/.gitignore'), 'utf8')).toBe('*\n');
});

const problem = (schema: v.GenericSchema, value: unknown): string | undefined =>
  v.safeParse(schema, value).issues?.[0]?.message;

test('words of schemas: description, default, checks', () => {
  const seconds = option.text('How often.', '30s', v.regex(/^\d+s$/, 'must be a number and s'));
  expect(v.parse(seconds, undefined)).toBe('30s');
  expect(problem(seconds, '30')).toBe('must be a number and s');
  expect(problem(option.text('Needed.'), undefined)).toBeDefined();
  expect(problem(option.text('Checked.', v.minLength(2, 'is too short')), 'x')).toBe('is too short');
  expect(v.parse(v.optional(option.text('May be left out.')), undefined)).toBeUndefined();
  const names = option.list('Names.', option.text('A name.', v.minLength(1, 'is empty')), ['a']);
  expect([v.parse(names, undefined), v.parse(names, ['b'])]).toEqual([['a'], ['b']]);
  expect(problem(names, [''])).toBe('is empty');
  const things = option.record('By name.', option.object('A thing.', { port: option.port('Its port.', 80) }), {});
  expect([v.parse(things, undefined), v.parse(things, { a: {} })]).toEqual([{}, { a: { port: 80 } }]);
  expect(problem(things, { a: { prot: 80 } })).toBeDefined();
  expect(v.parse(option.choice('One of two.', ['yes', 'no'], 'no'), undefined)).toBe('no');
  expect(problem(option.choice('One of two.', ['yes', 'no']), 'maybe')).toBeDefined();
});

test.each([
  [option.port('A port.'), [1, 65_535], [0, 65_536, 1.5, '80']],
  [option.integer('A number.'), [0, -7], [1.5, '1']],
  [option.address('An address.'), ['192.0.2.7', '2001:db8::1'], ['192.0.2', 'host', '192.0.2.7/24']],
  [option.network('A network.'), ['192.0.2.7', '192.0.2.0/24', '2001:db8::/32'], ['192.0.2.0/33', '/24', 'x']],
  [option.hostName('A name.'), ['web1', 'a.example.org'], ['Web1', '-x', 'a b', '']],
  [option.url('A URL.'), ['https://example.org/'], ['example.org']],
  [option.flag('A flag.'), [true, false], ['yes', 1]],
  [option.secret('A secret.'), [new Secret(() => 'x', 'test')], ['x']],
])('a word takes what it means, and nothing else', (schema, good, bad) => {
  for (const value of good) expect(problem(schema, value)).toBeUndefined();
  for (const value of bad) expect(problem(schema, value)).toBeDefined();
});
