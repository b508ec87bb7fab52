import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Options, type Plan } from '../../contract/index.ts';
import { nearest } from '../../errors/index.ts';
import { defineResource } from '../../playbook/index.ts';
import {
  defaultObjects,
  liesInSchema,
  objectTypes,
  postgresqlGrants,
  type PostgresqlGrant,
  type PostgresqlObject,
} from './grants.probe.ts';
import { faultOfLogin, loginOf, loginOptions } from './login.ts';
import { postgresqlPatches, postgresqlRoles, postgresqlSubject, type PostgresqlLogin } from './postgresql.probe.ts';
import { answered, identifier, runSql, sqlName } from './sql.ts';

const all = 'ALL_IN_SCHEMA';

const options = {
  database: sqlName('The database to log in to, which contains the objects.'),
  roles: v.pipe(
    v.array(sqlName('A role.')),
    v.minLength(1),
    v.description('The roles, which must exist, and `PUBLIC` for everybody.'),
  ),
  type: v.optional(
    v.pipe(
      v.picklist([...objectTypes, 'group', 'default_privs']),
      v.description(
        'Kind of objects: `group` makes roles members of other roles, `default_privs` sets privileges for objects created later. Default `table`.',
      ),
    ),
    'table',
  ),
  objs: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.regex(/^[^\p{Cc}]+$/u, 'must be a name'))),
      v.minLength(1),
      v.description(
        "The objects. `['ALL_IN_SCHEMA']`: all existing tables, sequences, functions or procedures. Functions with their arguments: `add(integer, text)`. For `group`: the roles to be a member of. For `default_privs`: `TABLES`, `SEQUENCES`, `FUNCTIONS`, `TYPES`, `SCHEMAS`. Default for `database`: `database`.",
      ),
    ),
  ),
  privs: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.regex(/^[A-Za-z]+(?: [A-Za-z]+)*$/, 'must be a privilege, such as SELECT'))),
      v.minLength(1),
      v.description('The privileges: `SELECT`, `USAGE`, `CONNECT` ..., or `ALL`. Not for `group`.'),
    ),
  ),
  schema: v.optional(
    sqlName(
      'The schema of tables, sequences, functions, procedures and types, and for `default_privs` (`not-specified`: all). Default `public`.',
    ),
    'public',
  ),
  targetRoles: v.optional(
    v.pipe(
      v.array(sqlName('A role.')),
      v.minLength(1),
      v.description('For `default_privs`: the role that will create the objects. Default: the role that logs in.'),
    ),
  ),
  grantOption: v.optional(
    v.pipe(
      v.boolean(),
      v.description('Whether they may grant the privileges to others. Default: as it is; no for new privileges.'),
    ),
  ),
  state: v.optional(
    v.pipe(
      v.picklist(['present', 'absent']),
      v.description('Whether they have the privileges. Those not named stay as they are. Default `present`.'),
    ),
    'present',
  ),
  ...loginOptions,
};

interface Wanted extends Omit<Options<typeof options>, keyof typeof loginOptions> {
  readonly login: PostgresqlLogin;
}

interface PrivsResult {
  /** The objects, by name. */
  readonly objects: readonly string[];
}

/** Privileges in a database of PostgreSQL. */
export const postgresqlPrivs = defineResource({
  name: 'postgresqlPrivs',
  summary: 'Privileges of PostgreSQL roles on tables, schemas, databases and other objects.',
  options,
  example: `postgresqlPrivs({ database: 'metadb', roles: ['reader'], objs: ['ALL_IN_SCHEMA'], privs: ['SELECT'] })`,
  validateOptions({ type, objs, privs, targetRoles, grantOption, state, ...login }) {
    if ((privs === undefined) !== (type === 'group'))
      return `give \`privs\`, unless the type is \`group\`, which takes none`;
    if (objs === undefined && type !== 'database') return 'give `objs`';
    if (targetRoles !== undefined && type !== 'default_privs') return '`targetRoles` need the type `default_privs`';
    if (objs?.includes(all) && (objs.length > 1 || !['table', 'sequence', 'function', 'procedure'].includes(type)))
      return `${all} must be the only entry, and is only for tables, sequences, functions and procedures`;
    const odd = type === 'default_privs' ? objs?.find((one) => !Object.hasOwn(defaultObjects, one)) : undefined;
    if (odd !== undefined) return `\`objs\` of default_privs are ${Object.keys(defaultObjects).join(', ')}, not ${odd}`;
    if (grantOption !== undefined && state === 'absent') return '`grantOption` needs state `present`';
    return faultOfLogin(login);
  },
  title: ({ type, objs, database }) => `${type ?? 'table'} ${objs?.join(', ') ?? database ?? ''}`,
  prepare: (given): Wanted => ({
    ...given,
    privs: given.privs?.map((one) => one.toUpperCase()),
    schema: given.schema === 'not-specified' ? '' : given.schema,
    login: loginOf(given),
  }),
  probes: ({ login, database, type, schema }) => [postgresqlGrants(login, database, type, schema)],
  plan,
});

