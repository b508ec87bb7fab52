import { option, PlayError, Secret, v } from 'play';

/** A name that needs no quotes in SQL. */
export const identifier = (description: string) =>
  option.text(description, v.regex(/^[a-z_][a-z0-9_]*$/, 'must consist of lower-case letters, digits and "_"'));
const grantPattern = /^([A-Z][A-Za-z ]*(?:, ?[A-Z][A-Za-z ]*)*) ON (\*|[a-z_][a-z0-9_]*)\.(\*|[a-z_][a-z0-9_]*)$/;
const grant = option.text(
  'Privileges and what they are for: `SELECT, INSERT ON default.*`.',
  v.regex(grantPattern, 'must be PRIVILEGES ON DATABASE.TABLE, such as "SELECT, INSERT ON default.*"'),
  // The server writes these down as all that they stand for, so that nobody could tell whether they are there.
  v.check(
    (text) => !/^(?:.*, ?)?(?:ALL|ALL PRIVILEGES|NONE)(?:,| ON)/.test(text),
    'must name its privileges: ALL means a different list in each version',
  ),
);

export const sqlUser = v.strictObject({
  name: identifier('Whom the grants are for.'),
  grants: option.list(
    'What they may do, and nothing else: `SELECT ON default.*`.',
    grant,
    v.minLength(1, 'must grant something'),
  ),
});
export type SqlUser = v.InferOutput<typeof sqlUser>;

/** Users the server has, each with its grants: `SELECT ON default.*`. */
export type FoundUsers = ReadonlyMap<string, { readonly storage: string; readonly grants: ReadonlySet<string> }>;

/** What is asked of the server, as a client reads it from its standard input: rows of JSON, users before grants. */
export function usersQuestion(users: readonly SqlUser[]): string {
  const names = users.map(({ name }) => `'${name}'`).join(', ');
  return [
    `SELECT name, storage FROM system.users WHERE name IN (${names}) ORDER BY name FORMAT JSONEachRow;`,
    `SELECT user_name, access_type, database, table, column, is_partial_revoke, grant_option FROM system.grants WHERE user_name IN (${names}) FORMAT JSONEachRow;\n`,
  ].join('\n');
}

const userRow = v.object({ name: v.string(), storage: v.string() });
const nullable = v.nullish(v.string());
const flag = v.pipe(v.union([v.number(), v.string(), v.boolean()]), v.transform(Number));
const grantRow = v.object({
  user_name: v.string(),
  access_type: v.string(),
  database: nullable,
  table: nullable,
  column: nullable,
  is_partial_revoke: flag,
  grant_option: flag,
});
const row = v.union([userRow, grantRow]);

/** Reads its answer. @throws PlayError for one that is another than those of ClickHouse 20.5 to 26.7 */
export function decodeUsers(answer: string): FoundUsers {
  const found = new Map<string, { storage: string; grants: Set<string> }>();
  for (const line of answer.split('\n').filter((text) => text.trim() !== '')) {
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), row), line);
    if (!parsed.success) throw new PlayError('ClickHouse described its users in an unknown format', { detail: line });
    const one = parsed.output;
    if ('name' in one) found.set(one.name, { storage: one.storage, grants: new Set() });
    else found.get(one.user_name)?.grants.add(grantText(one));
  }
  return found;
}

function grantText({
  access_type,
  database,
  table,
  column,
  is_partial_revoke,
  grant_option,
}: v.InferOutput<typeof grantRow>): string {
  const columns = column ? `(${column})` : '';
  return `${is_partial_revoke ? 'REVOKED ' : ''}${access_type}${columns} ON ${database ?? '*'}.${table ?? '*'}${grant_option ? ' WITH GRANT OPTION' : ''}`;
}

/** `SELECT, INSERT ON a.b` as the server lists it: one privilege each. */
function grantsOf({ grants }: SqlUser): string[] {
  return grants.flatMap((text) => {
    const [, privileges = '', database = '', table = ''] = grantPattern.exec(text) ?? [];
    return privileges.split(/, ?/).map((privilege) => `${privilege} ON ${database}.${table}`);
  });
}

/**
 * The statements that make users as they shall be: those that are missing are made, what is not granted is, what is
 * granted beyond is taken back. None: all is right. The server keeps a password's hash alone, which it does not tell:
 * the password of a user that is there is not looked at.
 *
 * @throws PlayError for a user of users.xml, whom SQL cannot change
 */
export function usersStatements(
  users: readonly SqlUser[],
  found: FoundUsers,
  passwordOf: (name: string) => Secret,
): (string | Secret)[] {
  return users.flatMap((user) => {
    const { name } = user;
    const now = found.get(name);
    // The older name is that of 21.
    if (now !== undefined && /^users[._]xml$/.test(now.storage))
      throw new PlayError(`The user ${name} of clickhouse_sql_users is in users.xml`, {
        hint: 'Remove it from clickhouse_users, or choose another name.',
      });
    const wanted = grantsOf(user);
    const create = now === undefined ? [createUser(name, passwordOf(name))] : [];
    const missing = wanted.filter((one) => now?.grants.has(one) !== true).map((one) => `GRANT ${one} TO ${name};`);
    const beyond = [...(now?.grants ?? [])].filter((one) => !wanted.includes(one)).toSorted();
    // A privilege that is taken back in part, or that may be handed on, is easiest told by starting anew.
    if (beyond.some((one) => /^REVOKED | WITH GRANT OPTION$|\)/.test(one)))
      return [`REVOKE ALL ON *.* FROM ${name};`, ...wanted.map((one) => `GRANT ${one} TO ${name};`)];
    return [...create, ...beyond.map((one) => `REVOKE ${one} FROM ${name};`), ...missing];
  });
}

function createUser(name: string, password: Secret): Secret {
  return new Secret(
    () =>
      `CREATE USER IF NOT EXISTS ${name} IDENTIFIED WITH sha256_password BY '${password.expose().replaceAll('\\', '\\\\').replaceAll("'", "\\'")}';`,
    password.source,
  );
}

/** Statements as a client reads them; secret, as passwords are among them. */
export function asInput(statements: readonly (string | Secret)[]): Secret {
  return new Secret(
    () => `${statements.map((one) => (one instanceof Secret ? one.expose() : one)).join('\n')}\n`,
    'passwords of clickhouse_sql_users',
  );
}
