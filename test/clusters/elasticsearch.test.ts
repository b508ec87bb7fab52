/**
 * The runbooks for nodes of Elasticsearch, against a stand-in of its API and of its nodes (elasticsearch-stand-in.pl, which says that
 * it is one): units that really stop and start, shards that move over time, and a log of what each node held when it went.
 */
import { spawn } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { inTerminal, makeProject, playRoot } from '../cli/command-line.ts';
import { install } from '../support/install.ts';
import { useHosts } from '../support/sandbox.ts';
import { expectWell, shellOf } from './hosts.ts';

const nodes = ['es-1', 'es-2', 'es-3'] as const;
const hosts = useHosts('es-api', ...nodes);
const sh = shellOf(hosts);
const project = makeProject({
  'group_vars/all.yml': `
elasticsearch_asked_from: es-api
elasticsearch_unreliable: { zone: spot }
elasticsearch_interval: 1
elasticsearch_patience: 60
elasticsearch_moving: 90
`,
});

const unit = (words: string): string =>
  `[Service]\nExecStart=/usr/bin/perl /root/stand-in.pl ${words}\n[Install]\nWantedBy=multi-user.target\n`;

beforeAll(async () => {
  cpSync(join(playRoot, 'runbooks'), join(project.dir, 'runbooks'), { recursive: true });
  project.write({
    'inventory/hosts': `${hosts.inventoryLine('es-api')}[elasticsearch]\n${nodes.map((name) => hosts.inventoryLine(name)).join('')}`,
    'inventory/host_vars/es-2.yml': `elasticsearch_node: ${hosts.target('es-2').address}\n`,
    'playbooks/new-version.ts': `
import { copy, definePlaybook } from 'play';
export default definePlaybook([
  { name: 'version', hosts: 'elasticsearch', become: true, tasks: ({ host }) => [copy({ dest: '/root/version', content: host.name + ' has 6.8\\n' })] },
  { hosts: 'es-api', become: true, tasks: () => [copy({ dest: '/root/version', content: 'not meant' })] },
]);
`,
  });
  const script = readFileSync(join(import.meta.dirname, 'elasticsearch-stand-in.pl'), 'utf8');
  const api = hosts.target('es-api').address;
  const place = async (host: string, units: Readonly<Record<string, string>>): Promise<void> => {
    await hosts.exec(host, ['sh', '-c', 'cat >/root/stand-in.pl'], script);
    for (const [name, words] of Object.entries(units))
      await hosts.exec(host, ['sh', '-c', `cat >/etc/systemd/system/${name}.service`], unit(words));
    await sh(host, `systemctl daemon-reload; systemctl enable --now ${Object.keys(units).join(' ')}`);
  };
  await sh('es-api', install('curl'));
  await place('es-api', { 'stand-in': 'api 9', 'spot': 'node spot-1 spot 127.0.0.1' });
  await Promise.all(nodes.map((name) => place(name, { elasticsearch: `node ${name} fixed ${api}` })));
  // Shards are dealt out once all nodes are there.
  await vi.waitFor(async () => expect((await cluster()).held['spot-1']).toBeGreaterThan(0), {
    timeout: 120_000,
    interval: 100,
  });
});

beforeEach(() => sh('es-api', ': >/var/log/stand-in.log'));

interface Told {
  readonly recoveries: number;
  readonly health: string;
  readonly held: Readonly<Record<string, number>>;
}
const api = (path: string, ...more: readonly string[]): Promise<string> =>
  sh('es-api', `curl -sf ${more.join(' ')} 'http://127.0.0.1:9200${path}'`);
const cluster = async (): Promise<Told> => JSON.parse(await api('/_stand_in')) as Told;
const settings = async (): Promise<unknown> => JSON.parse(await api('/_cluster/settings?flat_settings=true'));
const put = (text: string): Promise<string> => api('/_cluster/settings', '-X PUT', `-d '${text}'`);
const log = async (): Promise<string[]> => (await sh('es-api', 'cat /var/log/stand-in.log')).split('\n');
const untouched = { persistent: {}, transient: {} };

const words = ['runbook', '--no-typecheck'];
const runbook = (...args: readonly string[]): ReturnType<typeof project.play> => project.play(...words, ...args);

test('a bounce takes one node after another, and nothing is copied meanwhile', async () => {
  const before = await cluster();
  expect(before.health).toBe('green');
  const check = expectWell(await runbook('cluster-bounce', '-C'));
  expect(check).toMatch(
    /would change {2}es-1 {2}exclude zone spot[^]*would change {2}es-1 {2}stop allocation[^]*would change {2}es-1 {2}systemd elasticsearch {2}/,
  );
  expect([await settings(), await log()]).toEqual([untouched, ['']]);

  expectWell(await runbook('cluster-bounce'));
  const told = await log();
  expect(told.filter((line) => line.startsWith('left'))).toEqual(
    nodes.map((name) =>
      expect.stringMatching(`^left ${name} with [1-9]\\d* shards, allocation none, before that green$`),
    ),
  );
  expect(told).not.toContain('red');
  const after = await cluster();
  expect([after.health, after.recoveries - before.recoveries, await settings()]).toEqual(['green', 0, untouched]);
  // What may vanish was free of shards, and may have some again.
  expect(told).toContain('persistent cluster.routing.allocation.exclude.zone spot');
});