function plan(wanted: Wanted, found: Found): Plan<PrivsResult> {
  const { login, database, type, schema, state, grantOption } = wanted;
  const question = postgresqlGrants(login, database, type, schema);
  const asker = login.user || 'postgres';
  const names = wantedNames(wanted, asker);
  const fresh = { objects: names.map((name) => ({ name, grants: [] })), all: [], roles: wanted.roles, asker };
  const is = answered(found.get(question), fresh, found);
  const objects = wantedObjects(wanted, is.objects, is.asker, found);
  requireRoles(wanted, is.roles, found);
  const changes: Change[] = [];
  const sql: string[] = [];
  const after = new Map(is.objects.map((one) => [one.name, one]));
  for (const { name, grants } of objects) {
    let now = grants;
    const privileges = privilegesOf(wanted, name, is.all);
    for (const role of wanted.roles) {
      const who = role.toUpperCase() === 'PUBLIC' ? '' : role;
      const has = (privilege: string): PostgresqlGrant | undefined => {
        const same = now.filter((one) => one.role === who && one.privilege === privilege);
        return same.find((one) => one.isGrantable) ?? same[0];
      };
      const rest = now.filter((one) => one.role !== who || !privileges.includes(one.privilege));
      const told = (what: string, from: string, to: string): void =>
        void changes.push({ what: `${what} on ${type} ${name} for ${role}`, from, to });
      if (state === 'absent') {
        const gone = privileges.filter((one) => has(one));
        if (gone.length === 0) continue;
        told(gone.join(', '), 'granted', 'absent');
        sql.push(statement('REVOKE', wanted, name, gone, role, ''));
        now = rest;
        continue;
      }
      const more = privileges.filter((one) => !has(one) || (grantOption === true && has(one)?.isGrantable === false));
      const fewer = grantOption === false ? privileges.filter((one) => has(one)?.isGrantable === true) : [];
      if (more.length > 0) {
        told(
          more.join(', '),
          more.every(has) ? 'granted' : 'absent',
          grantOption === true ? 'granted, to be passed on' : 'granted',
        );
        sql.push(statement('GRANT', wanted, name, more, role, grantOption === true ? 'WITH' : ''));
      }
      if (fewer.length > 0) {
        told(fewer.join(', '), 'granted, to be passed on', 'granted');
        sql.push(statement('REVOKE', wanted, name, fewer, role, 'FOR'));
      }
      now = [
        ...rest,
        ...privileges.map((privilege) => ({
          role: who,
          privilege,
          isGrantable: grantOption ?? has(privilege)?.isGrantable ?? false,
        })),
      ];
    }
    after.set(name, { name, grants: now });
  }
  const result = { objects: objects.map(({ name }) => name) };
  if (changes.length === 0) return settled(result);
  const label = `${state === 'absent' ? 'revoke' : 'grant'} on ${type} ${result.objects.slice(0, 3).join(', ')}`;
  return {
    ...settled(result),
    changes,
    steps: [runSql(sql.join('\n'), { login, db: database, transaction: true, label })],
    after: [predict(question, { ...is, objects: [...after.values()] })],
    touches: [postgresqlSubject],
  };
}

/** The objects by the names that the host tells them by; all of a schema are none. */
function wantedNames({ type, objs, database, targetRoles }: Wanted, asker: string): string[] {
  if (objs?.[0] === all) return [];
  const names = objs ?? [database];
  if (type === 'default_privs')
    return (targetRoles ?? [asker]).flatMap((role) => names.map((one) => `${one} of ${role}`));
  return type === 'function' || type === 'procedure' ? names.map(signature) : names;
}

/** Types by other names (PostgreSQL's manual, table 8.1). */
const typeNames: Readonly<Record<string, string>> = {
  int: 'integer',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  bool: 'boolean',
  varchar: 'character varying',
  char: 'character',
  float4: 'real',
  float8: 'double precision',
  decimal: 'numeric',
  varbit: 'bit varying',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  time: 'time without time zone',
  timetz: 'time with time zone',
};

