import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { useHosts, type LoginUser } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { makeProject, playRoot, run, type Outcome } from './command-line.ts';

const hosts = useHosts('hold1', 'hold2');
const state = temporaryFolder('state');

const project = makeProject({
  'playbooks/app.ts': `
import { copy, definePlaybook, handler, systemd } from 'play';
const restart = handler('restart app', () => systemd({ name: 'app', state: 'restarted' }));
export default definePlaybook({ hosts: 'hold1:hold2', become: true, tasks: () => [
  copy({ dest: '/etc/app.conf', content: 'one\\n', mode: '0644' }, { notify: restart }),
  systemd({ name: 'app', state: 'started' }),
] });`,
  'playbooks/plain.ts': `
import { copy, definePlaybook } from 'play';
export default definePlaybook({ hosts: 'hold1', tasks: () => [copy({ dest: '/tmp/plain', content: 'x', mode: '0644' })] });`,
  'playbooks/batches.ts': `
import { command, definePlaybook } from 'play';
export default definePlaybook([
  { hosts: 'hold1:hold2', name: 'once', tasks: () => [command({ argv: ['true'], changes: 'always' }, { name: 'once', runOnce: true })] },
  { hosts: 'hold1:hold2', name: 'each', serial: 1, tasks: () => [command({ argv: ['true'], changes: 'always' }, { name: 'each' })] },
]);`,
  'playbooks/canary.ts': `
import { command, definePlaybook } from 'play';
export default definePlaybook({ hosts: 'hold1:hold2', name: 'each', canary: { soak: 1 }, tasks: () => [
  command({ argv: ['touch', '/tmp/own'], changes: 'always' }, { name: 'each' }),
] });`,
  'runbooks/own.ts': `
import { command, defineRunbook } from 'play';
const tasks = () => [command({ argv: ['touch', '/tmp/own'], changes: 'always' })];
export default defineRunbook({ title: 'Own', description: 'Two steps.', steps: [
  { name: 'first', description: 'On the one.', hosts: 'hold1', tasks },
  { name: 'second', description: 'On the other.', hosts: 'hold2', tasks },
] });`,
  'playbooks/stop.ts': `
import { definePlaybook, hold, systemd } from 'play';
export default definePlaybook([
  { hosts: 'hold1', name: 'stop', become: true, tasks: ({ vars: { back } }) => back === true
    ? [hold({ unit: 'site', holder: 'stop', reason: "it's odd" }), systemd({ name: 'app', state: 'started' }), hold({ unit: 'app', holder: 'stop', state: 'absent' })]
    : [hold({ unit: 'app', holder: 'stop', reason: "it's odd" }), systemd({ name: 'app', state: 'stopped' })] },
  { hosts: 'hold1', name: 'others', become: true, tasks: () => [systemd({ name: 'site', state: 'restarted' })] },
]);`,
  'playbooks/via.ts': `
import { command, definePlaybook } from 'play';
export default definePlaybook({ hosts: 'hold2', become: true, tasks: () => [
  command({ argv: ['touch', '/tmp/delegated'], changes: 'always' }, { delegateTo: 'hold1' }),
  command({ argv: ['touch', '/tmp/own'], changes: 'always' }),
] });`,
});

function line(name: string, user: LoginUser = 'admin'): string {
  const { address, privateKeyFile, knownHostsFiles = [], hostKeyAlias } = hosts.target(name, user);
  return `${name} ansible_host=${address} ansible_user=${user} ansible_ssh_private_key_file=${privateKeyFile} ansible_ssh_common_args='-o UserKnownHostsFile=${knownHostsFiles[0]} -o HostKeyAlias=${hostKeyAlias}'\n`;
}

const env = { ...process.env, XDG_STATE_HOME: state };
const play = (...args: readonly string[]): Promise<Outcome> =>
  run(join(playRoot, 'play'), args, { cwd: project.dir, env });
const on = async (host: string, command: string): Promise<string> =>
  (await hosts.exec(host, ['sh', '-c', command])).stdout.trim();

