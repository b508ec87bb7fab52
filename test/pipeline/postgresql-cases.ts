import { join } from 'node:path';
import type { Task } from '../../src/playbook/index.ts';
import { postgresqlDb, postgresqlMigrations, postgresqlPrivs, postgresqlUser } from '../../src/resources/index.ts';
import { Secret } from '../../src/secrets/index.ts';
import type { LawCase } from '../support/laws.ts';

const folder = join(import.meta.dirname, 'migrations');
const migrate = (more: Partial<Parameters<typeof postgresqlMigrations>[0]> = {}): Task =>
  postgresqlMigrations({ src: folder, db: 'meta "db"', ...more });
const privs = (more: Partial<Parameters<typeof postgresqlPrivs>[0]>): Task =>
  postgresqlPrivs({ database: 'meta "db"', roles: ['readers'], ...more });
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
    says: /cannot be rolled back before 002-plain/,
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
    name: 'who may do what with tables, sequences and functions',
    setup: `runuser -u postgres -- psql -qXd 'meta "db"' -c 'CREATE TABLE "o'\\''dd t" (id serial); CREATE VIEW seen AS SELECT 1; CREATE FUNCTION twice(int, text[]) RETURNS int LANGUAGE SQL AS '\\''SELECT 1'\\'''`,
    tasks: () => [
      privs({ objs: ["o'dd t", 'seen'], roles: ['readers', 'PUBLIC'], privs: ['SELECT', 'insert'] }),
      privs({ objs: ["o'dd t"], roles: ['theirs'], privs: ['ALL'], grantOption: true }),
      privs({ type: 'sequence', objs: ['ALL_IN_SCHEMA'], privs: ['USAGE', 'SELECT'] }),
      privs({ type: 'function', objs: ['twice(int:text[])'], privs: ['EXECUTE'] }),
      privs({ type: 'function', objs: ['twice(int,text[])'], roles: ['PUBLIC'], privs: ['ALL'], state: 'absent' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'changed'],
    afterwards: sql(
      "SELECT has_table_privilege('readers', 'seen', 'INSERT'), has_table_privilege('theirs', '\"o''dd t\"', 'TRUNCATE WITH GRANT OPTION'), has_function_privilege('readers', 'twice(int,text[])', 'EXECUTE')"
        .replaceAll('"o', '\\"o')
        .replaceAll('t"', 't\\"'),
      't|t|t',
      'meta "db"',
    ),
  },
  {
    name: 'with schemas, databases, languages, groups, and what is made later',
    tasks: () => [
      privs({ type: 'schema', objs: ['public'], privs: ['CREATE', 'USAGE'] }),
      privs({ type: 'database', privs: ['CONNECT', 'TEMP'] }),
      privs({ type: 'language', objs: ['plpgsql'], roles: ['PUBLIC'], privs: ['USAGE'], state: 'absent' }),
      privs({ type: 'group', objs: ['readers'], roles: ["o'dd role"], privs: undefined, grantOption: true }),
      privs({ type: 'default_privs', objs: ['TABLES', 'FUNCTIONS'], privs: ['ALL'] }),
      privs({
        type: 'default_privs',
        objs: ['TYPES'],
        schema: 'not-specified',
        roles: ['PUBLIC'],
        privs: ['USAGE'],
        state: 'absent',
      }),
      privs({
        type: 'default_privs',
        objs: ['SEQUENCES'],
        targetRoles: ["o'dd role"],
        privs: ['USAGE'],
        grantOption: true,
      }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'changed', 'changed', 'changed'],
  },
  {
    name: 'as another role by its password, which passes on what it may; taken away again',
    tasks: () => {
      const theirs = { loginUser: 'theirs', loginPassword: new Secret('other-secret'), loginHost: '127.0.0.1' };
      return [
        privs({ objs: ["o'dd t"], roles: ["o'dd role"], privs: ['DELETE'], ...theirs }),
        privs({ objs: ["o'dd t"], roles: ['PUBLIC'], privs: ['INSERT'], state: 'absent' }),
        privs({ objs: ["o'dd t"], roles: ['theirs'], privs: ['UPDATE', 'TRUNCATE'], grantOption: false }),
        postgresqlUser({
          name: 'made by another',
          roleAttrFlags: ['NOLOGIN'],
          loginUser: 'postgres',
          loginUnixSocket: '/run/postgresql',
        }),
      ];
    },
    expect: ['changed', 'changed', 'changed', 'changed'],
    hidden: ['other-secret'],
  },
  {
    name: 'a table that is not there',
    tasks: () => [privs({ objs: ['seem'], privs: ['SELECT'] })],
    expect: ['failed'],
    again: ['failed'],
    says: /there is no table seem in the schema public/,
  },
  {
    name: 'a wrong password is said to be one',
    tasks: () => [
      postgresqlDb({ name: 'x', loginUser: 'theirs', loginPassword: new Secret('wrong-word'), loginHost: 'localhost' }),
    ],
    expect: ['failed'],
    again: ['failed'],
    says: /PostgreSQL cannot be asked: .*password authentication failed/,
    hidden: ['wrong-word'],
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
