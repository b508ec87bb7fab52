/** The role clickhouse, as a stranger's playbook uses it, with the server Debian has. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clickhouse } from 'play/roles/clickhouse';
import { expect, test } from 'vitest';
import { toXml } from '../../src/roles/clickhouse/settings.ts';
import { Secret } from '../../src/secrets/index.ts';
import { buildRepository } from '../support/apt-repository.ts';
import { rehearsePlay } from '../support/role-run.ts';
import { runPlay, type RunPlayOptions } from '../support/run-play.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hosts = useHosts('columns1');
const there: RunPlayOptions = { inventory: 'columns1,', target: (name) => hosts.target(name, 'root') };
const on = async (script: string): Promise<string> => {
  const { code, stdout, stderr } = await hosts.exec('columns1', ['sh', '-c', script]);
  if (code !== 0) throw new Error(`${script}: exit code ${code}\n${stderr}`);
  return stdout.trim();
};

const folder = temporaryFolder('tables');
writeFileSync(
  join(folder, 'sold.sql'),
  'CREATE TABLE sold (day Date, what String) ENGINE = MergeTree PARTITION BY toYYYYMM(day) ORDER BY day;\n',
);

test('a server with settings, users, a database and a table of a repository', async () => {
  await rehearsePlay(
    { hosts: 'all', roles: [clickhouse({ clickhouse_table_folder: folder })] },
    {
      ...there,
      extraVars: {
        clickhouse_settings: { max_connections: 77, logger: { level: 'warning' } },
        clickhouse_tables: [{ database: 'shop', name: 'sold' }],
        clickhouse_users: [{ name: 'reader' }],
        clickhouse_passwords: { reader: new Secret('a-p4ssword-nobody-sees', 'a test') },
      },
    },
  );
  const asReader = (sql: string): Promise<string> =>
    on(`clickhouse-client --user reader --password a-p4ssword-nobody-sees --query "${sql}"`);
  await on(`clickhouse-client --query "INSERT INTO shop.sold VALUES ('2026-01-31', 'a book')"`);
  expect(await asReader('SELECT what FROM shop.sold')).toBe('a book');
  await expect(asReader('DROP TABLE shop.sold')).rejects.toThrow('readonly');
  await expect(on('clickhouse-client --user reader --password wrong --query "SELECT 1"')).rejects.toThrow('password');
  // What it made of the package's settings and ours.
  const inForce = await on('cat /var/lib/clickhouse/preprocessed_configs/config.xml');
  for (const setting of ['<max_connections>77<', '<level>warning<', '<listen_try>1<', '<listen_host>::1<'])
    expect(inForce).toContain(setting);
  expect(await on('grep -c nobody-sees /etc/clickhouse-server/users.d/local.xml || true')).toBe('0');
  expect(await on('stat -c "%a %U:%G" /etc/clickhouse-server/config.d/local.xml')).toBe('400 clickhouse:clickhouse');
});

test("the makers' repository, pinned to a version, and settings of that version", async () => {
  const parts = ['server', 'client', 'common-static'];
  buildRepository(
    join(hosts.rootPath('columns1'), 'srv/makers'),
    parts.map((part) => ({
      name: `clickhouse-${part}`,
      version: '23.8.2.7',
      postinst: 'getent passwd clickhouse >/dev/null || useradd --system --user-group clickhouse',
    })),
  );
  const { tasks } = await runPlay(
    { hosts: 'all', roles: [clickhouse()] },
    {
      ...there,
      check: true,
      extraVars: {
        clickhouse_version: '23.8.*',
        clickhouse_repository: { uris: 'file:/srv/makers', suites: './', trusted: true },
      },
    },
  );
  const found = (name: string) => {
    const task = tasks.find((one) => one.task === name);
    return [task?.error ?? null, task?.changes.map(({ text, to }) => String(text?.after ?? to)).join('\n')];
  };
  expect(found('repository clickhouse')).toEqual([null, expect.stringContaining('URIs: file:/srv/makers')]);
  expect(found('pin of clickhouse')).toEqual([null, expect.stringContaining('Pin: version 23.8.*')]);
  expect(found('settings of clickhouse')).toEqual([null, expect.stringMatching(/<clickhouse>[^]*<port>9363</)]);
});

test.each([
  ['a table that no file makes', { clickhouse_tables: [{ name: 'slod' }] }, 'Unknown table "slod"'],
  ['a version that is none', { clickhouse_version: 'newest' }, 'must be a version'],
  ['a setting whose name is no element', { clickhouse_settings: { 'a b': 1 } }, 'by the names of their elements'],
  ['a password nobody gave', { clickhouse_users: [{ name: 'reader' }] }, 'CLICKHOUSE_PASSWORD_READER_COLUMNS1'],
  ['all privileges', { clickhouse_sql_users: [{ name: 'a', grants: ['ALL ON *.*'] }] }, 'must name its privileges'],
])('at the desk: %s', async (_, extraVars, message) => {
  const roles = [clickhouse({ clickhouse_table_folder: folder })];
  await expect(runPlay({ hosts: 'all', roles }, { ...there, extraVars })).rejects.toThrow(message);
});

test('at the desk: tables without a folder', async () => {
  const run = runPlay(
    { hosts: 'all', roles: [clickhouse()] },
    { ...there, extraVars: { clickhouse_tables: [{ name: 'sold' }] } },
  );
  await expect(run).rejects.toThrow('There is no file that creates the table sold of clickhouse_tables');
});

test('settings as XML: a list is an element for each value, and texts are escaped', () => {
  expect(toXml('clickhouse', { listen_host: ['::1', '127.0.0.1'], logger: { level: 'a<b&c' } })).toBe(
    `<?xml version="1.0"?>
<!-- What differs from the package's config.xml. -->
<clickhouse>
  <listen_host>::1</listen_host>
  <listen_host>127.0.0.1</listen_host>
  <logger>
    <level>a&lt;b&amp;c</level>
  </logger>
</clickhouse>
`,
  );
});
