import { predict } from '../../contract/index.ts';
import { secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { postgresqlDb } from './db.ts';
import { postgresqlDatabases, usualLogin, type PostgresqlDatabase } from './postgresql.probe.ts';

const name = 'metadb';
const metadb: PostgresqlDatabase = {
  name,
  owner: 'shovel',
  encoding: 'UTF8',
  collate: 'C.UTF-8',
  ctype: 'C.UTF-8',
  connLimit: -1,
};
const postgres: PostgresqlDatabase = { ...metadb, name: 'postgres', owner: 'postgres' };

/** A cluster with its own database, and with this one unless it is null. */
const cluster = (now: Partial<PostgresqlDatabase> | null, login = usualLogin): HostDescription => ({
  answers: [
    predict(postgresqlDatabases(login), { databases: [postgres, ...(now === null ? [] : [{ ...metadb, ...now }])] }),
  ],
});
const down = (why: string): HostDescription => ({ answers: [predict(postgresqlDatabases(), { down: why })] });

export const cases = planCases(postgresqlDb, {
  'made with all that cannot be changed later': {
    options: { name, owner: 'shovel', encoding: 'UTF8', lcCollate: 'C.UTF-8', template: 'template0', connLimit: 5 },
    host: cluster(null),
    changes: ['state absent -> present', 'owner shovel'],
    steps: ['make the database metadb'],
    args: [['postgres', 'n', '', '', '']],
    stdin: [
      `\nCREATE DATABASE "metadb" OWNER "shovel" TEMPLATE "template0" ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' ` +
        'CONNECTION LIMIT 5;\n',
    ],
    result: { name },
  },
  'right already': { options: { name, owner: 'shovel', encoding: 'UTF8' }, host: cluster({}) },
  'another owner': {
    options: { name, owner: 'ops' },
    host: cluster({}),
    changes: ['owner shovel -> ops'],
    stdin: ['\nALTER DATABASE "metadb" OWNER TO "ops";\n'],
  },
  "who owns it is nobody's business unless it is said": { options: { name }, host: cluster({ owner: 'ops' }) },
  'fewer connections': {
    options: { name, connLimit: 10 },
    host: cluster({}),
    changes: ['connections -1 -> 10'],
    stdin: ['\nALTER DATABASE "metadb" CONNECTION LIMIT 10;\n'],
  },
  'another encoding cannot be had': {
    options: { name, encoding: 'LATIN1' },
    host: cluster({}),
    fails:
      'the database metadb was made with encoding UTF8, not LATIN1, which cannot be changed; ' +
      'dump it and load it into a new one',
  },
  'removed': {
    options: { name, state: 'absent' },
    host: cluster({}),
    changes: ['state present -> absent'],
    stdin: ['\nDROP DATABASE "metadb";\n'],
  },
  'removed already': { options: { name, state: 'absent' }, host: cluster(null) },
  'a name with blanks and quotes': {
    options: { name: 'my "db"' },
    host: cluster(null),
    changes: ['state absent -> present'],
    stdin: ['\nCREATE DATABASE "my ""db""" ;\n'],
  },
  'of another cluster': {
    options: { name, port: 5433 },
    host: cluster(null, { ...usualLogin, port: '5433' }),
    changes: ['state absent -> present'],
    args: [['postgres', 'n', '5433', '', '']],
  },
  'as another role, by its password': {
    options: { name, loginHost: '10.0.0.1', loginUser: 'ops', loginPassword: secret`pa55-w0rd` },
    host: cluster(null, { port: '', host: '10.0.0.1', user: 'ops', password: 'pa55-w0rd' }),
    changes: ['state absent -> present'],
    args: [['postgres', 'n', '', '10.0.0.1', 'ops']],
    stdin: ['cGE1NS13MHJk\nCREATE DATABASE "metadb" ;\n'],
  },
  'a password of nobody': {
    options: { name, loginPassword: secret`x` },
    fails: 'postgresqlDb: `loginPassword` needs `loginUser`',
  },
  'PostgreSQL is missing': {
    options: { name },
    host: down('PostgreSQL is not installed'),
    fails: 'PostgreSQL cannot be asked: PostgreSQL is not installed',
    hint: "Install it before: apt({ name: 'postgresql' })",
  },
  'PostgreSQL is down': {
    options: { name },
    host: down('connection refused'),
    fails: 'PostgreSQL cannot be asked: connection refused',
    hint:
      "Make sure that it runs (systemd({ name: 'postgresql', state: 'started' })) and that it knows " +
      'the account: postgres by peer authentication, or `loginUser` by `loginPassword`.',
  },
  'PostgreSQL may come with what is planned, as a new cluster': {
    options: { name },
    host: down('PostgreSQL is not installed'),
    behind: {},
    changes: ['state absent -> present'],
    assumed: ['PostgreSQL, as a new cluster, answers by then ("a task" changes the host before)'],
  },
  'behind a task that makes it': {
    options: { name, owner: 'shovel' },
    host: cluster(null),
    behind: { planned: [predict(postgresqlDatabases(), { databases: [metadb] })] },
  },
  'an encoding that is none': {
    options: { name, encoding: "UTF8'; DROP" },
    fails:
      `postgresqlDb: option "encoding" is "UTF8'; DROP" (a string), but ` +
      'must be the name of an encoding, such as UTF8',
  },
});
