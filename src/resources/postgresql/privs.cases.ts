import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { postgresqlGrants, type PostgresqlGrants } from './grants.probe.ts';
import { postgresqlRoles, usualLogin } from './postgresql.probe.ts';
import { postgresqlPrivs } from './privs.ts';

const database = 'metadb';
const roles = ['reader'];
const grant = (privilege: string, isGrantable = false, role = 'reader') => ({ role, privilege, isGrantable });
const grants = (now: Partial<PostgresqlGrants>): PostgresqlGrants => ({
  objects: [
    { name: 'events', grants: [grant('SELECT')] },
    { name: 'users', grants: [] },
  ],
  all: ['SELECT', 'INSERT'],
  roles: ['postgres', 'reader'],
  asker: 'postgres',
  ...now,
});
type Type = Parameters<typeof postgresqlGrants>[2];
const host = (now: Partial<PostgresqlGrants> = {}, type: Type = 'table', schema = 'public'): HostDescription => ({
  answers: [predict(postgresqlGrants(usualLogin, database, type, schema), grants(now))],
});

export const cases = planCases(postgresqlPrivs, {
  'what is missing is granted': {
    options: { database, roles, objs: ['events', 'users'], privs: ['select'] },
    host: host(),
    changes: ['SELECT on table users for reader absent -> granted'],
    steps: ['grant on table events, users'],
    args: [[database, 'y', '', '', '']],
    stdin: ['\nGRANT SELECT ON TABLE "public"."users" TO "reader";\n'],
    result: { objects: ['events', 'users'] },
  },
  'right already': { options: { database, roles, objs: ['events'], privs: ['SELECT'] }, host: host() },
  'all of a schema, all there is': {
    options: { database, roles, objs: ['ALL_IN_SCHEMA'], privs: ['ALL'] },
    host: host(),
    changes: [
      'INSERT on table events for reader absent -> granted',
      'SELECT, INSERT on table users for reader absent -> granted',
    ],
  },
  'to be passed on': {
    options: { database, roles, objs: ['events'], privs: ['SELECT'], grantOption: true },
    host: host(),
    changes: ['SELECT on table events for reader granted -> granted, to be passed on'],
    stdin: ['\nGRANT SELECT ON TABLE "public"."events" TO "reader" WITH GRANT OPTION;\n'],
  },
  'no more to be passed on': {
    options: { database, roles, objs: ['events'], privs: ['SELECT'], grantOption: false },
    host: host({ objects: [{ name: 'events', grants: [grant('SELECT', true)] }] }),
    changes: ['SELECT on table events for reader granted, to be passed on -> granted'],
    stdin: ['\nREVOKE GRANT OPTION FOR SELECT ON TABLE "public"."events" FROM "reader";\n'],
  },
  'taken from everybody': {
    options: { database, roles: ['public'], type: 'database', privs: ['CONNECT'], state: 'absent' },
    host: host({ objects: [{ name: database, grants: [grant('CONNECT', false, '')] }] }, 'database'),
    changes: ['CONNECT on database metadb for public granted -> absent'],
    stdin: ['\nREVOKE CONNECT ON DATABASE "metadb" FROM PUBLIC;\n'],
  },
  'a member of a group': {
    options: { database, roles, type: 'group', objs: ['ops'] },
    host: host({ objects: [{ name: 'ops', grants: [] }] }, 'group'),
    changes: ['MEMBER on group ops for reader absent -> granted'],
    stdin: ['\nGRANT "ops" TO "reader";\n'],
  },
  'a function by its arguments': {
    options: { database, roles, type: 'function', objs: ['add(int: varchar)'], privs: ['EXECUTE'] },
    host: host({ objects: [{ name: 'add(integer, character varying)', grants: [] }] }, 'function'),
    changes: ['EXECUTE on function add(integer, character varying) for reader absent -> granted'],
    stdin: ['\nGRANT EXECUTE ON FUNCTION "public"."add"(integer, character varying) TO "reader";\n'],
  },
  'what is made later': {
    options: { database, roles, type: 'default_privs', objs: ['TABLES'], privs: ['ALL'] },
    host: host(
      { objects: [{ name: 'TABLES of postgres', grants: [] }], all: ['TABLES SELECT', 'TYPES USAGE'] },
      'default_privs',
    ),
    changes: ['SELECT on default_privs TABLES of postgres for reader absent -> granted'],
    stdin: ['\nALTER DEFAULT PRIVILEGES FOR ROLE "postgres" IN SCHEMA "public" GRANT SELECT ON TABLES TO "reader";\n'],
  },
  'no such table': {
    options: { database, roles, objs: ['event'], privs: ['SELECT'] },
    host: host(),
    fails: 'there is no table event in the schema public of the database metadb',
    hint: 'Did you mean events?',
  },
  'no such role': {
    options: { database, roles: ['writer'], objs: ['events'], privs: ['SELECT'] },
    host: host(),
    fails: 'there is no role writer',
    hint: "Make it before: postgresqlUser({ name: 'writer' })",
  },
  'a role that is planned': {
    options: { database, roles: ['writer'], objs: ['users'], privs: ['INSERT'] },
    host: host(),
    behind: {
      planned: [
        predict(postgresqlRoles(), {
          roles: [{ name: 'writer', password: null, attributes: [], connLimit: -1, validUntil: null, memberOf: [] }],
        }),
      ],
    },
    changes: ['INSERT on table users for writer absent -> granted'],
  },
  'no privileges': {
    options: { database, roles, objs: ['x'] },
    fails: 'postgresqlPrivs: give `privs`, unless the type is `group`, which takes none',
  },
  'all and one': {
    options: { database, roles, objs: ['ALL_IN_SCHEMA', 'x'], privs: ['SELECT'] },
    fails:
      'postgresqlPrivs: ALL_IN_SCHEMA must be the only entry, and is only for tables, sequences, functions and procedures',
  },
});
