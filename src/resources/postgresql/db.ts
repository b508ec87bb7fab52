import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Options, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { text } from '../kit/schemas.ts';
import { clusterOf, faultOfLogin, loginOf, loginOptions } from './login.ts';
import {
  postgresqlDatabases,
  postgresqlSubject,
  type PostgresqlDatabase,
  type PostgresqlLogin,
} from './postgresql.probe.ts';
import { answered, identifier, literal, runSql, sqlName } from './sql.ts';

const options = {
  name: sqlName('The database.'),
  owner: v.optional(sqlName('The role that owns it, which must exist. Default: as it is; postgres for a new one.')),
  encoding: v.optional(
    v.pipe(
      text('Its encoding, such as `UTF8`; cannot be changed later.'),
      v.regex(/^[A-Z0-9_]+$/, 'must be the name of an encoding, such as UTF8'),
    ),
  ),
  lcCollate: v.optional(text('Its collation, such as `C.UTF-8`; cannot be changed later.')),
  lcCtype: v.optional(text('Its character classification; cannot be changed later.')),
  template: v.optional(
    sqlName(
      'The template for a new one. Default `template1`, or `template0` if encoding or collation differ from those of `template1`.',
    ),
  ),
  connLimit: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(-1), v.description('Maximum number of connections; -1 for no limit.')),
  ),
  state: v.optional(
    v.pipe(
      v.picklist(['present', 'absent']),
      v.description('Whether the database should exist. `absent` deletes everything in it. Default `present`.'),
    ),
    'present',
  ),
  ...loginOptions,
};
interface Wanted extends Omit<Options<typeof options>, keyof typeof loginOptions> {
  readonly login: PostgresqlLogin;
}

interface DatabaseResult {
  /** The name of the database. */
  readonly name: string;
}

/** A database of PostgreSQL. */
export const postgresqlDb = defineResource({
  name: 'postgresqlDb',
  summary: 'A PostgreSQL database and its owner.',
  options,
  example: `postgresqlDb({ name: 'metadb', owner: 'shovel', encoding: 'UTF8', template: 'template0' })`,
  title: (given) => given.name ?? '',
  validateOptions: faultOfLogin,
  prepare: (given): Wanted => ({ ...given, login: loginOf(given) }),
  probes: ({ login }) => [postgresqlDatabases(login)],
  plan,
  owns: ({ name, login }) => [{ on: 'named', name: `postgresql database ${name}${clusterOf(login)}` }],
});

function plan(wanted: Wanted, found: Found): Plan<DatabaseResult> {
  const question = postgresqlDatabases(wanted.login);
  const is = answered(found.get(question), { databases: [] }, found);
  const { name } = wanted;
  const now = is.databases.find((one) => one.name === name);
  const others = is.databases.filter((one) => one.name !== name);
  const nothing: Plan<DatabaseResult> = settled({ name });
  // CREATE DATABASE and DROP DATABASE refuse to be part of a transaction.
  const work = (
    sql: string,
    label: string,
    changes: readonly Change[],
    databases: readonly PostgresqlDatabase[],
  ): Plan<DatabaseResult> => ({
    ...nothing,
    changes,
    steps: [runSql(sql, { login: wanted.login, db: 'postgres', transaction: false, label })],
    after: [predict(question, { databases })],
    touches: [postgresqlSubject],
  });
  if (wanted.state === 'absent')
    return now
      ? work(
          `DROP DATABASE ${identifier(name)};`,
          `remove the database ${name}`,
          [{ what: 'state', from: 'present', to: 'absent' }],
          others,
        )
      : nothing;
  if (!now) {
    const made: PostgresqlDatabase = {
      name,
      owner: wanted.owner ?? 'postgres',
      encoding: wanted.encoding ?? 'UTF8',
      collate: wanted.lcCollate ?? '',
      ctype: wanted.lcCtype ?? '',
      connLimit: wanted.connLimit ?? -1,
    };
    const changes = [
      { what: 'state', from: 'absent', to: 'present' },
      ...(wanted.owner === undefined ? [] : [{ what: 'owner', to: wanted.owner }]),
    ];
    return work(createStatement(wanted), `make the database ${name}`, changes, [...others, made]);
  }
  const fixed = (
    [
      ['encoding', now.encoding, wanted.encoding],
      ['lcCollate', now.collate, wanted.lcCollate],
      ['lcCtype', now.ctype, wanted.lcCtype],
    ] as const
  ).filter(([, from, to]) => to !== undefined && to !== from);
  if (fixed.length > 0) {
    return {
      ...nothing,
      failure: `the database ${name} was made with ${fixed.map(([what, from, to]) => `${what} ${from}, not ${to ?? ''}`).join(', ')}, which cannot be changed; dump it and load it into a new one`,
    };
  }
  const { owner = now.owner, connLimit = now.connLimit } = wanted;
  const sql = [
    ...(owner === now.owner ? [] : [`ALTER DATABASE ${identifier(name)} OWNER TO ${identifier(owner)};`]),
    ...(connLimit === now.connLimit ? [] : [`ALTER DATABASE ${identifier(name)} CONNECTION LIMIT ${connLimit};`]),
  ];
  if (sql.length === 0) return nothing;
  const changes = [
    ...(owner === now.owner ? [] : [{ what: 'owner', from: now.owner, to: owner }]),
    ...(connLimit === now.connLimit
      ? []
      : [{ what: 'connections', from: String(now.connLimit), to: String(connLimit) }]),
  ];
  return work(sql.join('\n'), `change the database ${name}`, changes, [...others, { ...now, owner, connLimit }]);
}

function createStatement({ name, owner, encoding, lcCollate, lcCtype, template, connLimit }: Wanted): string {
  const words = [
    ...(owner === undefined ? [] : [`OWNER ${identifier(owner)}`]),
    ...(template === undefined ? [] : [`TEMPLATE ${identifier(template)}`]),
    ...(encoding === undefined ? [] : [`ENCODING ${literal(encoding)}`]),
    ...(lcCollate === undefined ? [] : [`LC_COLLATE ${literal(lcCollate)}`]),
    ...(lcCtype === undefined ? [] : [`LC_CTYPE ${literal(lcCtype)}`]),
    ...(connLimit === undefined ? [] : [`CONNECTION LIMIT ${connLimit}`]),
  ];
  return `CREATE DATABASE ${identifier(name)} ${words.join(' ')};`;
}
