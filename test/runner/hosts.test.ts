/** A runner on real hosts, and the tool of docs/runner.md as it stands there. */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ask, copy, definePlaybook, shell } from '../../src/index.ts';
import {
  holdOn,
  holdsQuestion,
  holdText,
  openRunner,
  Unreachable,
  type RunEvent,
  type Runner,
} from '../../src/runner/index.ts';
import { playRoot, run } from '../cli/command-line.ts';
import { buildRepository } from '../support/apt-repository.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { useRunner } from './support.ts';

const names = ['run-a', 'run-b'] as const;
const hosts = useHosts(...names);
const folder = temporaryFolder('runner');
const inventory = join(folder, 'inventory');
const sh = async (host: string, script: string): Promise<string> =>
  (await hosts.exec(host, ['sh', '-c', script])).stdout.trim();

async function withRunner<T>(work: (runner: Runner) => Promise<T>): Promise<T> {
  const runner = await openRunner({ inventory, timeout: 5 });
  try {
    return await work(runner);
  } finally {
    await runner.close();
  }
}

beforeAll(async () => {
  // Tools import what the launcher builds.
  await run(join(playRoot, 'play'), ['--version']);
  useRunner();
  const web = names.map((name) => hosts.inventoryLine(name)).join('');
  writeFileSync(
    inventory,
    `[web]\n${web}[all:vars]\ntoken=hunter2-hunter2\n[lost]\ngone ansible_host=127.0.0.1 ansible_port=1\n`,
  );
});

test('the tool of the page asks, brings the one that is behind to it, says who is lost, and ends by itself', async () => {
  const repository = temporaryFolder('repository');
  buildRepository(
    repository,
    ['1.0', '2.0'].map((version) => ({ name: 'fastpath', version })),
  );
  for (const name of names) {
    cpSync(repository, join(hosts.rootPath(name), 'srv/apt'), { recursive: true });
    await sh(
      name,
      `chmod -R a+rX /srv/apt; rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/*; echo "deb [trusted=yes] file:/srv/apt ./" >/etc/apt/sources.list; apt-get update -q && apt-get install -qy fastpath=${name === 'run-a' ? '1.0' : '2.0'}`,
    );
  }
  const page = readFileSync(join(playRoot, 'docs/runner.md'), 'utf8');
  const [, tool = ''] = /```ts\n(\/\/ pin\.ts[^]*?)```/.exec(page) ?? [];
  writeFileSync(join(folder, 'pin.ts'), tool);
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(playRoot, join(folder, 'node_modules/play'));
  const pin = (pattern: string): ReturnType<typeof run> =>
    run('node', ['--import', 'play/register', 'pin.ts', pattern, 'fastpath', '2.0', '-i', 'inventory', '-T', '5'], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1' },
    });

  const first = await pin('web:lost');
  expect(first.stderr).toBe('');
  expect(first.stdout).toMatch(/^run-a {2}1\.0$/m);
  expect(first.stdout).toMatch(/^run-b {2}2\.0$/m);
  expect(first.stdout).toMatch(/^gone {2}unreachable: \S/m);
  expect(first.stdout).toMatch(/^changed {2}run-a {2}apt fastpath=2\.0 {2}package fastpath 1\.0 -> 2\.0$/m);
  expect(first.stdout).not.toMatch(/^changed {2}run-b/m);
  expect(first.code).toBe(4);
  const second = await pin('web');
  expect([second.code, second.stdout.split('\n').sort()]).toEqual([0, ['', 'run-a  2.0', 'run-b  2.0']]);
  const typo = await pin('wbe');
  expect([typo.code, typo.stderr]).toEqual([
    1,
    expect.stringMatching(/^error: Unknown host or group "wbe"\n {2}Did you mean "web"/) as string,
  ]);
});

test('a lost host is its own failure, beside one that is fine; a question says which', async () => {
  await withRunner(async (runner) => {
    const playbook = definePlaybook({
      hosts: 'run-a:gone',
      tasks: () => [copy({ dest: '/tmp/beside', content: 'x\n' })],
    });
    const { exit, hosts: came } = await runner.run(playbook);
    expect(exit).toBe(4);
    expect(came).toMatchObject({
      'run-a': { changed: 1, unreachable: 0, failures: [] },
      'gone': {
        changed: 0,
        unreachable: 1,
        failures: [{ task: null, what: expect.stringContaining('gone') as string }],
      },
    });
    await expect(runner.ask('gone', ask.stat('/'))).rejects.toBeInstanceOf(Unreachable);
    expect(await runner.ask('run-a', ask.stat('/tmp/beside'))).toMatchObject({ type: 'file', size: 2 });
  });
});

