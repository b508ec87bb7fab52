import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Options, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { reveal } from '../../secrets/index.ts';
import { secretText } from '../kit/schemas.ts';
import { clusterOf, faultOfLogin, loginOf, loginOptions } from './login.ts';
import { postgresqlRoles, postgresqlSubject, type PostgresqlLogin, type PostgresqlRole } from './postgresql.probe.ts';
import { isKept, isPassword, scramVerifier } from './scram.ts';
import { answered, identifier, literal, runSql, sqlName } from './sql.ts';

const attributes = ['SUPERUSER', 'CREATEDB', 'CREATEROLE', 'INHERIT', 'LOGIN', 'REPLICATION', 'BYPASSRLS'] as const;
const flags = v.picklist([...attributes, ...attributes.map((one) => `NO${one}` as const)]);

const options = {
  name: sqlName('The role.'),
  password: v.optional(
    secretText(
      'Its password, or a hash as PostgreSQL stores it (`SCRAM-SHA-256$...`). Use a Secret. Only the hash is sent, and only if the stored one does not match.',
    ),
  ),
  updatePassword: v.optional(
    v.pipe(
      v.picklist(['always', 'onCreate']),
      v.description('`onCreate` leaves the password of an existing role alone. Default `always`.'),
    ),
    'always',
  ),
  roleAttrFlags: v.optional(
    v.pipe(
      v.array(flags),
      v.description(
        'Its attributes: `CREATEDB`, `REPLICATION`, `NOLOGIN` ... Those not named stay as they are; a new role may log in.',
      ),
    ),
    [],
  ),
  memberOf: v.optional(v.pipe(v.array(sqlName('A role.')), v.description('Roles it is a member of, and no others.'))),
  connLimit: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(-1), v.description('Maximum number of connections; -1 for no limit.')),
  ),
  expires: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^(?:infinity|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/, 'must be like 2027-01-31T00:00:00Z, or infinity'),
      v.description('When its password expires: `2027-01-31T00:00:00Z`, or `infinity`.'),
    ),
  ),
  state: v.optional(
    v.pipe(
      v.picklist(['present', 'absent']),
      v.description('Whether the role should exist. A role that owns something cannot be removed. Default `present`.'),
    ),
    'present',
  ),
  ...loginOptions,
};

interface Wanted extends Omit<Options<typeof options>, 'password' | keyof typeof loginOptions> {
  readonly login: PostgresqlLogin;
  readonly password: string | undefined;
  /** Taken once a run, so that planning again gives the same. */
  readonly salt: Buffer;
}

/** A role of PostgreSQL. */
export const postgresqlUser = defineResource({
  name: 'postgresqlUser',
  summary:
    'A PostgreSQL role: its attributes and its password, which is compared on this machine and set only if it differs.',
  options,
  example: `postgresqlUser({ name: 'replicator', password: replicatorPassword, roleAttrFlags: ['REPLICATION'] })`,
  validateOptions({ roleAttrFlags, state, password, ...login }) {
    const twice = attributes.find((one) => roleAttrFlags.includes(one) && roleAttrFlags.includes(`NO${one}`));
    if (twice !== undefined) return `\`roleAttrFlags\` has both ${twice} and NO${twice}`;
    return state === 'absent' && password !== undefined ? '`password` needs state `present`' : faultOfLogin(login);
  },
  title: (given) => given.name ?? '',
  prepare: ({ password, ...rest }): Wanted => ({
    ...rest,
    login: loginOf(rest),
    password: password === undefined ? undefined : reveal(password),
    salt: randomBytes(16),
  }),
  probes: (wanted) => [postgresqlRoles(wanted.login)],
  plan,
  owns: ({ name, login }) => [{ on: 'named', name: `postgresql role ${name}${clusterOf(login)}` }],
});

interface RoleResult {
  /** The name of the role. */
  readonly name: string;
}

