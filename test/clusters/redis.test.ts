/** A rolling bounce and a rolling upgrade of a real Redis of three, while clients write. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { makeProject, playRoot } from '../cli/command-line.ts';
import { install } from '../support/install.ts';
import { useHosts } from '../support/sandbox.ts';
import { expectWell, shellOf } from './hosts.ts';

const nodes = ['redis-1', 'redis-2', 'redis-3'] as const;
const hosts = useHosts(...nodes);
const sh = shellOf(hosts);
const project = makeProject({});
const address = (name: (typeof nodes)[number]): string => hosts.target(name).address;
const runbook = (...args: readonly string[]): ReturnType<typeof project.play> =>
  project.play('runbook', '--no-typecheck', 'redis-bounce', ...args);

beforeAll(async () => {
  cpSync(join(playRoot, 'runbooks'), join(project.dir, 'runbooks'), { recursive: true });
  project.write({
    'inventory/hosts': `[redis]\n${nodes.map((name) => hosts.inventoryLine(name)).join('')}`,
    'group_vars/all.yml': 'redis_nodes: redis\nredis_patience: 30\n',
    // What an upgrade does: another program under the same unit.
    'playbooks/upgrade.ts': `
import { copy, definePlaybook, handler, systemd } from 'play';
const restart = handler('restart redis', () => systemd({ name: 'redis-server', state: 'restarted' }));
export default definePlaybook({ name: 'upgrade', hosts: 'redis', become: true, tasks: () => [
  copy({ dest: '/etc/systemd/system/redis-server.service.d/release.conf', content: '[Service]\\nEnvironment=RELEASE=2\\n' }, { notify: restart }),
] });
`,
  });
  await Promise.all(
    nodes.map((name) =>
      sh(
        name,
        `${install('redis-server')}; mkdir -p /etc/systemd/system/redis-server.service.d
sed -i 's/^bind .*/bind 0.0.0.0/; s/^protected-mode .*/protected-mode no/; s/^# *repl-diskless-sync-delay.*//; s/^repl-diskless-sync-delay.*/repl-diskless-sync-delay 0/' /etc/redis/redis.conf
${name === 'redis-1' ? ':' : `echo 'replicaof ${address('redis-1')} 6379' >>/etc/redis/redis.conf`}; systemctl restart redis-server`,
      ),
    ),
  );
  await sh('redis-1', 'until [ "$(redis-cli INFO replication | grep -c state=online)" = 2 ]; do sleep 0.1; done');
});

/** A client that finds the primary by trying: a write counts once a replica has it, too. */
const writer = (name: string): string => `
( n=0
  until [ -e /root/stop ]; do
    n=$((n + 1))
    for a in ${nodes.map(address).join(' ')}; do
      case $(printf 'SET ${name}-%s 1\\nWAIT 1 2000\\n' $n | timeout 5 redis-cli -h $a 2>&1 | tr '\\n' ' ') in
        'OK 1 ' | 'OK 2 ') echo ${name}-$n >>/root/acknowledged; break;;
      esac
    done
  done
) >/dev/null 2>&1 &`;

async function underLoad(work: () => Promise<void>): Promise<string[]> {
  const count = 'wc -l </root/acknowledged';
  await sh(
    'redis-2',
    `rm -f /root/stop; : >/root/acknowledged; ${['a', 'b', 'c'].map((one) => writer(`${one}${Date.now()}`)).join('')}`,
  );
  try {
    await sh('redis-2', `until [ "$(${count})" -gt 100 ]; do sleep 0.1; done`);
    await work();
    await sh('redis-2', `n=$(${count}); until [ "$(${count})" -gt $((n + 100)) ]; do sleep 0.1; done`);
  } finally {
    await sh('redis-2', ': >/root/stop; sleep 1');
  }
  return (await sh('redis-2', 'cat /root/acknowledged')).split('\n');
}

const primary = (): Promise<string> =>
  sh(
    'redis-2',
    `for a in ${nodes.map(address).join(' ')}; do redis-cli -h $a INFO replication | grep -q role:master && echo $a; done; :`,
  );

/** Which of these keys a node does not have. */
async function missing(host: string, keys: readonly string[]): Promise<string> {
  const asked = await hosts.exec(
    host,
    ['sh', '-c', `redis-cli | tr -d '\\r' >/root/found`],
    keys.map((key) => `EXISTS ${key}\n`).join(''),
  );
  expect(asked.code, asked.stderr).toBe(0);
  return sh(host, 'grep -vc "^1$" /root/found; :');
}

const started = (name: string): Promise<string> => sh(name, 'systemctl show -P ExecMainPID redis-server');

test('a bounce of all three under load: the primary hands over, and no acknowledged write is lost', async () => {
  const check = expectWell(await runbook('-C'));
  expect(check).toMatch(/change {2}redis-1 {2}hand over to another, if it is the primary/);
  const before = await Promise.all(nodes.map(started));
  expect(await primary()).toBe(address('redis-1'));
  const written = await underLoad(async () => void expectWell(await runbook()));
  const after = await Promise.all(nodes.map(started));
  for (const [i, pid] of after.entries()) expect(pid).not.toBe(before[i]);
  for (const name of nodes) expect(await missing(name, written)).toBe('0');
  process.stdout.write(`bounce of three: ${written.length} writes acknowledged, none lost\n`);
  // The second, primary by then, has handed over in its turn.
  expect(await primary()).toBe(address('redis-1'));
});

test('an upgrade by a playbook, node by node', async () => {
  const before = await Promise.all(nodes.map(started));
  const written = await underLoad(async () => void expectWell(await runbook('-e', 'redis_change=upgrade')));
  for (const [i, pid] of (await Promise.all(nodes.map(started))).entries()) expect(pid).not.toBe(before[i]);
  for (const name of nodes) expect(await missing(name, written)).toBe('0');
  process.stdout.write(`upgrade of three: ${written.length} writes acknowledged, none lost\n`);
});

test('it stops where not all are well, and hands nothing over that cannot be written down', async () => {
  await sh('redis-3', 'systemctl stop redis-server');
  const down = await runbook('-l', 'redis-1');
  expect([down.code, down.stdout]).toEqual([2, expect.stringContaining(`${address('redis-3')} does not answer`)]);
  // What it could not write down it would forget at its restart.
  await sh('redis-3', 'systemctl start redis-server; chown -R root /etc/redis; chmod -R g-w /etc/redis');
  await sh('redis-3', 'until redis-cli INFO replication | grep -q master_link_status:up; do sleep 0.1; done');
  const unwritten = await runbook('-l', 'redis-1');
  expect([unwritten.code, unwritten.stdout]).toEqual([
    2,
    expect.stringContaining(`${address('redis-3')} cannot write its configuration`),
  ]);
  expect(await primary()).toBe(address('redis-1'));
  await sh('redis-3', 'redis-cli REPLICAOF NO ONE');
  const two = await runbook('-l', 'redis-1');
  expect([two.code, two.stdout]).toEqual([2, expect.stringMatching(/are both primary/)]);
});
