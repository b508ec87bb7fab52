import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { blocksOf } from '../runbooks/pages.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { makeProject, playRoot, run, type Outcome } from './command-line.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

const hosts = useHosts('drift1', 'drift2');
const state = temporaryFolder('state');
const metrics = join(temporaryFolder('metrics'), 'play.prom');

const motd = `
import { command, copy, definePlaybook, file, systemd, tempfile } from 'play';
export default definePlaybook({ hosts: 'drift1:drift2', become: true, tasks: () => [
  copy({ dest: '/etc/motd', content: 'welcome\\n', mode: '0644' }),
  copy({ dest: '/etc/issue', content: 'hello\\n', mode: '0644' }),
  command({ argv: ['touch', '/tmp/always'], changes: 'always' }),
  file({ path: '/etc/touched', state: 'touch', mode: '0644' }),
  tempfile({}),
  systemd({ name: 'cron', state: 'restarted' }),
] });`;

const project = makeProject({
  'playbooks/motd.ts': motd,
  'playbooks/nobody.ts': `
import { definePlaybook } from 'play';
export default definePlaybook({ hosts: 'nobodys', tasks: () => [] });`,
});

const env = { ...process.env, XDG_STATE_HOME: state };
const play = (...args: readonly string[]): Promise<Outcome> =>
  run(join(playRoot, 'play'), args, { cwd: project.dir, env });
const on = async (host: string, command: string): Promise<string> =>
  (await hosts.exec(host, ['sh', '-c', command])).stdout.trim();

interface Line {
  readonly event: string;
  readonly [key: string]: unknown;
}

async function look(
  ...args: readonly string[]
): Promise<{ code: number | null; lines: Line[]; of: (host: string) => Line }> {
  const { code, stdout } = await play('drift', '--output', 'jsonl', ...args);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  return {
    code,
    lines,
    of: (host) => lines.find((line) => line.event === 'drift' && line['host'] === host) ?? { event: '' },
  };
}

beforeAll(async () => {
  const lines = ['drift1', 'drift2'].map((name) => {
    const { address, privateKeyFile, knownHostsFiles = [], hostKeyAlias } = hosts.target(name);
    return `${name} ansible_host=${address} ansible_user=admin ansible_ssh_private_key_file=${privateKeyFile} ansible_ssh_common_args='-o UserKnownHostsFile=${knownHostsFiles[0]} -o HostKeyAlias=${hostKeyAlias}'\n`;
  });
  project.write({ 'inventory/hosts': `${lines.join('')}[nobodys]\n` });
  expect((await play('motd')).code).toBe(0);
});

