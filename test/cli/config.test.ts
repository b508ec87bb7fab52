import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { localWeb, makeProject, playRoot, sayPlaybook } from './command-line.ts';

const config = (settings: string): string =>
  `import { defineConfig } from 'play';\nexport default defineConfig({ ${settings} });\n`;

const project = makeProject({
  'hosts/web': localWeb,
  'group_vars/web.yml': 'greeting: hello\n',
  'plays/site.ts': sayPlaybook,
  'below/.keep': '',
});

test('play.config.ts takes the place of ansible.cfg, from wherever below the project one works', async () => {
  project.write({ 'play.config.ts': config(`inventory: 'hosts/web', playbooksDir: 'plays', diff: true, forks: 3`) });
  expect((await project.play('site', '--list-hosts')).stdout).toContain('hosts (2):\n      web1\n      web2\n');
  expect((await project.play('inventory', '--hosts')).stdout).toBe('web1\nweb2\ndb1\n');
  expect((await project.play('why', 'web1', 'greeting')).stdout).toMatch(/^web1: greeting = "hello"/);
});

test('the command line beats it', async () => {
  project.write({ other: 'lonely ansible_connection=local\n' });
  expect((await project.play('inventory', '--hosts', '-i', 'other')).stdout).toBe('lonely\n');
});

test('a vault password comes from it as the wrapper script gave it', async () => {
  project.write({
    'play.config.ts': config(`inventory: ['hosts/web'], playbooksDir: 'plays', vaultPasswordFile: 'secrets/password'`),
    'secrets/password': 'geheim\n',
    'group_vars/db.yml': readFileSync(join(playRoot, 'test/secrets/fixtures/vault-1.1.yml'), 'utf8'),
  });
  expect((await project.play('inventory', '--host', 'db1')).code).toBe(0);
  project.write({ 'secrets/password': 'wrong\n' });
  expect((await project.play('inventory', '--host', 'db1')).stderr).toMatch(/group_vars\/db\.yml/);
  project.write({ 'group_vars/db.yml': '' });
});

const wrong: readonly (readonly [string, string, RegExp])[] = [
  [
    'an unknown setting',
    `vaultPasswordFiles: 'x'`,
    /Unknown setting of play.config.ts "vaultPasswordFiles"\n\s+at play.config.ts:2:16\n(?:.*\n)*\s+Did you mean "vaultPasswordFile"/,
  ],
  [
    "Ansible's name for one",
    `remote_user: 'x'`,
    /Unknown setting of play.config.ts "remote_user"\n(?:.*\n)*\s+It is called "user" here/,
  ],
  ['a wrong value', `forks: 'many'`, /play.config.ts: forks is wrong/],
];

test.each(wrong)('%s is an error that says what to write', async (_, settings, said) => {
  project.write({ 'play.config.ts': config(settings) });
  const { code, stderr } = await project.play('inventory', '--hosts');
  expect(stderr).toMatch(said);
  expect(code).toBe(1);
});

test('a configuration that anybody may have written is not read', async () => {
  project.write({ 'play.config.ts': config('') });
  chmodSync(join(project.dir, 'play.config.ts'), 0o666);
  expect((await project.play('inventory', '--hosts')).stderr).toMatch(
    /Everybody may write .*play.config.ts, so play.config.ts is not read/,
  );
});
