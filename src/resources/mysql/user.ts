import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Options, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { reveal } from '../../secrets/index.ts';
import { flag, secretText, text } from '../kit/schemas.ts';
import { answered, faultOfLogin, loginOf, loginOptions, runSql, serverOf } from './login.ts';
import { mysqlAccount, mysqlSubject, tlsOf, type MysqlAccount, type MysqlLogin } from './mysql.probe.ts';
import { grantChanges, printedGrant, readGrants, wantedGrants, type Grant } from './privileges.ts';
import { account, literal } from './sql.ts';

const native = 'mysql_native_password';
const limit = (description: string) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.description(description)));
const alone = (description: string) => v.optional(v.pipe(v.nullable(v.literal(true)), v.description(description)));
const ofCertificate = (description: string) => v.optional(v.pipe(v.string(), v.description(description)));
const plainName = (description: string, most: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\P{Cc}*$/u, 'must be a name without line breaks'),
    v.maxLength(most),
    v.description(description),
  );

const options = {
  name: plainName('The account.', 128),
  host: v.optional(
    plainName('The host part of its name: a name, an address, `%` for anywhere. Default `localhost`.', 255),
    'localhost',
  ),
  password: v.optional(
    secretText('Its password. Use a Secret. Only its hash is sent, and only if the stored one does not match.'),
  ),
  encrypted: flag('`password` is a hash as the server stores it: `*` and 40 digits.', false),
  updatePassword: v.optional(
    v.pipe(
      v.picklist(['always', 'onCreate']),
      v.description('`onCreate` leaves the password of an existing account alone. Default `always`.'),
    ),
    'always',
  ),
  plugin: v.optional(
    v.pipe(
      text('The authentication plugin, instead of a password: `unix_socket`.'),
      v.regex(/^\w+$/, 'must be the name of a plugin, such as unix_socket'),
    ),
  ),
  pluginHashString: v.optional(secretText('The authentication string for the `plugin`. Use a Secret.')),
  priv: v.optional(
    v.pipe(
      v.union([v.string(), v.record(v.string(), v.string())]),
      v.description(
        "Its privileges, and no others: `'shop.*:ALL/logs.events:SELECT,INSERT'`, or a map: `{ 'shop.*': 'ALL' }`. `GRANT` lets it pass them on; columns go in brackets: `SELECT(id)`. Default: as they are; none for a new account.",
      ),
    ),
  ),
  appendPrivs: flag('Keep its other privileges.', false),
  subtractPrivs: flag('`priv` lists privileges to revoke; the others stay.', false),
  tlsRequires: v.optional(
    v.pipe(
      v.strictObject({
        SSL: alone('Require encryption.'),
        X509: alone('Require a valid certificate.'),
        SUBJECT: ofCertificate('The required subject of its certificate.'),
        ISSUER: ofCertificate('The required issuer of its certificate.'),
        CIPHER: ofCertificate('The required cipher.'),
      }),
      v.description(
        "Requirements for its connections: `{ SSL: null }`, `{ X509: null }`, or for its certificate `{ SUBJECT: '/CN=x', ISSUER: '/CN=y', CIPHER: 'z' }`; `{}` for none. Default: as they are.",
      ),
    ),
  ),
  resourceLimits: v.optional(
    v.pipe(
      v.strictObject({
        MAX_QUERIES_PER_HOUR: limit('Statements per hour.'),
        MAX_UPDATES_PER_HOUR: limit('Updates per hour.'),
        MAX_CONNECTIONS_PER_HOUR: limit('Logins per hour.'),
        MAX_USER_CONNECTIONS: limit('Simultaneous connections.'),
      }),
      v.description(
        'Its resource limits: `{ MAX_USER_CONNECTIONS: 10 }`; 0 for no limit. Those not named stay as they are.',
      ),
    ),
  ),
  sqlLogBin: flag('`false` keeps the change out of the binary log, so that replicas do not get it.', true),
  state: v.optional(
    v.pipe(v.picklist(['present', 'absent']), v.description('Whether the account should exist. Default `present`.')),
    'present',
  ),
  ...loginOptions,
};

interface Wanted {
  readonly name: string;
  readonly host: string;
  readonly login: MysqlLogin;
  /** How it logs in; undefined: as it does. */
  readonly way: { readonly plugin: string; readonly hash: string | undefined } | undefined;
  readonly keepsPassword: boolean;
  readonly grants: readonly Grant[] | undefined;
  readonly how: 'whole' | 'append' | 'subtract';
  readonly tls: string | undefined;
  readonly limits: Readonly<Record<string, number>>;
  readonly isLogged: boolean;
  readonly state: 'present' | 'absent';
}

