import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { mysqlDb } from './db.ts';
import { mysqlDatabases, type FoundTables, type MysqlDatabase, type MysqlLogin } from './mysql.probe.ts';

const name = 'shop';
const here: MysqlLogin = { host: '', port: '', socket: '', config: '', user: '', isImplicit: false, secretFile: '' };
const shop: MysqlDatabase = { name, encoding: 'utf8mb4', collation: 'utf8mb4_general_ci' };

const server = (now: Partial<MysqlDatabase> | null, login = here): HostDescription => ({
  answers: [predict(mysqlDatabases(login), { databases: now === null ? [] : [{ ...shop, ...now }] })],
});
const target = '/srv/shop.sql.gz';
const gzip = { type: 'file', mode: '0755', content: '\u007FELF' } as const;
const withFile = (tables: FoundTables): HostDescription => ({
  ...server({}),
  paths: { '/usr/bin/gzip': gzip, '/srv': { type: 'directory' }, [target]: { type: 'file', content: '' } },
  answersOfKind: { 'mysql-tables': () => tables },
});
const down = (why: string): HostDescription => ({ answers: [predict(mysqlDatabases(here), { down: why })] });
const sql = (statement: string): string[] => [`\nSET SESSION sql_mode = '';\n${statement}\n`];

export const cases = planCases(mysqlDb, {
  'made': {
    options: { name, encoding: 'utf8mb4', collation: 'utf8mb4_bin' },
    host: server(null),
    changes: ['state absent -> present', 'encoding utf8mb4', 'collation utf8mb4_bin'],
    steps: ['make the database shop'],
    stdin: sql('CREATE DATABASE `shop` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;'),
    result: { name },
  },
  'right already': { options: { name, encoding: 'utf8mb4', collation: 'utf8mb4_general_ci' }, host: server({}) },
  'an old name of an encoding': {
    options: { name, encoding: 'utf8', collation: 'utf8_general_ci' },
    host: server({ encoding: 'utf8mb3', collation: 'utf8mb3_general_ci' }),
  },
  'dumped, each time': {
    options: { name, state: 'dump', target, singleTransaction: true, dumpExtraArgs: '--routines' },
    host: { ...server({}), paths: { '/usr/bin/gzip': gzip, '/srv': { type: 'directory' } } },
    changes: ['dump /srv/shop.sql.gz'],
    args: [['', '', '', '', '', '', target, '--quick', '--single-transaction', '--routines', '--', name]],
    result: { name },
  },
  'all of them dumped': {
    options: { name: 'all', state: 'dump', target },
    host: { ...server({}), paths: { '/usr/bin/gzip': gzip, '/srv': { type: 'directory' } } },
    changes: ['dump /srv/shop.sql.gz'],
    args: [['', '', '', '', '', '', target, '--quick', '--all-databases']],
  },
  'filled from a file': {
    options: { name, state: 'import', target },
    host: withFile({ tables: 0, isUnfinished: false }),
    changes: ['content empty -> imported from /srv/shop.sql.gz'],
    steps: ['import /srv/shop.sql.gz'],
    result: { name },
  },
  'filled already': {
    options: { name, state: 'import', target },
    host: withFile({ tables: 7, isUnfinished: false }),
    steps: [],
  },
  'filled half': {
    options: { name, state: 'import', target },
    host: withFile({ tables: 7, isUnfinished: true }),
    changes: ['content an import that was interrupted -> imported from /srv/shop.sql.gz'],
  },
  'filled again': {
    options: { name, state: 'import', target, force: true },
    host: withFile({ tables: 7, isUnfinished: false }),
    changes: ['content 7 tables -> imported from /srv/shop.sql.gz'],
  },
  'packed by what is not there': {
    options: { name, state: 'dump', target: '/srv/shop.sql.zst' },
    host: { ...server({}), paths: { '/srv': { type: 'directory' } } },
    fails: 'the program zstd is not installed',
    hint: "Install it first: apt({ name: 'zstd' })",
  },
  'all of them filled, each time': {
    options: { name: 'all', state: 'import', target, force: true },
    host: withFile({ tables: 0, isUnfinished: false }),
    changes: ['content all databases -> imported from /srv/shop.sql.gz'],
    steps: ['import /srv/shop.sql.gz'],
  },
  'filled from a file that is not there': {
    options: { name, state: 'import', target },
    host: server({}),
    fails: 'there is no file /srv/shop.sql.gz to import',
    hint: 'Put it on the host first, with copy() or getUrl().',
  },
  'a dump of none': {
    options: { name, state: 'dump', target },
    host: server(null),
    fails: 'there is no database shop',
    hint: "Make it first: mysqlDb({ name: 'shop' })",
  },
  'a dump to nowhere': { options: { name, state: 'dump' }, fails: "mysqlDb: state 'dump' needs `target`" },
  'another encoding': {
    options: { name, encoding: 'latin1' },
    host: server({}),
    changes: ['encoding utf8mb4 -> latin1'],
    stdin: sql('ALTER DATABASE `shop` CHARACTER SET latin1;'),
  },
  'another encoding, and the collation that is there': {
    options: { name, encoding: 'utf8', collation: 'utf8mb4_general_ci' },
    host: server({}),
    changes: ['encoding utf8mb4 -> utf8'],
    stdin: sql('ALTER DATABASE `shop` CHARACTER SET utf8 COLLATE utf8mb4_general_ci;'),
  },
  'removed': {
    options: { name, state: 'absent' },
    host: server({}),
    changes: ['state present -> absent'],
    stdin: sql('DROP DATABASE `shop`;'),
  },
  'removed already': { options: { name, state: 'absent' }, host: server(null) },
  'of another server': {
    options: { name, loginUser: 'ops', loginHost: 'db', loginPort: 3307 },
    host: server(null, { ...here, host: 'db', port: '3307', user: 'ops' }),
    changes: ['state absent -> present'],
    args: [['db', '3307', '', '', 'ops', '']],
  },
  'a name with blanks and quotes': {
    options: { name: "my `d'b`" },
    host: server(null),
    changes: ['state absent -> present'],
    stdin: sql("CREATE DATABASE `my ``d'b```;"),
  },
  'MariaDB is missing': {
    options: { name },
    host: down('MariaDB is not installed'),
    fails: 'MariaDB cannot be asked: MariaDB is not installed',
    hint: "Install it before: apt({ name: 'mariadb-server' })",
  },
  'MariaDB may come with what is planned': {
    options: { name },
    host: down('MariaDB is not installed'),
    behind: {},
    changes: ['state absent -> present'],
    assumed: ['MariaDB, as a new server, answers by then ("a task" changes the host before)'],
  },
  'a port without a host': { options: { name, loginPort: 3307 }, fails: 'mysqlDb: `loginPort` needs `loginHost`' },
});
