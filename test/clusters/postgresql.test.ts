/** A switchover of PostgreSQL and its way back, on a real primary and standby, while writers write. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { inTerminal, makeProject, playRoot } from '../cli/command-line.ts';
import { install } from '../support/install.ts';
import { useHosts } from '../support/sandbox.ts';
import { expectWell, shellOf } from './hosts.ts';

const hosts = useHosts('pg-1', 'pg-2');
const sh = shellOf(hosts);
const project = makeProject({});
const words = ['runbook', '--no-typecheck', 'postgresql-switchover'];
const to = (next: string, ...more: readonly string[]): string[] => [
  ...words,
  '-e',
  `postgresql_new_primary=${next}`,
  ...more,
];

beforeAll(async () => {
  cpSync(join(playRoot, 'runbooks'), join(project.dir, 'runbooks'), { recursive: true });
  project.write({
    'inventory/hosts': `[postgresql]\n${hosts.inventoryLine('pg-1')}${hosts.inventoryLine('pg-2')}`,
  });
  const etc = '/etc/postgresql/15/main';
  const server = `${install('postgresql-15')}
printf "listen_addresses = '*'\\nshared_buffers = 16MB\\nfsync = off\\nwal_log_hints = on\\n" >${etc}/conf.d/local.conf
printf 'local all all peer\\nhost all all samenet trust\\nhost replication all samenet trust\\n' >${etc}/pg_hba.conf; systemctl restart postgresql@15-main`;
  await Promise.all([sh('pg-1', server), sh('pg-2', server)]);
  await sh(
    'pg-1',
    `runuser -u postgres -- psql -qc 'CREATE USER replicator REPLICATION' -c 'CREATE TABLE written (id text PRIMARY KEY)' -c 'GRANT ALL ON written TO replicator'`,
  );
  await sh(
    'pg-2',
    `systemctl stop postgresql@15-main; cd /var/lib/postgresql/15; rm -rf main; runuser -u postgres -- pg_basebackup -h ${hosts.target('pg-1').address} -U replicator -D main -R --checkpoint=fast; systemctl start postgresql@15-main`,
  );
});

/** Clients that find the primary by themselves: each writes a row after another, and notes those that were acknowledged. */
const writer = (name: string): string => `cd /root; rm -f stop
(
  n=0
  until [ -e stop ]; do
    n=$((n + 1))
    psql -qX "host=${hosts.target('pg-1').address},${hosts.target('pg-2').address} user=replicator dbname=postgres target_session_attrs=read-write connect_timeout=2" \\
      -c "INSERT INTO written VALUES ('${name}-$n')" >/dev/null 2>&1 && echo ${name}-$n >>acknowledged
  done
) >/dev/null 2>&1 &`;

async function underLoad(work: () => Promise<void>): Promise<void> {
  await sh('pg-1', `rm -f /root/acknowledged; ${writer(`a${Date.now()}`)} ${writer(`b${Date.now()}`)}`);
  try {
    await sh('pg-1', 'until [ "$(wc -l </root/acknowledged)" -gt 20 ]; do sleep 0.1; done 2>/dev/null');
    await work();
    // Also after it there is somebody who writes.
    await sh(
      'pg-1',
      'n=$(wc -l </root/acknowledged); until [ "$(wc -l </root/acknowledged)" -gt $((n + 20)) ]; do sleep 0.1; done',
    );
  } finally {
    await sh('pg-1', ': >/root/stop; sleep 0.5');
  }
}

const psql = (host: string, sql: string): Promise<string> => sh(host, `runuser -u postgres -- psql -AtXqc "${sql}"`);