function plan(wanted: Wanted, found: Found): Plan<RoleResult> {
  const question = postgresqlRoles(wanted.login);
  const is = answered(found.get(question), { roles: [] }, found);
  const { name } = wanted;
  const now = is.roles.find((one) => one.name === name);
  const others = is.roles.filter((one) => one.name !== name);
  const touches = [postgresqlSubject];
  const nothing: Plan<RoleResult> = settled({ name });
  const run = (sql: string, label: string): Plan<RoleResult>['steps'] => [
    runSql(sql, { login: wanted.login, db: 'postgres', transaction: true, label }),
  ];
  if (wanted.state === 'absent') {
    if (!now) return nothing;
    return {
      ...nothing,
      touches,
      changes: [{ what: 'state', from: 'present', to: 'absent' }],
      steps: run(`DROP ROLE ${identifier(name)};`, `remove the role ${name}`),
      after: [predict(question, { roles: others })],
    };
  }
  const { changes, words, role } = compare(wanted, now);
  const joins = wanted.memberOf === undefined ? [] : wanted.memberOf.filter((one) => !now?.memberOf.includes(one));
  const leaves =
    wanted.memberOf === undefined ? [] : (now?.memberOf ?? []).filter((one) => !wanted.memberOf?.includes(one));
  if (now && changes.length + joins.length + leaves.length === 0) return nothing;
  const sql = [
    ...(!now
      ? [`CREATE ROLE ${identifier(name)} ${words.join(' ')};`]
      : words.length > 0
        ? [`ALTER ROLE ${identifier(name)} ${words.join(' ')};`]
        : []),
    ...leaves.map((one) => `REVOKE ${identifier(one)} FROM ${identifier(name)};`),
    ...joins.map((one) => `GRANT ${identifier(one)} TO ${identifier(name)};`),
  ];
  return {
    ...nothing,
    touches,
    changes: [
      ...(now ? [] : [{ what: 'state', from: 'absent', to: 'present' }]),
      ...changes,
      ...leaves.map((one) => ({ what: 'member of', from: one, to: 'absent' })),
      ...joins.map((one) => ({ what: 'member of', from: 'absent', to: one })),
    ],
    steps: run(sql.join('\n'), `${now ? 'change' : 'make'} the role ${name}`),
    after: [predict(question, { roles: [...others, role] })],
  };
}

/** What differs, the words of SQL for it, and the role as it will be. */
function compare(
  wanted: Wanted,
  now: PostgresqlRole | undefined,
): { readonly changes: readonly Change[]; readonly words: readonly string[]; readonly role: PostgresqlRole } {
  const { name, password, connLimit, expires } = wanted;
  const asked =
    now || wanted.roleAttrFlags.includes('NOLOGIN') || wanted.roleAttrFlags.includes('LOGIN')
      ? wanted.roleAttrFlags
      : [...wanted.roleAttrFlags, 'LOGIN' as const];
  const before = now?.attributes ?? ['INHERIT'];
  const changes: Change[] = [];
  const words: string[] = [];
  for (const one of asked) {
    const isOff = one.startsWith('NO');
    const attribute = isOff ? one.slice(2) : one;
    if (before.includes(attribute) !== isOff) continue;
    changes.push({ what: attribute, from: isOff ? 'yes' : 'no', to: isOff ? 'no' : 'yes' });
    words.push(one);
  }
  if (connLimit !== undefined && connLimit !== (now?.connLimit ?? -1)) {
    changes.push({ what: 'connections', from: String(now?.connLimit ?? -1), to: String(connLimit) });
    words.push(`CONNECTION LIMIT ${connLimit}`);
  }
  if (expires !== undefined && expires !== (now?.validUntil ?? null)) {
    changes.push({ what: 'password good until', from: now?.validUntil ?? 'for ever', to: expires });
    words.push(`VALID UNTIL ${literal(expires)}`);
  }
  const setsPassword =
    password !== undefined &&
    !(now && wanted.updatePassword === 'onCreate') &&
    !isPassword(password, now?.password ?? null, name);
  const kept = !setsPassword
    ? (now?.password ?? null)
    : isKept(password)
      ? password
      : scramVerifier(password, wanted.salt);
  if (setsPassword && kept !== null) {
    changes.push({ what: 'password', from: now?.password === null || !now ? 'none' : 'another', to: 'set' });
    words.push(`PASSWORD ${literal(kept)}`);
  }
  const off = asked.filter((one) => one.startsWith('NO')).map((one) => one.slice(2));
  const role: PostgresqlRole = {
    name,
    password: kept,
    attributes: [...new Set([...before, ...asked.filter((one) => !one.startsWith('NO'))])].filter(
      (one) => !off.includes(one),
    ),
    connLimit: connLimit ?? now?.connLimit ?? -1,
    validUntil: expires ?? now?.validUntil ?? null,
    memberOf: (wanted.memberOf ?? now?.memberOf ?? []).toSorted(),
  };
  return { changes, words, role };
}
