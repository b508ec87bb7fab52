/** The runbooks for ClickHouse, on the server Debian has, 18.16, and its ZooKeeper. */
import { beforeAll, expect, test } from 'vitest';
import { canBeReplicated, replicatedTable } from '../../runbooks/clickhouse/replicated-table.ts';
import { useHosts } from '../support/sandbox.ts';
import { runbookProject, sh } from './runbook-project.ts';

const hosts = useHosts('rb-ch1', 'rb-ch2');
const project = runbookProject({
  'group_vars/all.yml': `
clickhouse_hosts: rb-ch1
clickhouse_table: fast path
clickhouse_user: writer
mutation_summary: SELECT msm_failure, count() FROM \`fast path\` GROUP BY msm_failure ORDER BY msm_failure;
mutation_interval: 1
replica_hosts: [rb-ch1, rb-ch2]
replicated_database: oo ni
replicated_table: fast path
replica_interval: 1
`,
  'inventory/password.ts': `
import { defineInventory, Secret } from 'play';
export default defineInventory({ all: { vars: { clickhouse_password: new Secret("it's <a> & b") } } });
`,
  'playbooks/database.ts': `
import { apt, copy, definePlaybook, file, systemd } from 'play';
export default definePlaybook({ hosts: 'all', become: true, tasks: ({ host, hostvars }) => [
  apt({ name: ['clickhouse-server', 'clickhouse-client', ...(host.name === 'rb-ch1' ? ['zookeeperd'] : [])], installRecommends: false }),
  ...['config.d', 'users.d'].map((name) => file({ path: '/etc/clickhouse-server/' + name, state: 'directory', mode: '0755' })),
  copy({ dest: '/etc/clickhouse-server/config.d/cluster.xml', mode: '0644', content: \`<yandex><listen_host>0.0.0.0</listen_host>
<zookeeper><node><host>\${hostvars['rb-ch1']?.['ansible_host']}</host><port>2181</port></node></zookeeper>
<macros><shard>01</shard><replica>\${host.name}</replica></macros></yandex>\` }),
  copy({ dest: '/etc/clickhouse-server/users.d/writer.xml', mode: '0644', content: \`<yandex><users><writer>
<password>it's &lt;a> &amp; b</password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></writer></users></yandex>\` }),
  systemd({ name: 'clickhouse-server', state: 'restarted' }),
] });
`,
});
const sql = async (query: string, host = 'rb-ch1'): Promise<string> => {
  const { code, stdout, stderr } = await hosts.exec(host, ['clickhouse-client', '-n'], query);
  if (code !== 0) throw new Error(`${query}: ${stderr}`);
  return stdout.trim();
};
const failures = (): Promise<string> =>
  sql('SELECT msm_failure, count() FROM `fast path` GROUP BY msm_failure ORDER BY msm_failure FORMAT CSV');

beforeAll(async () => {
  project.fill(hosts, { clickhouse: ['rb-ch1', 'rb-ch2'] });
  const { code, stdout, stderr } = await project.play('database');
  expect(code, stdout + stderr).toBe(0);
  for (const host of ['rb-ch1', 'rb-ch2'])
    await sh(hosts, host, 'until clickhouse-client -q "SELECT 1" 2>/dev/null; do sleep 0.1; done');
  await sql(
    "CREATE TABLE `fast path` (day Date, test_name String, msm_failure String) ENGINE = MergeTree PARTITION BY toYYYYMM(day) ORDER BY test_name; INSERT INTO `fast path` SELECT toDate('2026-01-01') + number % 60, if(number < 100, 'signal', 'tor'), 'f' FROM system.numbers LIMIT 1000",
  );
});

test('rows are summed up, changed by a mutation that is waited for, and summed up again', async () => {
  project.write({ 'mutation.yml': `mutation: UPDATE msm_failure = 't' WHERE test_name = 'signal'` });
  const words = ['clickhouse-mutation', '-e', '@mutation.yml'];
  const check = await project.runbook(...words, '-C');
  expect(check.code, check.stdout + check.stderr).toBe(0);
  expect(check.stdout).toContain("would ask: On rb-ch1: ALTER TABLE `default`.`fast path` UPDATE msm_failure = 't'");
  expect(await failures()).toBe('"f",1000');

  const unsure = await project.answer(words, [[/Type "fast path" to go on: /, 'fastpath']]);
  expect(unsure.code).toBe(2);
  expect(await failures()).toBe('"f",1000');
  const change = await project.answer(words, [[/Type "fast path" to go on: /, 'fast path']]);
  expect(change.code, change.shown).toBe(0);
  expect(change.shown).toMatch(/│ f +│ +900 │\s+│ t +│ +100 │/);
  expect(change.shown).not.toContain('<a>');
  expect(await failures()).toBe('"f",900\n"t",100');
});

