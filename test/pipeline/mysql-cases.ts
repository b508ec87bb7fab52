import type { Task } from '../../src/playbook/index.ts';
import { mysqlDb, mysqlUser } from '../../src/resources/index.ts';
import { Secret } from '../../src/secrets/index.ts';
import type { LawCase } from '../support/laws.ts';

const sql = (query: string, is: string): string =>
  `is=$(mariadb -BNe "${query}" | tr '\\n' ' '); [ "$is" = '${is} ' ] || { echo "$is" >&2; exit 1; }`;
const login = (user: string, password: string): string =>
  `MYSQL_PWD='${password}' mariadb --no-defaults -u '${user}' -e 'SELECT 1' >/dev/null`;
const odd = `o'd "d`;
const word = `pass \\ '"#word" ü `;
const ops = { loginUser: odd, loginPassword: new Secret(word) };
const rights = (more: Partial<Parameters<typeof mysqlUser>[0]>): Task => mysqlUser({ name: 'theirs', ...more });

/** Databases and accounts of a real MariaDB. They build on one another. */
export const mysqlCases: readonly LawCase[] = [
  {
    name: 'databases',
    tasks: () => [mysqlDb({ name: "my `d'b`", encoding: 'utf8' }), mysqlDb({ name: 'plain' })],
    expect: ['changed', 'changed'],
    afterwards: sql(
      "SELECT DEFAULT_CHARACTER_SET_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'my %'",
      'utf8mb3',
    ),
  },
  {
    name: 'another encoding, and a collation',
    tasks: () => [
      mysqlDb({ name: "my `d'b`", encoding: 'utf8mb4' }),
      mysqlDb({ name: 'plain', collation: 'utf8mb4_bin' }),
    ],
    expect: ['changed', 'changed'],
  },
  {
    name: 'an account with an odd name and password, which may do all',
    tasks: () => [mysqlUser({ name: odd, password: new Secret(word), priv: '*.*:ALL,GRANT' })],
    expect: ['changed'],
    hidden: [word],
    afterwards: `${login(`o'\\''d "d`, word.replace("'", "'\\''"))}; ! grep -rq ü /root/.mariadb_history /root/.mysql_history 2>/dev/null`,
  },
  {
    name: 'that account logs in, by its password alone',
    tasks: () => [
      mysqlUser({ name: 'theirs', host: '%', password: new Secret('se cret'), ...ops }),
      mysqlDb({ name: 'ops', ...ops, loginHost: '127.0.0.1', loginPort: 3306 }),
      mysqlUser({ name: 'none', state: 'absent', ...ops, checkImplicitAdmin: true }),
    ],
    expect: ['changed', 'changed', 'ok'],
    hidden: [word, 'se cret'],
  },
  {
    name: 'a dump, each time, and what it holds in another database, once',
    setup: `mariadb -e 'CREATE DATABASE dumped'; mariadb dumped -e 'CREATE TABLE t (x INT); INSERT INTO t VALUES (7)'; mariadb -e 'CREATE DATABASE copied; CREATE DATABASE half; CREATE TABLE half.play_unfinished_import (x INT); CREATE TABLE half.t (x INT)'; echo x >old.sql; chmod 0640 old.sql`,
    tasks: (dir) => [
      mysqlDb({ name: 'dumped', state: 'dump', target: `${dir}/-a b.sql.gz`, singleTransaction: true, ...ops }),
      mysqlDb({ name: 'dumped', state: 'dump', target: `${dir}/old.sql`, ignoreTables: ['dumped.none'] }),
      mysqlDb({ name: 'all', state: 'dump', target: `${dir}/all.sql` }),
    ],
    expect: ['changed', 'changed', 'changed'],
    again: ['changed', 'changed', 'changed'],
    hidden: [word],
    afterwards: `gzip -dc -- './-a b.sql.gz' | grep -q 'VALUES (7)'; grep -q 'VALUES (7)' old.sql; [ "$(stat -c %a old.sql)" = 640 ]; [ "$(stat -c %a all.sql)" = 600 ]; cp -- './-a b.sql.gz' /srv/law.sql.gz`,
  },
  {
    name: 'what a dump holds, in a database that has nothing, and in one where that was interrupted',
    tasks: () => [
      mysqlDb({ name: 'copied', state: 'import', target: '/srv/law.sql.gz', ...ops }),
      mysqlDb({ name: 'half', state: 'import', target: '/srv/law.sql.gz' }),
      mysqlDb({ name: 'dumped', state: 'import', target: '/srv/law.sql.gz' }),
      mysqlDb({ name: 'nowhere', state: 'import', target: '/srv/law.sql.gz' }, { ignoreErrors: true }),
      mysqlDb({ name: 'dumped', state: 'import', target: '/srv/no-such.sql' }),
    ],
    expect: ['changed', 'changed', 'ok', 'failed', 'failed'],
    again: ['ok', 'ok', 'ok', 'failed', 'failed'],
    says: /there is no database nowhere|there is no file/,
    hidden: [word],
    afterwards: sql(
      "SELECT GROUP_CONCAT(TABLE_SCHEMA, TABLE_NAME ORDER BY 1) FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ('copied', 'half')",
      'copiedt,halft',
    ),
  },
  {
    name: 'a wrong password is said to be one',
    tasks: () => [mysqlDb({ name: 'ops', loginUser: odd, loginPassword: new Secret('wrong-word') })],
    expect: ['failed'],
    again: ['failed'],
    says: /MariaDB cannot be asked: ERROR 1045 .*Access denied/,
    hidden: ['wrong-word'],
  },
  {
    name: 'what is granted, on databases, tables, columns and routines',
    setup: `mariadb -e 'CREATE TABLE plain.t (id INT, other INT); CREATE PROCEDURE plain.p() SELECT 1'`,
    tasks: () => [
      rights({
        password: new Secret('se cret'),
        priv: {
          "my `d'b`.*": 'all',
          'plain.*': 'SELECT, INSERT',
          'plain.t': 'UPDATE(other,id),DELETE,GRANT',
          'PROCEDURE plain.p': 'EXECUTE',
          '*.*': 'RELOAD,REPLICATION CLIENT',
        },
      }),
    ],
    expect: ['changed'],
  },
  {
    name: 'others are granted, and no more',
    tasks: () => [
      rights({ priv: { "my `d'b`.*": 'SELECT', 'plain.t': 'UPDATE(id),DELETE,INSERT', '*.*': 'PROCESS' } }),
      rights({ priv: 'plain.*:SELECT', appendPrivs: true, host: '%' }),
    ],
    expect: ['changed', 'changed'],
    afterwards: sql(
      "SELECT GROUP_CONCAT(PRIVILEGE_TYPE) FROM information_schema.SCHEMA_PRIVILEGES WHERE GRANTEE = '\\'theirs\\'@\\'localhost\\''",
      'SELECT',
    ),
  },
  {
    name: 'taken away',
    tasks: () => [rights({ priv: 'plain.t:DELETE/plain.*:ALL', subtractPrivs: true })],
    expect: ['changed'],
  },
  {
    name: 'what its connections have to be',
    tasks: () => [
      rights({ tlsRequires: { SUBJECT: '/CN=x', ISSUER: "/CN=o'y" }, resourceLimits: { MAX_USER_CONNECTIONS: 2 } }),
    ],
    expect: ['changed'],
  },
  {
    name: 'the same password is known, another is set, root keeps its socket',
    tasks: () => [
      rights({ tlsRequires: {}, password: new Secret('se cret') }),
      rights({ host: '%', password: new Secret('other-secret') }),
      mysqlUser({ name: 'root', password: new Secret('of-root') }),
    ],
    expect: ['changed', 'changed', 'changed'],
    hidden: ['other-secret', 'of-root'],
    afterwards: `mariadb -e 'SELECT 1' >/dev/null; runuser -u nobody -- sh -c "${login('root', 'of-root').replaceAll('"', '\\"')}"`,
  },
  {
    name: 'a plugin',
    tasks: () => [rights({ host: '%', plugin: 'unix_socket' })],
    expect: ['changed'],
  },
  {
    name: 'gone',
    tasks: () => [
      mysqlDb({ name: "my `d'b`", state: 'absent' }),
      mysqlUser({ name: odd, state: 'absent' }),
      rights({ host: '%', state: 'absent' }),
    ],
    expect: ['changed', 'changed', 'changed'],
  },
];