test('who differs since when: kept from look to look, task by task', async () => {
  const right = await look();
  expect(right.code).toBe(0);
  expect(right.of('drift1')).toMatchObject({ status: 'same', since: null, tasks: [] });
  expect(right.lines.at(-1)).toMatchObject({ event: 'recap', same: 2, differs: 0, exit: 0 });

  await on('drift1', 'echo by hand >>/etc/motd');
  const first = await look();
  expect(first.code).toBe(3);
  const { since } = first.of('drift1');
  expect(first.of('drift1')).toMatchObject({
    status: 'differs',
    tasks: [{ role: null, task: 'copy /etc/motd', resource: 'copy', since }],
  });
  expect(first.of('drift2')).toMatchObject({ status: 'same' });
  expect(await on('drift1', 'cat /etc/motd; ls /var/lib/play')).toBe('welcome\nby hand\nbackups\nlog');

  await on('drift1', 'rm /etc/issue');
  const second = await look('-l', 'drift1');
  expect(second.of('drift1')).toMatchObject({ status: 'differs', since });
  const [issue, old] = [...(second.of('drift1')['tasks'] as { task: string; since: string }[])].sort((a, b) =>
    a.task < b.task ? -1 : 1,
  );
  expect(old).toMatchObject({ task: 'copy /etc/motd', since });
  expect(issue?.since).not.toBe(since);
  const human = await play('drift', 'motd');
  expect(human.stdout).toMatch(
    /^differs {2}drift1 {2}motd {2}since \S.*\n {4}copy \/etc\/motd {2}since .*\n {4}copy \/etc\/issue {2}since .*\n2 hosts, 1 playbook: 1 differs {2}\(/,
  );

  // A look that cannot tell leaves it as it was.
  await play('hold', 'drift1', '--reason', 'leave it');
  const held = await look();
  expect(held.code).toBe(5);
  expect(held.of('drift1')).toMatchObject({
    status: 'held',
    since,
    reason: expect.stringContaining('leave it') as unknown,
  });
  expect((await look('--ignore-hold')).of('drift1')).toMatchObject({ status: 'differs', since });
  await play('unhold', 'drift1');

  expect((await play('motd')).code).toBe(0);
  expect((await look()).of('drift1')).toMatchObject({ status: 'same', since: null });
});

test('metrics are what promtool would read, of all hosts, also after a look at one', async () => {
  await on('drift2', 'echo by hand >>/etc/motd');
  await play('drift', '--metrics', metrics);
  await play('drift', '-l', 'drift1', '--metrics', metrics);
  const text = readFileSync(metrics, 'utf8');
  expect(text).toContain('play_drift_status{host="drift2",playbook="motd",status="differs"} 1\n');
  expect(text).toContain('play_drift_status{host="drift1",playbook="motd",status="differs"} 0\n');
  expect(text).toMatch(/^play_drift_tasks\{host="drift2",playbook="motd"\} 1$/m);
  expect(text).toMatch(/^play_drift_since_timestamp_seconds\{host="drift2",playbook="motd"\} \d{10}$/m);
  expect(text).not.toMatch(/^play_drift_since_timestamp_seconds\{host="drift1"/m);
  expect(text).toMatch(/^play_drift_last_exit_code 0$/m);
  // The text format: comments, or a name with labels and a number.
  for (const line of text.trimEnd().split('\n'))
    expect(line).toMatch(/^(# (HELP|TYPE) \S+ .+|[a-z_]+(\{([a-z]+="[^"]*",?)+\})? -?[\d.]+)$/);
  await play('motd');
});

test('a playbook that cannot be run, and a host that cannot be reached, keep nobody from the rest', async () => {
  project.write({
    'playbooks/broken.ts': 'export default 1;\n',
    'more': `lost ansible_host=127.0.0.1 ansible_port=1\n`,
    'playbooks/lost.ts': motd.replace('drift1:drift2', 'lost'),
  });
  const outcome = await look('-i', 'inventory/hosts', '-i', 'more');
  expect(outcome.code).toBe(1);
  expect(outcome.lines).toContainEqual(expect.objectContaining({ event: 'broken', playbook: 'broken' }));
  expect(outcome.of('lost')).toMatchObject({ status: 'unreachable' });
  expect(outcome.of('drift1')).toMatchObject({ status: 'same' });
  expect((await look('lost', '-i', 'more')).code).toBe(4);
});

test('the timer of docs/drift.md: played, it looks at hosts by itself and leaves the metrics', async () => {
  const [code = ''] = blocksOf('docs/drift.md').filter((block) => block.includes('drift-timer.ts'));
  const timer = makeProject({
    'playbooks/drift-timer.ts': code.replace("account = 'deploy'", "account = 'root'"),
    'inventory/hosts': readFileSync(join(project.dir, 'inventory/hosts'), 'utf8').replace('drift2 ', 'control '),
  });
  // The machine with the checkout: this play, and what it needs of Node.
  const root = hosts.rootPath('drift2');
  const put = (from: string, to: string): void => cpSync(from, join(root, to), { recursive: true, dereference: true });
  put(process.execPath, 'usr/local/bin/node');
  for (const part of [
    'play',
    'package.json',
    'dist',
    'src/project/strict.tsconfig.json',
    'node_modules/esbuild',
    'node_modules/@esbuild',
    'node_modules/valibot',
    'node_modules/yaml',
    'node_modules/zx',
  ])
    put(join(playRoot, part), `opt/play/${part}`);
  const site = (path: string, text: string): void => {
    mkdirSync(join(root, 'srv/infra', path, '..'), { recursive: true });
    writeFileSync(join(root, 'srv/infra', path), text);
  };
  site('inventory/hosts', 'here ansible_connection=local\n');
  site('playbooks/motd.ts', motd.replace('drift1:drift2', 'here'));
  await on(
    'drift2',
    'ln -s /opt/play/play /srv/infra/play; mkdir -p /var/lib/prometheus/node-exporter; echo by hand >>/etc/motd',
  );

  const playTimer = (...args: readonly string[]): Promise<Outcome> =>
    run(join(playRoot, 'play'), ['drift-timer', ...args], { cwd: timer.dir, env });
  const first = await playTimer();
  expect(first.stdout + first.stderr).toContain('changed=3');
  expect(first.code).toBe(0);
  expect((await playTimer()).stdout).toContain('changed=0');
  expect(await on('drift2', 'systemctl is-active play-drift.timer; systemctl is-enabled play-drift.timer')).toBe(
    'active\nenabled',
  );

  const started = await hosts.exec('drift2', ['systemctl', 'start', 'play-drift.service']);
  const journal = await on('drift2', 'journalctl --sync; journalctl -u play-drift.service --output=cat');
  expect(started.code, journal).toBe(0);
  expect(journal).toContain('differs  here  motd  since');
  expect(await on('drift2', 'cat /var/lib/prometheus/node-exporter/play-drift.prom')).toContain(
    'play_drift_status{host="here",playbook="motd",status="differs"} 1',
  );
});
