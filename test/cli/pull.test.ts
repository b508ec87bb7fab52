/** A host that runs its own part of a repository, in a mount namespace of its own: this machine's lock has no part in it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeProject, playRoot, run, type Outcome } from './command-line.ts';

const repository = makeProject({
  'playbooks/local.ts': `
import { copy, definePlaybook } from 'play';
export default definePlaybook({ name: 'own part', hosts: 'all', tasks: ({ host, vars }) => [
  copy({ dest: '/run/play/pulled', content: \`\${host.name} \${String(vars.word)}\\n\` }),
] });
`,
  'inventory/hosts': `${hostname()} word=one\nanother word=two\n`,
});
const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
    cwd: repository.dir,
    encoding: 'utf8',
  });
const commit = (message: string): void => void (git('add', 'playbooks', 'inventory'), git('commit', '-qm', message));
git('init', '-q', '-b', 'main');
commit('one');
const place = makeProject({});
const folder = join(place.dir, 'checkout');

const pull = (...args: readonly string[]): Promise<Outcome> =>
  run(
    'unshare',
    [
      '-m',
      'sh',
      '-c',
      'mount --make-rprivate / && mkdir -p /run/play && mount -t tmpfs none /run/play && "$@"; c=$?; cat /run/play/pulled 2>/dev/null; exit $c',
      'sh',
      join(playRoot, 'play'),
      'pull',
      '-U',
      `file://${repository.dir}`,
      '-d',
      folder,
      ...args,
    ],
    { cwd: place.dir, env: { ...process.env, XDG_STATE_HOME: join(place.dir, '.state') } },
  );

test('a host fetches its repository, and runs its own part', async () => {
  const checked = await pull('--check');
  expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining(`would change  ${hostname()}`) });
  expect(checked.stdout).not.toContain('another');
  expect(await pull('-o')).toMatchObject({ code: 0, stdout: expect.stringContaining(`${hostname()} one`) });
  expect(await pull('--only-if-changed')).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing new') });
  repository.write({ 'inventory/hosts': `${hostname()} word=three\n` });
  commit('three');
  const again = await pull('-o', '--', '-D');
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining(`+${hostname()} three`) });
  expect(existsSync(`${folder}.lock`)).toBe(false);
});

test('what is wrong is said before anything is run', async () => {
  for (const [args, said] of [
    [['-C', 'main'], '-C is --checkout REF in ansible-pull, and --check in play'],
    [['--checkout', 'nowhere'], 'cannot be fetched'],
    [['--verify-commit'], 'has no good signature'],
    [['nothing'], 'The repository has no playbook nothing'],
    [['-l', 'unknown'], 'unknown'],
  ] as const) {
    const { code, stderr } = await pull(...args);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(said) });
  }
  writeFileSync(join(folder, 'inventory/hosts'), 'mine\n');
  expect(await pull()).toMatchObject({ code: 1, stderr: expect.stringContaining('Files were changed by hand') });
  expect(await pull('--clean', '--check')).toMatchObject({ code: 0 });
  expect(readFileSync(join(folder, 'inventory/hosts'), 'utf8')).toContain('three');
  writeFileSync(`${folder}.lock`, JSON.stringify({ pid: process.pid, machine: hostname() }));
  expect(await pull()).toMatchObject({ code: 5, stderr: expect.stringContaining('is at work in') });
  writeFileSync(`${folder}.lock`, JSON.stringify({ pid: 4_000_000, machine: hostname() }));
  expect(await pull('--check')).toMatchObject({ code: 0 });
});