/** Rows that were acknowledged and are not there. */
async function lost(primary: string): Promise<{ readonly acknowledged: number; readonly missing: string }> {
  const acknowledged = await sh('pg-1', 'sort -u /root/acknowledged');
  await hosts.exec(primary, ['sh', '-c', 'cat >/root/wanted'], `${acknowledged}\n`);
  const missing = await sh(
    primary,
    `runuser -u postgres -- psql -AtXqc 'SELECT id FROM written' | LC_ALL=C sort >/root/have; LC_ALL=C sort /root/wanted | LC_ALL=C comm -23 - /root/have`,
  );
  return { acknowledged: acknowledged.split('\n').length, missing };
}

test('it refuses a pair that is none, and a host that is the primary already', async () => {
  const unknown = await project.play(...to('pg-3'));
  expect([unknown.code, unknown.stderr]).toEqual([
    1,
    expect.stringContaining('"postgresql" is no pair with pg-3 in it'),
  ]);
  const same = await project.play(...to('pg-1'));
  expect([same.code, same.stdout]).toEqual([
    2,
    expect.stringContaining('pg-1 is no standby: it is the primary already'),
  ]);
});

test('over under load, and back: no acknowledged row is lost', async () => {
  const check = expectWell(await project.play(...to('pg-2'), '-C'));
  expect(check).toMatch(/would change {2}pg-1 {2}systemd postgresql@15-main {2}state active -> stopped/);
  expect(await psql('pg-2', 'SELECT pg_is_in_recovery()')).toBe('t');

  for (const [next, old] of [
    ['pg-2', 'pg-1'],
    ['pg-1', 'pg-2'],
  ] as const) {
    await underLoad(async () => {
      const { code, shown } = await inTerminal(project, to(next), [[new RegExp(`Type "${next}" to go on: `), next]]);
      expect(code, shown).toBe(0);
      const [, pause] = /writes stood still for (\d+) ms/.exec(shown) ?? [];
      expect(Number(pause)).toBeGreaterThan(0);
      process.stdout.write(`${old} -> ${next}: writes stood still for ${pause} ms\n`);
    });
    const { acknowledged, missing } = await lost(next);
    process.stdout.write(
      `  ${acknowledged} rows acknowledged, lost: ${missing === '' ? 0 : missing.split('\n').length}\n`,
    );
    expect(missing).toBe('');
    expect(await psql(next, 'SELECT pg_is_in_recovery()')).toBe('f');
    expect(await psql(old, 'SELECT pg_is_in_recovery()')).toBe('t');
    // The runbook waits until the standby says so; who sends says it once that has caught up.
    await expect.poll(() => psql(next, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")).toBe('1');
  }
});

test('a standby that has not got all is not promoted; an old primary that wrote on comes back by rewind', async () => {
  // The standby gets nothing more, and does not say so.
  await psql('pg-2', 'SELECT pg_wal_replay_pause()');
  const args = to('pg-2', '-e', '{"postgresql_patience": 2}');
  const refused = await inTerminal(project, args, [[/Type "pg-2" to go on: /, 'pg-2']]);
  expect(refused.code, refused.shown).toBe(2);
  expect(refused.shown).toContain('and not all up to');
  expect(await psql('pg-2', 'SELECT pg_is_in_recovery()')).toBe('t');
  const back = await project.play(...args, '--back');
  expect(back.code, back.stdout + back.stderr).toBe(0);
  expect(await psql('pg-1', 'SELECT pg_is_in_recovery()')).toBe('f');

  // A failover without us: the standby is promoted while the primary writes on.
  await psql('pg-2', 'SELECT pg_wal_replay_resume()');
  await psql('pg-2', 'SELECT pg_promote()');
  await psql('pg-1', "INSERT INTO written VALUES ('only here')");
  await psql('pg-2', "INSERT INTO written VALUES ('only there')");
  for (const rejoin of ['rewind', 'copy']) {
    const more = ['-e', `postgresql_rejoin=${rejoin}`, '--from', 'let the old primary follow'];
    expectWell(await project.play(...to('pg-2', ...more)));
    expect(await psql('pg-1', "SELECT id FROM written WHERE id LIKE 'only%'")).toBe('only there');
  }
});