test('it refuses what is yellow, what others do, and transient settings that outweigh its own', async () => {
  const refused = async (): Promise<string> => {
    const { code, stdout } = await runbook('cluster-bounce', '-l', 'es-1');
    expect([code, await log()]).toEqual([2, expect.not.arrayContaining([expect.stringMatching(/^left/)])]);
    return stdout;
  };
  await api('/_stand_in/health/yellow');
  expect(await refused()).toContain('answered 200, with "yellow" that does not match ^green');
  await api('/_stand_in/health/true');
  await put('{"persistent":{"cluster.routing.allocation.enable":"none"}}');
  expect(await refused()).toContain(
    'somebody is at it already, or left this behind: cluster.routing.allocation.enable = "none"',
  );
  await put('{"persistent":{"cluster.routing.allocation.enable":null}}');
  await put('{"transient":{"cluster.routing.allocation.exclude._ip":""}}');
  expect(await refused()).toContain(
    'outweigh those of this runbook: cluster.routing.allocation.exclude._ip = ""; persistent: cluster.routing.allocation.exclude._ip = undefined',
  );
  const { stdout, code } = await runbook('cluster-bounce', '-l', 'es-1', '-e', 'elasticsearch_transient=clear');
  expect(code, stdout).toBe(0);
  expect(await settings()).toEqual(untouched);
});

test('a change waits until a node is empty, is made by a playbook, and leaves what others have excluded', async () => {
  await put('{"persistent":{"cluster.routing.allocation.exclude._ip":"10.9.9.9"}}');
  const args = ['node-change', '-e', 'elasticsearch_change=new-version'];
  const check = expectWell(await runbook(...args, '-C'));
  expect(check).toContain('would change  es-2  copy /root/version');
  expectWell(await runbook(...args));
  const told = await log();
  expect(told.filter((line) => line.startsWith('left'))).toEqual(
    nodes.map((name) => `left ${name} with 0 shards, allocation none, before that green`),
  );
  const address = hosts.target('es-2').address;
  expect(told).toContain(`persistent cluster.routing.allocation.exclude._ip 10.9.9.9,${address}`);
  expect(told).toContain('persistent cluster.routing.allocation.exclude._name es-3');
  expect(await settings()).toEqual({
    persistent: { 'cluster.routing.allocation.exclude._ip': '10.9.9.9' },
    transient: {},
  });
  expect(await Promise.all(nodes.map((name) => sh(name, 'cat /root/version')))).toEqual(
    nodes.map((name) => `${name} has 6.8`),
  );
  expect(await sh('es-api', 'ls /root')).not.toContain('version');
  const { code, stderr } = await runbook('node-change', '-e', 'elasticsearch_change=new-verson', '-C');
  expect([code, stderr]).toEqual([1, expect.stringContaining('which hold new-version.ts')]);
});

test('by hand: stopped, killed, gone on with; nothing stays switched off, and no node is done twice', async () => {
  const first = await inTerminal(
    project,
    [...words, 'node-change'],
    [
      [/Type "es-1" to go on: /, 'es-1'],
      [/Type "es-2" to go on: /, 'no'],
    ],
  );
  expect(first.code, first.shown).toBe(2);
  expect(await settings()).toEqual({
    persistent: { 'cluster.routing.allocation.exclude._ip': '10.9.9.9' },
    transient: {},
  });
  expect(await sh('es-2', 'systemctl is-active elasticsearch; :')).toBe('inactive');

  // Killed while it waits: what it has set stands, is known, and is taken back by the next run.
  await sh('es-2', 'systemctl start elasticsearch');
  await vi.waitFor(async () => expect((await cluster()).health).toBe('green'), { timeout: 120_000 });
  const killed = spawn(join(playRoot, 'play'), [...words, 'node-change'], {
    cwd: project.dir,
    stdio: 'ignore',
    detached: true,
  });
  const address = hosts.target('es-2').address;
  await vi.waitFor(async () => expect(JSON.stringify(await settings())).toContain(`10.9.9.9,${address}`), {
    timeout: 120_000,
    interval: 100,
  });
  process.kill(-(killed.pid ?? 0), 'SIGKILL');
  expect((await runbook('node-change', 'status')).stdout).toContain('its `always` steps are still owed');
  const again = await inTerminal(
    project,
    [...words, 'node-change'],
    [
      [/Type "es-2" to go on: /, 'es-2'],
      [/Type "es-3" to go on: /, 'es-3'],
    ],
  );
  expect(again.code, again.shown).toBe(0);
  expect(again.shown).not.toContain('/5 change es-1');
  expect(again.shown).toContain('/5 change es-2');
  expect(await settings()).toEqual({
    persistent: { 'cluster.routing.allocation.exclude._ip': '10.9.9.9' },
    transient: {},
  });
});
