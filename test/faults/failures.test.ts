import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Target } from '../../src/connection/index.ts';
import type { PlaySpec } from '../../src/playbook/index.ts';
import { copy } from '../../src/resources/index.ts';
import { runPlay, type RunPlayOptions } from '../support/run-play.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hosts = useHosts('fault1', 'fault2');
const both: RunPlayOptions = { inventory: 'fault1,fault2', target: (name) => hosts.target(name) };
const play = (tasks: PlaySpec['tasks']): PlaySpec => ({ hosts: 'all', become: true, ...(tasks ? { tasks } : {}) });
const read = async (host: string, path: string): Promise<string> => (await hosts.exec(host, ['cat', path])).stdout;
const leftovers = async (host: string): Promise<string> =>
  (await hosts.exec(host, ['find', '/etc', '/srv', '/tmp', '/root', '-name', '.play-*'])).stdout;

test('a checker that refuses: the old file stands, what the checker said is shown, the other host goes on', async () => {
  await runPlay(
    play(() => [copy({ dest: '/etc/checked', content: 'good old\n', mode: '0644' })]),
    both,
  );
  const spec = play(({ host }) => [
    copy({
      dest: '/etc/checked',
      content: host.name === 'fault1' ? 'bad\n' : 'good new\n',
      mode: '0644',
      validate: "sh -c '\ngrep good %s || { echo line 1 is not good >&2; exit 1; }'",
    }),
  ]);
  for (const check of [true, false]) {
    const run = await runPlay(spec, { ...both, check });
    const failed = run.tasks.find((task) => task.host === 'fault1');
    expect(failed?.status).toBe('failed');
    expect(failed?.error?.what).toBe("/etc/checked is refused by: sh -c ' ...");
    expect(failed?.error?.stderr).toContain('line 1 is not good');
    expect(run.recap).toMatchObject({ exit: 2, hosts: { fault1: { failed: 1 }, fault2: { changed: 1, failed: 0 } } });
    expect(await read('fault1', '/etc/checked')).toBe('good old\n');
  }
  expect(await leftovers('fault1')).toBe('');
});

test('a full disk: the old file stands, the error says so, nothing is left behind', async () => {
  await hosts.exec('fault1', [
    'sh',
    '-c',
    'mkdir -p /srv/small && mount -t tmpfs -o size=64k tmpfs /srv/small && echo old >/srv/small/file',
  ]);
  const run = await runPlay(
    play(() => [copy({ dest: '/srv/small/file', content: 'x'.repeat(200_000) })]),
    { ...both, inventory: 'fault1,' },
  );
  expect(run.tasks[0]?.error?.what).toBe('Could not write /srv/small/file');
  expect(run.tasks[0]?.error?.stderr).toMatch(/No space left on device/);
  expect(await read('fault1', '/srv/small/file')).toBe('old\n');
  expect(await leftovers('fault1')).toBe('');
});

test('several files in one request on a full disk: those before the one that fails are in place', async () => {
  const spec = play(() => [
    copy({ dest: '/srv/small/one', content: 'one\n' }),
    copy({ dest: '/srv/small/large', content: 'x'.repeat(200_000) }),
    copy({ dest: '/srv/small/three', content: 'three\n' }),
  ]);
  const run = await runPlay(spec, { ...both, inventory: 'fault1,' });
  expect(run.told).toEqual(['changed copy /srv/small/one', 'failed copy /srv/small/large']);
  expect(await read('fault1', '/srv/small/one')).toBe('one\n');
  expect((await hosts.exec('fault1', ['ls', '-A', '/srv/small'])).stdout).toBe('file\none\n');
});

test('an unreachable host is exit code 4, and the other goes on', async () => {
  const target = (name: string): Target =>
    name === 'fault1' ? { ...hosts.target(name), port: 1 } : hosts.target(name);
  const run = await runPlay(
    play(() => [copy({ dest: '/etc/reached', content: 'x' })]),
    { ...both, target },
  );
  expect(run.recap).toMatchObject({ exit: 4, hosts: { fault1: { unreachable: 1 }, fault2: { changed: 1 } } });
});

test('a changed host key is a hard stop that names the line of known_hosts', async () => {
  const file = join(temporaryFolder('keys'), 'known_hosts');
  writeFileSync(file, 'fault1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n');
  const run = await runPlay(
    play(() => []),
    { inventory: 'fault1,', target: (name) => ({ ...hosts.target(name), knownHostsFiles: [file] }) },
  );
  const lost = run.events.find((event) => event.event === 'unreachable');
  expect(lost?.event === 'unreachable' && `${lost.error.what} ${lost.error.at}`).toMatch(
    /host key of fault1 is not the one on record/,
  );
  expect(lost?.event === 'unreachable' && `${lost.error.what} ${lost.error.at} ${lost.error.hint}`).toContain(
    'known_hosts:1',
  );
  expect(run.recap.exit).toBe(4);
});

test('a directory in the way, a missing folder, a user that is not there: each says what to do', async () => {
  const cases: [PlaySpec['tasks'], RegExp][] = [
    [() => [copy({ dest: '/etc/apt', content: 'x' })], /\/etc\/apt is a directory/],
    [
      () => [copy({ dest: '/nowhere/file', content: 'x' })],
      /the directory \/nowhere does not exist Make it first: file\(\{ path: '\/nowhere', state: 'directory' \}\)/,
    ],
    [() => [copy({ dest: '/etc/owned', content: 'x', owner: 'nosuchuser' })], /nosuchuser|write \/etc\/owned/],
  ];
  for (const [tasks, says] of cases) {
    const run = await runPlay(play(tasks), { ...both, inventory: 'fault1,' });
    expect(`${run.tasks[0]?.error?.what} ${run.tasks[0]?.error?.hint} ${run.tasks[0]?.error?.stderr}`).toMatch(says);
    expect(run.recap.exit).toBe(2);
  }
  expect(await leftovers('fault1')).toBe('');
});
