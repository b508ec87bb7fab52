/** `play restore-files`: what a run changed is put back, as a run of its own. */
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { makeProject, playRoot, run, type Outcome } from './command-line.ts';

const hosts = useHosts('restore1');
const state = temporaryFolder('state');
const env = { ...process.env, XDG_STATE_HOME: state, APP_KEY: 'hunter2-correct-horse' };
const site = `
import { copy, command, definePlaybook, file, secretFromEnv } from 'play';
export default definePlaybook({
  name: 'site', hosts: 'restore1', become: true,
  tasks: ({ vars }) => [
    copy({ dest: '/etc/app/conf', content: String(vars.text) + '\\n', mode: '0640' }),
    copy({ dest: '/etc/app/key', content: secretFromEnv('APP_KEY'), mode: '0600' }),
    file({ path: '/etc/app/-odd "one"', state: 'absent' }),
    file({ path: '/etc/app/current', src: 'conf', state: 'link' }),
    file({ path: '/etc/app/more', state: 'directory', mode: '0750' }),
    copy({ dest: '/etc/app/more/file', content: 'x' }),
    command({ argv: ['touch', '/root/by-command'], changes: 'always' }, { name: 'a command' }),
  ],
});
`;
const project = makeProject({ 'site.ts': site });
const sh = async (script: string): Promise<string> =>
  (await hosts.exec('restore1', ['sh', '-c', script])).stdout.trim();
const play = (...args: readonly string[]): Promise<Outcome> =>
  run(join(playRoot, 'play'), [...args, '-i', 'hosts'], { cwd: project.dir, env });
const change = (text: string): Promise<Outcome> => play('site.ts', '--no-typecheck', '-e', `text=${text}`);
const look = `cd /etc/app; find . | sort | while read -r one; do stat -c '%n %F %a %u %g' "$one"; done; readlink current; cat conf key ./-odd*; getfacl conf 2>/dev/null`;
const kept = '/var/lib/play/backups';

beforeAll(() => project.write({ hosts: hosts.inventoryLine('restore1') }));
beforeEach(async () => {
  await sh(`rm -rf /etc/app /var/lib/play; mkdir /etc/app; cd /etc/app
    echo old >conf; chown daemon:adm conf; chmod 2604 conf; setfacl -m u:games:r conf
    echo 'old key' >key; echo odd >'-odd "one"'; ln -s old current`);
});

test('puts back what a run changed, says what it does not undo, and can be undone itself', async () => {
  const before = await sh(look);
  expect(await change('new')).toMatchObject({ code: 0 });
  const after = await sh(look);
  expect(
    await sh(`find ${kept} -type d -perm /077; find ${kept} -type f -size +0 -perm /077; grep -rl hunter2 ${kept}`),
  ).toBe('');

  const foreseen = await play('restore-files', '1', '-C', '-D');
  expect(foreseen.stdout).toContain('would change  restore1  restore 6 files');
  expect(foreseen.stdout).toContain('not undone: a command (command)');
  expect(foreseen.stdout).toMatch(/-new\n\s*\+old\n/);
  expect(foreseen.stdout).not.toMatch(/hunter2|old key/);
  expect(await sh(look)).toBe(after);

  const { code, stdout } = await play('restore-files', '1');
  expect(stdout).toMatch(/changed {2}restore1 {2}restore 6 files\n(?: {4}.*\n)* {4}not undone: a command \(command\)/);
  expect(code).toBe(0);
  expect(await sh(look)).toBe(before);
  expect(await sh('find / -xdev -name ".play-*" -o -xdev -name "*.new" -path "*backups*"')).toBe('');

  // The last run is that which put back: 2 is the one before.
  expect((await play('restore-files', '2')).stdout).toMatch(/restore1 .*changed=0/);
  const runs = (await sh(`ls ${kept}`)).split('\n');
  const [, undone = ''] = runs;
  expect(await play('restore-files', undone)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('changed=1') as string,
  });
  expect(await sh(look)).toBe(after);
});

test('refuses what was changed since, by name and before it changes anything', async () => {
  await change('new');
  await sh('echo by hand >>/etc/app/conf');
  const since = await sh(look);
  const refused = await play('restore-files', '1');
  expect(refused.stdout).toContain('changed since that run: /etc/app/conf');
  expect(refused.code).toBe(2);
  expect(await sh(look)).toBe(since);
  const id = (await sh(`ls ${kept}`)).split('\n')[0] ?? '';
  const only = await play('restore-files', id, '--only', '/etc/app/key', '--only', '/etc/app/current');
  expect(only).toMatchObject({ code: 0 });
  expect(await sh('cat /etc/app/key; readlink /etc/app/current; tail -n 1 /etc/app/conf')).toBe(
    'old key\nold\nby hand',
  );
  expect((await play('restore-files', id, '--force-changed')).code).toBe(0);
  expect(await sh('cat /etc/app/conf')).toBe('old');
  expect((await play('restore-files', id, '--only', '/etc/no')).stderr).toContain('That run changed no /etc/no');
});

test('somebody else finds it by its id; it expires by age and size, and is not kept where nobody wants it', async () => {
  await change('one');
  await sh('echo old >/etc/app/conf');
  await change('two');
  const [first = '', second = ''] = (await sh(`ls ${kept}`)).split('\n');
  // The same bytes are kept once.
  const hash = await sh('echo old | sha256sum | cut -c1-64');
  expect(await sh(`stat -c %h ${kept}/${first}/${hash}`)).toBe('2');
  const others = { cwd: project.dir, env: { ...env, XDG_STATE_HOME: temporaryFolder('state') } };
  const theirs = await run(
    join(playRoot, 'play'),
    ['restore-files', second, '-i', 'hosts', '-l', 'restore1', '-C'],
    others,
  );
  expect(theirs.stdout).toContain('not undone: anything else that run did');
  expect(theirs.stdout).toContain('would change  restore1  restore /etc/app/conf');
  await sh(`touch -d '40 days ago' ${kept}/${first}; head -c 3000000 /dev/zero >${kept}/${second}/old`);
  project.write({
    'play.config.ts': `import { defineConfig } from 'play'; export default defineConfig({ backups: { size: 1 } });`,
  });
  await change('three');
  expect((await sh(`ls ${kept}`)).split('\n')).toHaveLength(1);
  project.write({
    'play.config.ts': `import { defineConfig } from 'play'; export default defineConfig({ backups: false });`,
  });
  await change('four');
  expect((await sh(`ls ${kept}`)).split('\n')).toHaveLength(1);
  expect((await play('restore-files', '1')).stderr).toMatch(/Nothing of \S+ is kept on restore1/);
});