beforeAll(async () => {
  project.write({ 'inventory/hosts': line('hold1') + line('hold2'), 'nosudo': line('hold1', 'nosudo') });
  for (const host of ['hold1', 'hold2'])
    await on(
      host,
      `printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\nAlias=site.service\\n' >/etc/systemd/system/app.service; systemctl enable --now app`,
    );
});

beforeEach(async () => {
  for (const host of ['hold1', 'hold2'])
    await on(host, 'rm -rf /var/lib/play /etc/app.conf /tmp/plain /tmp/delegated /tmp/own; systemctl start app');
});

test('a held host is left alone, reported and counted apart; others go on', async () => {
  const held = await play('hold', 'hold1', '--reason', 'disk being replaced');
  expect(held.code).toBe(0);
  expect(held.stdout).toMatch(/^hold1  held by \S+@\S+ since \d\d:\d\d: disk being replaced\n$/);

  for (const mode of [['-C'], []]) {
    const outcome = await play('app', ...mode);
    expect(outcome.stdout).toMatch(/^held  hold1  held by \S+ since \d\d:\d\d: disk being replaced$/m);
    expect(outcome.stdout).toMatch(/^hold1 +: ok=0 .* held=1$/m);
    expect(outcome.stdout).toMatch(/^hold2 +: ok=.* ignored=0 *$/m);
    expect(outcome.code).toBe(5);
  }
  expect(await on('hold1', 'ls /etc/app.conf')).toBe('');
  expect(await on('hold2', 'cat /etc/app.conf')).toBe('one');

  const lines = (await play('app', '--output', 'jsonl')).stdout
    .trim()
    .split('\n')
    .map((one) => JSON.parse(one) as object);
  expect(lines).toContainEqual(
    expect.objectContaining({ event: 'held', host: 'hold1', unit: null, until: null, reason: 'disk being replaced' }),
  );
  expect(lines.at(-1)).toMatchObject({ event: 'recap', held: { hold1: 1 }, exit: 5 });
  expect((await play('log', '1')).stdout).toMatch(/held {2}hold1 {2}held by .*disk being replaced/);

  const unheld = await play('unhold', 'hold1');
  expect(unheld.stdout).toMatch(/^hold1  no longer held: it was held by .*: disk being replaced\n$/);
  expect(await on('hold1', 'ls /var/lib/play')).toBe('log');
  expect((await play('app')).code).toBe(0);
});

test('what would change elsewhere beats what is held: -C --exit-code gives 3', async () => {
  await play('hold', 'hold1', '--reason', 'test');
  expect((await play('app', '-C', '--exit-code')).code).toBe(3);
});

