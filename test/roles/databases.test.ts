/** The roles of databases, as a stranger's playbook uses them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { postgresql } from 'play/roles/postgresql';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/secrets/index.ts';
import { rehearsePlay } from '../support/role-run.ts';
import { runPlay, type RunPlayOptions } from '../support/run-play.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hosts = useHosts('db1', 'db2');
const there: RunPlayOptions = { inventory: 'db1,', target: (name) => hosts.target(name, 'root') };
const on = async (host: string, script: string): Promise<string> => {
  const { code, stdout, stderr } = await hosts.exec(host, ['sh', '-c', script]);
  if (code !== 0) throw new Error(`${host}: ${script}: exit code ${code}\n${stderr}`);
  return stdout.trim();
};
const settling = { timeout: 120_000, interval: 250 };
const folder = temporaryFolder('databases');
const secret = (text: string): Secret => new Secret(text, 'a test');

describe('PostgreSQL', () => {
  const roles = [postgresql()];
  const database = {
    postgresql_users: [{ name: 'shop', connLimit: 5 }],
    postgresql_databases: [{ name: 'shop', owner: 'shop' }],
    postgresql_settings: { log_min_duration_statement: '2s', max_connections: 50 },
    postgresql_replication_user: 'replicator',
    postgresql_passwords: { shop: secret("it's"), replicator: secret('follow') },
  };
  const login = (host: string, sql: string): Promise<string> =>
    on(host, `PGPASSWORD="it's" psql -h 127.0.0.1 -U shop -d shop -Atc "${sql}"`);

  test('a server, its users and databases, and a standby that follows it', async () => {
    const file = join(folder, 'hosts.yml');
    const addressOf = (host: string): Promise<string> => on('db1', `getent hosts ${host} | cut -d ' ' -f 1`);
    writeFileSync(
      file,
      `all:
  hosts:
    db1:
      postgresql_listen: ['*']
      postgresql_standbys: [${await addressOf('db2')}/32]
    db2:
      postgresql_standby: true
`,
    );
    await rehearsePlay({ hosts: 'all', roles }, { ...there, inventory: file, extraVars: database });
    await login('db1', 'CREATE TABLE sold (what text)');
    expect(await login('db1', 'SHOW log_min_duration_statement; SHOW max_connections; SHOW wal_keep_size')).toBe(
      '2s\n50\n1GB',
    );
    expect(await on('db1', 'stat -c "%a %U:%G" /etc/postgresql/15/main/conf.d/local.conf')).toBe(
      '644 postgres:postgres',
    );
    await expect(on('db1', 'PGPASSWORD=wrong psql -h 127.0.0.1 -U shop -d shop -c "SELECT 1"')).rejects.toThrow(
      'password authentication failed',
    );
    // As an operator clones it.
    await on(
      'db2',
      `systemctl stop postgresql && rm -r /var/lib/postgresql/15/main && PGPASSWORD=follow runuser -u postgres -- pg_basebackup -h ${await addressOf('db1')} -U replicator -D /var/lib/postgresql/15/main --write-recovery-conf --checkpoint=fast && systemctl start postgresql`,
    );
    await login('db1', "INSERT INTO sold VALUES ('a book')");
    await expect.poll(() => login('db2', 'SELECT what FROM sold').catch(String), settling).toBe('a book');
    // It goes on following.
    const again = await runPlay({ hosts: 'all', roles }, { ...there, inventory: file, extraVars: database });
    expect(again.told.filter((line) => line.startsWith('changed'))).toEqual([]);
    expect(again.recap.exit).toBe(0);
  });

  test.each([
    ['a password nobody gave', { postgresql_users: [{ name: 'shop' }] }, 'POSTGRESQL_PASSWORD_SHOP is not set'],
    ['an address without bits', { postgresql_standbys: ['10.1.0.7'] }, 'must be a network, such as 10.1.0.0/24'],
    ['standbys that nobody lets in', { postgresql_standbys: ['10.1.0.7/32'] }, 'Nobody may replicate from db1'],
    ['a name that would need quotes', { postgresql_databases: [{ name: 'my shop', owner: 'shop' }] }, 'lower-case'],
  ])('at the desk: %s', async (_, extraVars, message) => {
    const run = runPlay({ hosts: 'all', roles }, { ...there, extraVars });
    await expect(run.then(({ tasks }) => JSON.stringify(tasks))).rejects.toThrow(message);
  });
});