test('a mutation that is stuck is shown, holds up the next one, and is ended where its id is typed', async () => {
  project.write({
    'stuck.yml': `
mutation: UPDATE msm_failure = toString(throwIf(test_name = 'signal')) WHERE test_name = 'signal'
mutation_patience: 1
`,
  });
  const words = ['clickhouse-mutation', '-e', '@stuck.yml'];
  const stuck = await project.answer(words, [[/Type "fast path" to go on: /, 'fast path']]);
  expect(stuck.code).toBe(2);
  expect(stuck.shown).toContain('stopped at "wait"');
  expect(stuck.shown).toContain('"parts_to_do":');
  const id = await sql('SELECT mutation_id FROM system.mutations WHERE NOT is_done FORMAT TSVRaw');
  const next = await project.runbook('clickhouse-mutation', '-e', '@mutation.yml', '--new');
  expect(next.code).toBe(2);
  expect(next.stdout).toMatch(/stopped at "look"/);
  expect(next.stdout).toContain(`${id}: 3 parts to do: UPDATE`);

  const wrong = await project.runbook('clickhouse-kill-mutation', '-e', 'mutation_id=mutation_99.txt', '-C');
  expect(wrong.stdout).toContain('no mutation_99.txt of `default`.`fast path` is under way');
  const kill = await project.answer(
    ['clickhouse-kill-mutation', '-e', `mutation_id=${id}`],
    [[new RegExp(`Type "${id}" to go on: `), id]],
  );
  expect(kill.code, kill.shown).toBe(0);
  expect(await sql('SELECT count() FROM system.mutations WHERE NOT is_done')).toBe('0');
  expect(await failures()).toBe('"f",900\n"t",100');
});

test('a table gets a replicated one beside it with its data, and that a replica; merges go on where it fails midway', async () => {
  const check = await project.runbook('clickhouse-replicate', '-C');
  expect(check.code, check.stdout + check.stderr).toBe(0);
  expect(check.stdout).toContain('attached: 202601, 202602, 202603');
  expect(await sql('SHOW DATABASES')).not.toContain('oo ni');

  // The replica does not find the first by its name: it cannot fetch.
  await sh(hosts, 'rb-ch2', 'cp /etc/hosts /root/hosts; grep -v rb-ch1 /root/hosts >/etc/hosts');
  const failed = await project.runbook('clickhouse-replicate', '-e', '{"replica_patience":1}');
  expect(failed.code, failed.stdout).toBe(2);
  expect(failed.stdout).toContain('stopped at "replica on rb-ch2"');
  // With merges stopped, this fails.
  await sql('OPTIMIZE TABLE `fast path` FINAL');

  await sh(hosts, 'rb-ch2', 'cat /root/hosts >/etc/hosts');
  const done = await project.runbook('clickhouse-replicate');
  expect(done.code, done.stdout).toBe(0);
  const rows =
    'SELECT msm_failure, count() FROM `oo ni`.`fast path` GROUP BY msm_failure ORDER BY msm_failure FORMAT CSV';
  expect(await sql(rows)).toBe('"f",900\n"t",100');
  expect(await sql(rows, 'rb-ch2')).toBe('"f",900\n"t",100');
  expect(await failures()).toBe('"f",900\n"t",100');
  // It is a replica, and no copy.
  await sql("INSERT INTO `oo ni`.`fast path` VALUES ('2026-01-01', 'later', 'x')");
  await expect.poll(() => sql("SELECT count() FROM `oo ni`.`fast path` WHERE test_name = 'later'", 'rb-ch2')).toBe('1');

  const again = await project.runbook('clickhouse-replicate', '--new');
  expect(again.stdout).toContain('attached: none, all are there');
  expect(await sql(rows)).toBe('"f",900\n"t",100\n"x",1');

  const back = await project.answer(['clickhouse-replicate', '--back'], [[/Type "rb-ch1" to go on: /, 'rb-ch1']]);
  expect(back.code, back.shown).toBe(0);
  expect(await sql("SELECT count() FROM system.tables WHERE database = 'oo ni'")).toBe('0');
  expect(await failures()).toBe('"f",900\n"t",100');
});

test.each([
  ['MergeTree ORDER BY k', "ReplicatedMergeTree('/p', '{replica}') ORDER BY k"],
  ['MergeTree() ORDER BY (k, concat(a, `b`))', "ReplicatedMergeTree('/p', '{replica}') ORDER BY (k, concat(a, `b`))"],
  [
    'ReplacingMergeTree(version) PARTITION BY m',
    "ReplicatedReplacingMergeTree('/p', '{replica}', version) PARTITION BY m",
  ],
  ['MergeTree(d, (k, v), 8192)', "ReplicatedMergeTree('/p', '{replica}', d, (k, v), 8192)"],
  [
    "CollapsingMergeTree(sign) ORDER BY k COMMENT 'x)'",
    "ReplicatedCollapsingMergeTree('/p', '{replica}', sign) ORDER BY k COMMENT 'x)'",
  ],
])('%s becomes replicated', (engine, replicated) => {
  const columns = " (`k` UInt32, `v` String DEFAULT ' ENGINE = x')";
  for (const head of [
    'CREATE TABLE default.t',
    "CREATE TABLE `d.b`.`a \\` (b` UUID '00000000-0000-0000-0000-000000000000'",
  ])
    expect(replicatedTable({ query: `${head}${columns} ENGINE = ${engine}`, engine }, '`new`.`t`', '/p')).toBe(
      `CREATE TABLE \`new\`.\`t\`${columns} ENGINE = ${replicated}`,
    );
  expect([engine, replicated].map((one) => canBeReplicated({ query: '', engine: one }))).toEqual([true, false]);
});