interface UserResult {
  /** The name of the account. */
  readonly name: string;
  /** The host it may log in from. */
  readonly host: string;
}

/** An account of MariaDB. */
export const mysqlUser = defineResource({
  name: 'mysqlUser',
  summary:
    'An account of MariaDB: its password, which is compared on this machine and set only if it differs, and its privileges.',
  options,
  example: `mysqlUser({ name: 'shop', password: dbPassword, priv: 'shop.*:ALL' })`,
  validateOptions(given) {
    const { password, encrypted, plugin, pluginHashString, priv, appendPrivs, subtractPrivs, tlsRequires, state } =
      given;
    const refused = Object.entries({ password, plugin, priv, tlsRequires }).find(([, value]) => value !== undefined);
    if (state === 'absent' && refused !== undefined) return `\`${refused[0]}\` needs state \`present\``;
    if (password !== undefined && plugin !== undefined) return 'give either `password` or `plugin`';
    if (pluginHashString !== undefined && plugin === undefined) return '`pluginHashString` needs `plugin`';
    if (encrypted && (password === undefined || !/^\*[0-9A-F]{40}$/i.test(reveal(password))))
      return '`encrypted` wants a `password` of `*` and 40 hexadecimal digits';
    if (appendPrivs && subtractPrivs) return 'give either `appendPrivs` or `subtractPrivs`';
    if (tlsRequires && Object.keys(tlsRequires).length > 1 && ('SSL' in tlsRequires || 'X509' in tlsRequires))
      return '`tlsRequires` has `SSL` or `X509` alone, or any of `SUBJECT`, `ISSUER` and `CIPHER`';
    return faultOfLogin(given) ?? faultOf(priv);
  },
  title: ({ name, host }) => (name === undefined ? '' : `${name}@${host ?? 'localhost'}`),
  prepare(given): Wanted {
    const { login, rest } = loginOf(given);
    return { ...wantedOf(rest), login };
  },
  probes: ({ login, name, host }) => [mysqlAccount(login, name, host)],
  plan,
  owns: ({ name, host, login }) => [{ on: 'named', name: `mysql account ${name}@${host}${serverOf(login)}` }],
});