test('questions, runs and commands share one login; the host is free between runs, and is found again when it was lost', async () => {
  const logins = (): Promise<string> =>
    sh('run-b', 'journalctl --sync; journalctl -u ssh --no-pager | grep -c Accepted');
  const playbook = (text: string) =>
    definePlaybook({ hosts: 'run-b', become: true, tasks: () => [copy({ dest: '/etc/greeting', content: text })] });
  const before = Number(await logins());
  await withRunner(async (runner) => {
    const owner = (): Promise<{ readonly size: number }> =>
      runner.ask('run-b', ask.stat('/etc/greeting'), { becomeUser: 'root' }) as Promise<{ readonly size: number }>;
    expect(await runner.run(playbook('one\n'), { check: true })).toMatchObject({ hosts: { 'run-b': { changed: 1 } } });
    expect(await owner()).toMatchObject({ type: 'absent' });
    expect(await runner.run(playbook('one\n'), { lock: { wait: 5 } })).toMatchObject({ exit: 0 });
    // Somebody else's, while this one stays open.
    await withRunner(async (other) =>
      expect(await other.run(playbook('two\n'), { lock: { wait: 5 } })).toMatchObject({ exit: 0 }),
    );
    expect(await runner.run(playbook('three\n'), { lock: { wait: 5 } })).toMatchObject({ exit: 0 });
    expect(await owner()).toMatchObject({ size: 6 });
    const lines: string[] = [];
    expect(
      await runner.shell('run-b', 'cat "$1"; exit 3', {
        args: ['/etc/greeting'],
        onLine: ({ text }) => lines.push(text),
      }),
    ).toBe(3);
    expect(lines).toEqual(['three']);
    expect(Number(await logins()) - before).toBe(2);

    await sh('run-b', 'pkill -f "[s]shd.*: admin" || true');
    expect(await owner()).toMatchObject({ size: 6 });
    await sh('run-b', 'pkill -f "[s]shd.*: admin" || true');
    expect(await runner.run(playbook('four\n'))).toMatchObject({ exit: 0, hosts: { 'run-b': { changed: 1 } } });
    expect(Number(await logins()) - before).toBe(4);
    // What the run before leaves does not keep the next one waiting.
    for (const text of ['five\n', 'six\n', 'seven\n', 'eight\n'])
      expect(await runner.run(playbook(text), { lock: { wait: 5 } })).toMatchObject({ exit: 0 });
  });
  // Every connection is closed.
  await expect.poll(() => sh('run-b', 'pgrep -fc "[s]shd.*: admin"')).toBe('0');
});

test('what is held is known to who asks, left alone by runs, and worked on where that is wanted', async () => {
  await sh(
    'run-a',
    `mkdir -p /var/lib/play/holds; echo '1 0 {"unit":"app.service","names":["app.service","site.service"],"by":"anna","reason":"disk"}' >/var/lib/play/holds/app.hold`,
  );
  await withRunner(async (runner) => {
    const { holds } = await runner.ask('run-a', holdsQuestion);
    const hold = holdOn(['site.service'], holds);
    expect(hold && holdText(hold)).toMatch(/^app\.service is held by anna since .*: disk$/);
    expect(holdOn(['other.service'], holds)).toBeUndefined();
    expect((await runner.ask('run-b', holdsQuestion)).holds).toEqual([]);
  });
  await sh('run-a', `echo '1 0 {"by":"anna","reason":"disk"}' >/var/lib/play/holds/host.hold`);
  const playbook = definePlaybook({
    hosts: 'web',
    become: true,
    tasks: () => [copy({ dest: '/root/held', content: 'x', mode: '0644' })],
  });
  await withRunner(async (runner) => {
    const { exit, hosts: came } = await runner.run(playbook);
    expect([exit, came['run-a'], came['run-b']]).toMatchObject([
      5,
      { held: 1, ok: 0, failures: [] },
      { held: 0, changed: 1 },
    ]);
    const overruled = await runner.run(playbook, { ignoreHold: true });
    expect([overruled.exit, overruled.hosts['run-a']]).toMatchObject([0, { held: 0, changed: 1 }]);
  });
  await sh('run-a', 'rm -r /var/lib/play');
});

test('no listener hears a secret, whoever says it', async () => {
  const events: RunEvent[] = [];
  await withRunner(async (runner) => {
    const playbook = definePlaybook({
      hosts: 'run-a',
      tasks: () => [
        shell({ cmd: 'echo hunter2-hunter2 >/tmp/told; cat /tmp/told; cat /tmp/told >&2; exit 4', changes: 'always' }),
      ],
    });
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'hunter2-hunter2\n', { mode: 0o600 });
    const { secretFromFile } = await import('../../src/index.ts');
    secretFromFile(secret).expose();
    const { hosts: came } = await runner.run(playbook, { listener: (event) => events.push(event), trace: true });
    const heard = JSON.stringify([events, came]);
    expect(heard).toContain('********');
    expect(heard).not.toContain('hunter2');
    const lines: string[] = [];
    await runner.shell('run-a', 'cat /tmp/told', { onLine: ({ text }) => lines.push(text) });
    expect([lines, runner.mask({ said: ['hunter2-hunter2'] })]).toEqual([['********'], { said: ['********'] }]);
  });
  expect(events.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['play', 'connected', 'sent', 'task', 'recap']),
  );
});

test('a command ends when its signal says so, also on the host', async () => {
  await withRunner(async (runner) => {
    const stop = new AbortController();
    await runner.shell('run-a', 'exec sleep 4711', { signal: stop.signal, onStart: () => stop.abort() });
    await expect.poll(() => sh('run-a', 'pgrep -fc "[s]leep 4711"')).toBe('0');
  });
});
