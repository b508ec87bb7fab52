import { join } from 'node:path';
import type { Task } from '../../src/playbook/index.ts';
import { postgresqlDb, postgresqlMigrations, postgresqlUser } from '../../src/resources/index.ts';
import { Secret } from '../../src/secrets/index.ts';
import type { LawCase } from '../support/laws.ts';

const folder = join(import.meta.dirname, 'migrations');
const migrate = (more: Partial<Parameters<typeof postgresqlMigrations>[0]> = {}): Task =>
  postgresqlMigrations({ src: folder, db: 'meta "db"', ...more });
const sql = (query: string, is: string, db = 'postgres'): string =>
  `is=$(runuser -u postgres -- psql -AtX -d '${db}' -c "${query}" | tr '\\n' ' '); [ "$is" = '${is} ' ] || { echo "$is" >&2; exit 1; }`;
const login = (user: string, password: string): string =>
  `PGPASSWORD='${password}' psql -X -h 127.0.0.1 -U '${user}' -d postgres -c 'SELECT 1' >/dev/null`;

/** Roles, databases and migrations. They build on one another. */
export const postgresqlCases: readonly LawCase[] = [
  {
    name: 'a role with a password',
    tasks: () => [postgresqlUser({ name: "o'dd role", password: new Secret('pass \\ \'word" ü') })],
    expect: ['changed'],
    hidden: ['pass \\'],
    afterwards: `${login("o'\\''dd role", `pass \\ '\\''word" ü`)}; ${sql("SELECT rolpassword LIKE 'SCRAM-SHA-256%4096:%' FROM pg_authid WHERE rolname LIKE '%dd role'", 't')}`,
  },
  {
    name: 'what PostgreSQL set itself is known for the same password',
    setup: `runuser -u postgres -- psql -qXc "CREATE ROLE theirs LOGIN PASSWORD 'same'; SET password_encryption = md5; CREATE ROLE old LOGIN PASSWORD 'same'"`,
    tasks: () => ['theirs', 'old'].map((name) => postgresqlUser({ name, password: new Secret('same') })),
    expect: ['ok', 'ok'],
  },
  {
    name: 'another password is set',
    tasks: () => [postgresqlUser({ name: 'theirs', password: new Secret('other-secret') })],
    expect: ['changed'],
    hidden: ['other-secret'],
    afterwards: login('theirs', 'other-secret'),
  },
  {
    name: 'or left alone',
    tasks: () => [postgresqlUser({ name: 'theirs', password: new Secret('third-secret'), updatePassword: 'onCreate' })],
    expect: ['ok'],
    afterwards: login('theirs', 'other-secret'),
  },
  {
    name: 'attributes, limits and memberships',
    tasks: () => [
      postgresqlUser({ name: 'readers', roleAttrFlags: ['NOLOGIN'] }),
      postgresqlUser({
        name: 'theirs',
        roleAttrFlags: ['REPLICATION', 'NOINHERIT'],
        connLimit: 5,
        expires: '2031-01-31T00:00:00Z',
        memberOf: ['readers'],
      }),
    ],
    expect: ['changed', 'changed'],
    afterwards: sql(
      "SELECT rolreplication, rolinherit, rolconnlimit, pg_has_role(oid, 'readers', 'member') FROM pg_roles WHERE rolname = 'theirs'",
      't|f|5|t',
    ),
  },
  {
    name: 'a database',
    tasks: () => [
      postgresqlDb({
        name: 'meta "db"',
        owner: 'theirs',
        encoding: 'UTF8',
        lcCollate: 'C.UTF-8',
        lcCtype: 'C.UTF-8',
        template: 'template0',
      }),
    ],
    expect: ['changed'],
  },
  { name: 'its owner', tasks: () => [postgresqlDb({ name: 'meta "db"', owner: "o'dd role" })], expect: ['changed'] },
  {
    name: 'its encoding cannot be changed',
    tasks: () => [postgresqlDb({ name: 'meta "db"', encoding: 'LATIN1' })],
    expect: ['failed'],
    again: ['failed'],
    says: /cannot be changed/,
  },
  {
    name: 'migrations are compared',
    tasks: () => [migrate({ state: 'compared' })],
    expect: ['ok'],
    afterwards: sql("SELECT to_regclass('_v.patches') IS NULL", 't', 'meta "db"'),
  },
  {
    name: 'and applied in order, each recorded',
    tasks: () => [migrate()],
    expect: ['changed'],
    afterwards: `${sql('SELECT patch_name, requires FROM _v.patches ORDER BY 1', '001-own|{} 002-plain|{001-own} 003-outside|{}', 'meta "db"')}; ${sql('SELECT count(*) FROM things', '3', 'meta "db"')}`,
  },
  {
    name: 'what others need stays',
    tasks: () => [migrate({ rollback: ['001-own'] })],
    expect: ['failed'],
    again: ['failed'],
    says: /cannot be taken back before 002-plain/,
  },
  {
    name: 'taken back, last first',
    tasks: () => [migrate({ rollback: ['001-own', '002-plain'] })],
    expect: ['changed'],
    afterwards: sql("SELECT count(*), (SELECT to_regclass('things') IS NULL) FROM _v.patches", '1|t', 'meta "db"'),
  },
  { name: 'and applied again', tasks: () => [migrate()], expect: ['changed'] },
  {
    name: 'one that fails leaves nothing, and those before it stay',
    tasks: () => [postgresqlMigrations({ src: join(import.meta.dirname, 'broken-migrations'), db: 'meta "db"' })],
    expect: ['failed'],
    again: ['failed'],
    says: /apply 005-broken/,
    open: 0,
    afterwards: `${sql("SELECT string_agg(patch_name, ',' ORDER BY 1) FROM _v.patches WHERE patch_name > '004'", '004-fine', 'meta "db"')}; ${sql("SELECT to_regclass('half') IS NULL", 't', 'meta "db"')}`,
  },
  {
    name: 'gone',
    tasks: () => [
      postgresqlDb({ name: 'meta "db"', state: 'absent' }),
      postgresqlUser({ name: "o'dd role", state: 'absent' }),
    ],
    expect: ['changed', 'changed'],
  },
];