function faultOf(priv: string | Readonly<Record<string, string>> | undefined): string | undefined {
  try {
    wantedGrants(priv ?? {});
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

function wantedOf(given: Omit<Options<typeof options>, keyof typeof loginOptions>): Omit<Wanted, 'login'> {
  const { password, encrypted, plugin, pluginHashString, priv, tlsRequires, resourceLimits = {} } = given;
  const word = password === undefined ? undefined : reveal(password);
  const [way] = [
    ...(word === undefined ? [] : [{ plugin: native, hash: encrypted ? word.toUpperCase() : nativeHash(word) }]),
    ...(plugin === undefined
      ? []
      : [{ plugin, hash: pluginHashString === undefined ? undefined : reveal(pluginHashString) }]),
  ];
  return {
    name: given.name,
    host: given.host.toLowerCase(),
    way,
    keepsPassword: given.updatePassword === 'onCreate',
    grants: priv === undefined ? undefined : wantedGrants(priv),
    how: given.appendPrivs ? 'append' : given.subtractPrivs ? 'subtract' : 'whole',
    tls: tlsRequires === undefined ? undefined : tlsWanted(tlsRequires),
    limits: Object.fromEntries(
      Object.entries(resourceLimits).flatMap(([what, most]) => (most === undefined ? [] : [[what, most]])),
    ),
    isLogged: given.sqlLogBin,
    state: given.state,
  };
}

/** What `mysql_native_password` keeps of a password: SHA-1 of its SHA-1. */
function nativeHash(password: string): string {
  if (password === '') return '';
  const once = createHash('sha1').update(password).digest();
  return `*${createHash('sha1').update(once).digest('hex').toUpperCase()}`;
}

function tlsWanted({
  SUBJECT = '',
  ISSUER = '',
  CIPHER = '',
  ...plain
}: NonNullable<Options<typeof options>['tlsRequires']>): string {
  if ('SSL' in plain) return 'SSL';
  if ('X509' in plain) return 'X509';
  return tlsOf(SUBJECT + ISSUER + CIPHER === '' ? '' : 'SPECIFIED', { SUBJECT, ISSUER, CIPHER });
}

function plan(wanted: Wanted, found: Found): Plan<UserResult> {
  const { name, host, login, state } = wanted;
  const question = mysqlAccount(login, name, host);
  const fresh = { version: 'MariaDB', account: null };
  const { version, account: now } = answered(found.get(question), fresh, found);
  found.require(version.includes('MariaDB'), {
    failure: `the server is MySQL ${version}, whose accounts and passwords differ from MariaDB's`,
    hint: "Use Ansible's own module there: ansibleModule({ module: 'community.mysql.mysql_user', args: { ... } })",
    by: null,
  });
  const result = { name, host };
  const who = account(name, host);
  const work = (
    sql: readonly string[],
    label: string,
    changes: readonly Change[],
    after: MysqlAccount | null,
  ): Plan<UserResult> => ({
    ...settled(result),
    changes,
    steps: [runSql(login, [...(wanted.isLogged ? [] : ['SET sql_log_bin = 0;']), ...sql], label)],
    after: [predict(question, { version, account: after })],
    touches: [mysqlSubject],
  });
  if (state === 'absent') {
    if (now === null) return settled(result);
    const changes = [{ what: 'state', from: 'present', to: 'absent' }];
    return work([`DROP USER ${who};`], `remove the account ${name}@${host}`, changes, null);
  }
  const { changes, sql, after } = compare(wanted, now, who);
  if (sql.length === 0) return settled(result);
  return work(sql, `${now === null ? 'make' : 'change'} the account ${name}@${host}`, changes, after);
}

/** What differs, statements for it, and the account as it will be. */
function compare(
  { way, keepsPassword, grants, how, tls, limits }: Wanted,
  now: MysqlAccount | null,
  who: string,
): { readonly changes: readonly Change[]; readonly sql: readonly string[]; readonly after: MysqlAccount } {
  const is = now ?? { plugin: native, hash: '', tls: 'NONE', limits: {}, grants: [] };
  const changes: Change[] = now === null ? [{ what: 'state', from: 'absent', to: 'present' }] : [];
  const sql: string[] = [];
  const words: string[] = [];
  let { plugin, hash } = is;
  const isOther = way !== undefined && (way.plugin !== plugin || (way.hash !== undefined && way.hash !== hash));
  if (way !== undefined && isOther && !(now !== null && keepsPassword)) {
    const isPassword = way.plugin === native;
    changes.push(
      isPassword
        ? {
            what: 'password',
            from: hash === '' && plugin === native ? 'none' : plugin === native ? 'another' : plugin,
            to: 'set',
          }
        : { what: 'plugin', from: plugin, to: way.plugin },
    );
    // SET PASSWORD leaves other ways to log in as they are: that of root by its socket.
    if (now !== null && isPassword && plugin === native)
      sql.push(`SET PASSWORD FOR ${who} = ${literal(way.hash ?? '')};`);
    else words.push(`IDENTIFIED WITH ${way.plugin}${way.hash === undefined ? '' : ` AS ${literal(way.hash)}`}`);
    ({ plugin, hash = '' } = way);
  }
  if (tls !== undefined && tls !== is.tls) {
    changes.push({ what: 'TLS', from: is.tls, to: tls });
    words.push(`REQUIRE ${tls}`);
  }
  const others = Object.entries(limits).filter(([what, most]) => (is.limits[what] ?? 0) !== most);
  if (others.length > 0) words.push('WITH');
  for (const [what, most] of others) {
    changes.push({
      what: what.toLowerCase().replaceAll('_', ' '),
      from: String(is.limits[what] ?? 0),
      to: String(most),
    });
    words.push(`${what} ${most}`);
  }
  if (now === null || words.length > 0)
    sql.unshift(`${[now === null ? 'CREATE USER' : 'ALTER USER', who, ...words].join(' ')};`);
  const has = readGrants(is.grants);
  const granted = grants === undefined ? [] : grantChanges(grants, has, who, how);
  for (const { on, from, to } of granted) changes.push({ what: `privileges on ${on}`, from, to });
  sql.push(...granted.flatMap((one) => one.sql));
  const kept = has.filter(({ on }) => !granted.some((one) => one.on === on));
  return {
    changes,
    sql,
    after: {
      plugin,
      hash,
      tls: tls ?? is.tls,
      limits: { ...is.limits, ...limits },
      grants: [...kept, ...granted.map(({ grant }) => grant)].map((grant) => printedGrant(grant, who)),
    },
  };
}