/** A function as the host tells it: `add(integer, text)`. Ansible has colons for commas. */
function signature(text: string): string {
  const [, name = text, list = ''] = /^(.*?)\s*\((.*)\)\s*$/s.exec(text) ?? [];
  const args = list
    .split(/[,:]/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
  return `${name}(${args.map((one) => typeNames[one.toLowerCase()] ?? one).join(', ')})`;
}

function wantedObjects(
  wanted: Wanted,
  there: readonly PostgresqlObject[],
  asker: string,
  found: Found,
): readonly PostgresqlObject[] {
  const { type, objs, schema, database, login } = wanted;
  if (objs?.[0] === all) {
    const others = `the schema ${schema} gets no other ${type}s`;
    if (found.planned(postgresqlPatches(login, database)) !== undefined) found.assume(`${others} by its migrations`);
    found.trust(others);
    return there;
  }
  const where = liesInSchema(type) && type !== 'default_privs' ? ` in the schema ${schema}` : '';
  return wantedNames(wanted, asker).map((name) => {
    const one = there.find((object) => object.name === name);
    const [near] = nearest(
      name,
      there.map((object) => object.name),
    );
    found.require(one !== undefined, {
      failure: `there is no ${type} ${name}${where} of the database ${database}`,
      ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
      by: 'changes',
    });
    return one;
  });
}

function requireRoles({ roles, login }: Wanted, there: readonly string[], found: Found): void {
  for (const role of roles) {
    if (role.toUpperCase() === 'PUBLIC' || there.includes(role)) continue;
    // Those that tasks before make.
    const planned = found.planned(postgresqlRoles(login));
    found.require(planned !== undefined && 'roles' in planned && planned.roles.some((one) => one.name === role), {
      failure: `there is no role ${role}`,
      hint: `Make it before: postgresqlUser({ name: '${role}' })`,
      by: 'changes',
    });
  }
}

/** What ALL comes to; of a cluster that is not there yet, nobody can say. */
function privilegesOf({ type, privs = [] }: Wanted, name: string, every: readonly string[]): readonly string[] {
  if (type === 'group') return ['MEMBER'];
  const named = [...new Set(privs.map((one) => (one === 'TEMP' ? 'TEMPORARY' : one)))];
  if (!named.some((one) => one === 'ALL' || one === 'ALL PRIVILEGES')) return named;
  const start = type === 'default_privs' ? `${name.replace(/ of [^]*$/, '')} ` : '';
  const whole = every.filter((one) => one.startsWith(start)).map((one) => one.slice(start.length));
  return whole.length === 0 ? ['ALL'] : whole;
}

/** @param option `WITH`: to be passed on; `FOR`: no more to be passed on */
function statement(
  verb: 'GRANT' | 'REVOKE',
  { type, schema }: Wanted,
  name: string,
  privileges: readonly string[],
  role: string,
  option: 'WITH' | 'FOR' | '',
): string {
  const who = role.toUpperCase() === 'PUBLIC' ? 'PUBLIC' : identifier(role);
  const link = `${verb === 'GRANT' ? 'TO' : 'FROM'} ${who}`;
  if (type === 'group')
    return `${verb}${option === 'FOR' ? ' ADMIN OPTION FOR' : ''} ${identifier(name)} ${link}${option === 'WITH' ? ' WITH ADMIN OPTION' : ''};`;
  const start = `${verb}${option === 'FOR' ? ' GRANT OPTION FOR' : ''} ${privileges.join(', ')} ON`;
  const end = `${link}${option === 'WITH' ? ' WITH GRANT OPTION' : ''};`;
  if (type === 'default_privs') {
    const [, kind = '', owner = ''] = /^(\w+) of ([^]*)$/.exec(name) ?? [];
    return `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(owner)}${schema === '' ? '' : ` IN SCHEMA ${identifier(schema)}`} ${start} ${kind} ${end}`;
  }
  const word = type.replaceAll('_', ' ').toUpperCase();
  const [, plain = name, args = ''] =
    /^([^(]*)(\(.*)$/s.exec(type === 'function' || type === 'procedure' ? name : '') ?? [];
  const object = `${liesInSchema(type) ? `${identifier(schema)}.` : ''}${identifier(plain)}${args}`;
  return `${start} ${word} ${object} ${end}`;
}