test('a unit stopped by hand and held is not started; its handler stays owed until it is free', async () => {
  expect((await play('hold', 'hold1', 'site', '--reason', 'eats the disk')).stdout).toMatch(
    /^hold1 {2}app\.service is held by/,
  );
  await on('hold1', 'systemctl stop app');
  const check = await play('app', '-C', '-l', 'hold1');
  const real = await play('app', '-l', 'hold1');
  for (const outcome of [check, real]) {
    expect(outcome.stdout).toMatch(
      /^held {2}hold1 {2}systemd app(?: {2}.*)?\n {4}app\.service is held by .*: eats the disk$/m,
    );
    expect(outcome.stdout).toMatch(/^held {2}hold1 {2}restart app \(handler\)(?: {2}.*)?\n.*the handler stays owed$/m);
    expect(outcome.stdout).toMatch(/ held=2$/m);
    expect(outcome.code).toBe(5);
  }
  expect(await on('hold1', 'cat /etc/app.conf; systemctl is-active app')).toBe('one\ninactive');
  const status = (await play('status')).stdout;
  expect(status).toMatch(
    /^hold1 {2}app\.service is stopped since \d\d:\d\d; held by \S+@\S+ since \d\d:\d\d: eats the disk$/m,
  );
  expect(status).toMatch(/^1 more: nothing held or stopped$/m);

  expect((await play('unhold', 'hold1', 'app')).code).toBe(0);
  expect((await play('status')).stdout).toMatch(
    /^hold1 {2}app\.service is stopped since \d\d:\d\d, though it starts at boot and nobody holds it$/m,
  );
  const after = await play('app', '-l', 'hold1');
  expect(after.stdout).toMatch(/owed since .*restart app; it runs with this run's handlers/);
  expect(after.stdout).toMatch(/^changed {2}hold1 {2}restart app \(handler\) {2}/m);
  expect(after.code).toBe(0);
  expect(await on('hold1', 'systemctl is-active app')).toBe('active');
});

test('a task holds a unit from others, and not from its own play; check mode says the same', async () => {
  const told = ({ stdout }: Outcome): string[] =>
    (stdout.match(/^(?:would change|changed|held|failed) .*$/gm) ?? []).map((line) => line.split('  ', 3).join('  '));
  const both = async (...args: readonly string[]): Promise<string[]> => {
    const check = told(await play('stop', '-C', ...args)).map((text) => text.replace('would change', 'changed'));
    const real = told(await play('stop', ...args));
    expect(check).toEqual(real);
    return real;
  };
  const isHeld = 'held  hold1  systemd site';
  expect(await both()).toEqual(['changed  hold1  hold app', 'changed  hold1  systemd app', isHeld]);
  expect(await both()).toEqual([isHeld]);
  expect(await on('hold1', 'systemctl is-active app')).toBe('inactive');
  expect(await both('-e', '{"back":true}')).toEqual([
    'changed  hold1  systemd app',
    'changed  hold1  hold no more on app',
    'changed  hold1  systemd site',
  ]);
  expect(await on('hold1', 'systemctl is-active app; ls -d /var/lib/play/holds')).toBe('active');
  // Somebody else's hold is left alone, and named.
  await play('hold', 'hold1', 'app', '--reason', 'mine');
  const foreign = await play('stop', '-e', '{"back":true}');
  expect([foreign.code, foreign.stdout]).toEqual([2, expect.stringMatching(/app\.service is held by .*: mine$/m)]);
});

test('--until expires by itself, on the clock of the host', async () => {
  await play('hold', 'hold1', '--reason', 'short', '--until', '1h');
  expect((await play('status', 'hold1')).stdout).toMatch(/ until (\S+ )?\d\d:\d\d: short$/m);
  // An hour and a bit later, for all the host knows.
  await on('hold1', `sed -i -E 's/^([0-9]+) [0-9]+/\\1 '"$(($(date +%s) - 1))"'/' /var/lib/play/holds/host.hold`);
  expect((await play('status', 'hold1')).stdout).toBe('nothing is held or stopped on hold1\n');
  expect((await play('app', '-l', 'hold1')).code).toBe(0);
  // What has expired is in nobody's way.
  expect((await play('hold', 'hold1', '--reason', 'again')).code).toBe(0);
});

test('--ignore-hold works on what is held, and that is on record here and there', async () => {
  await play('hold', 'hold1', '--reason', 'wait for bob');
  const outcome = await play('app', '-l', 'hold1', '--ignore-hold');
  expect(outcome.stdout).toMatch(/note {2}hold1 {2}held by .*: wait for bob; overruled \(--ignore-hold\)/);
  expect(outcome.code).toBe(0);
  expect(await on('hold1', 'cat /etc/app.conf')).toBe('one');
  expect((await play('status', 'hold1')).stdout).toMatch(/^hold1 {2}overruled by \S+@\S+ at \d\d:\d\d/m);
  expect((await play('log', '1')).stdout).toContain('overruled (--ignore-hold)');
});

test('the hold of somebody else is not overwritten, but may be taken off', async () => {
  await play('hold', 'hold1', '--reason', 'mine');
  await on('hold1', `sed -i -E 's/"by":"[^"]*"/"by":"bob@elsewhere"/' /var/lib/play/holds/host.hold`);
  const outcome = await play('hold', 'hold1', '--reason', 'also mine');
  expect(outcome.code).toBe(2);
  expect(outcome.stdout).toMatch(/is already held: held by bob@elsewhere since .*: mine/);
  expect((await play('unhold', 'hold1')).stdout).toContain('it was held by bob@elsewhere');
});

test('runs without root, and tasks delegated to a held host, leave it alone too', async () => {
  await play('hold', 'hold1', '--reason', 'no touching');
  const plain = await play('plain', '-i', 'nosudo');
  expect(plain.stdout).toContain('held  hold1  held by');
  expect(plain.code).toBe(5);
  expect(await on('hold1', 'ls /tmp/plain')).toBe('');

  const via = await play('via');
  expect(via.stdout).toMatch(/^held {2}hold2 {2}command touch.*$\n {4}held by/m);
  expect(via.code).toBe(5);
  expect(await on('hold1', 'ls /tmp/delegated')).toBe('');
  expect(await on('hold2', 'ls /tmp/own')).toBe('/tmp/own');
});

test('commands that plainly switch a held unit are left alone; batches and tasks that run once go on without a held host', async () => {
  await play('hold', 'hold1', 'app', '--reason', 'as it is');
  const switched = await play('resource', 'command', 'argv=systemctl,stop,site', 'changes=always', '-b', '-l', 'hold1');
  expect(switched.stdout).toMatch(/^held {2}hold1 .*$\n {4}app\.service is held by .*: as it is$/m);
  expect(switched.code).toBe(5);
  expect(await on('hold1', 'systemctl is-active app')).toBe('active');

  await play('hold', 'hold1', '--reason', 'all of it');
  const batches = await play('batches');
  expect(batches.stdout).toMatch(/^changed {2}hold2 {2}once\b/m);
  expect(batches.stdout).toMatch(/^changed {2}hold2 {2}each\b/m);
  expect(batches.stdout).not.toMatch(/not begun/);
  expect(batches.code).toBe(5);
});

test('a canary that is held stops the roll-out, and a held host the runbook whose step it is', async () => {
  await play('hold', 'hold1', '--reason', 'all of it');
  const canary = await play('canary');
  expect(canary.stdout).toMatch(/^stopped {2}roll-out of "each": the canary is held$/m);
  expect(canary.stdout).toMatch(/^ +not begun +hold1, hold2$/m);
  expect(canary.code).toBe(5);
  const runbook = await play('runbook', 'own');
  expect(runbook.stderr).toBe('');
  expect(runbook.stdout).toMatch(/stopped at "first": a host of it is held/);
  expect(runbook.code).toBe(2);
  expect(await on('hold2', 'ls /tmp/own')).toBe('');

  await play('unhold', 'hold1');
  expect((await play('canary')).code).toBe(0);
  expect(await on('hold2', 'ls /tmp/own')).toBe('/tmp/own');
});

test('mistakes cost no connection, or leave nothing behind', async () => {
  expect((await play('hold', 'hold1')).stderr).toContain('--reason');
  expect((await play('hold', 'hold1', '--reason', 'x', '--until', 'soon')).stderr).toMatch(
    /--until needs a time, not "soon"/,
  );
  const outcome = await play('hold', 'hold1', 'app', 'nothing', '--reason', 'x');
  expect(outcome.stdout).toMatch(/FAILED has no unit nothing\.service/);
  expect(outcome.code).toBe(2);
  expect(await on('hold1', 'ls -d /var/lib/play')).toBe('');
  expect((await play('hold', 'hold1', '--reason', 'x', '-i', 'nosudo')).code).toBe(2);
});

test('a reason with quotes, escapes and line breaks is kept and shown on one line', async () => {
  const reason = `it's "bad" \\ $(id)\n%s \u001b[31m`;
  await play('hold', 'hold1', '--reason', reason);
  expect((await play('status', 'hold1')).stdout).toContain(`: it's "bad" \\ $(id) %s \\x1b[31m`);
});
