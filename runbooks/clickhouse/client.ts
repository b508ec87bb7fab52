import { option, shell, v, type Deferrable, type Secret } from 'play';

/** What all runbooks for ClickHouse take. */
export const clickhouseVariables = {
  clickhouse_database: option.text('The database of the table.', 'default'),
  clickhouse_table: option.text('The table.'),
  clickhouse_user: option.text('The user of ClickHouse.', 'default'),
  clickhouse_password: v.optional(option.secret('Its password. Default: that of the configuration of the client.')),
};

export interface Client {
  readonly clickhouse_user: string;
  readonly clickhouse_password?: Secret | undefined;
}

export interface Table {
  readonly clickhouse_database: string;
  readonly clickhouse_table: string;
}

/**
 * The client as shell text, for statements on its standard input. A password is in a file that root alone can read, as
 * all can read the arguments of a program, and old clients know no variable for it.
 */
export const clientFunction = `client() { clickhouse-client \${CLIENT_CONFIG:+--config-file "$CLIENT_CONFIG"} --user "$CLICKHOUSE_USER" -n; }
if [ -n "\${CLICKHOUSE_PASSWORD:-}" ]; then
  umask 077
  client_folder=$(mktemp -d)
  trap 'rm -rf "$client_folder"' EXIT
  CLIENT_CONFIG=$client_folder/client.xml
  printf '<config><password>%s</password></config>\\n' "$(printf %s "$CLICKHOUSE_PASSWORD" | sed 's/&/\\&amp;/g; s/</\\&lt;/g')" >"$CLIENT_CONFIG"
fi`;

const script = `set -eu\n${clientFunction}\nclient`;

/** Who asks, for a script with `clientFunction`. */
export const clientEnvironment = ({ clickhouse_user: user, clickhouse_password: password }: Client) => ({
  CLICKHOUSE_USER: user,
  ...(password === undefined ? {} : { CLICKHOUSE_PASSWORD: password }),
});

type ShellKeywords = Parameters<typeof shell>[1];

/** Reads, in check mode too. */
export function ask(client: Client, sql: Deferrable<string>, keywords: ShellKeywords = {}) {
  return shell({ cmd: script, stdin: sql, environment: clientEnvironment(client), changes: 'never' }, keywords);
}

/** Reads what an earlier task brings about: in check mode nothing is asked, and the answer is empty. */
export function askThen(client: Client, sql: Deferrable<string>, keywords: ShellKeywords = {}) {
  return tell(client, sql, { changedWhen: false, ...keywords });
}

/** Changes something. */
export function tell(client: Client, sql: Deferrable<string>, keywords: ShellKeywords = {}) {
  return shell({ cmd: script, stdin: sql, environment: clientEnvironment(client), changes: 'always' }, keywords);
}

/** A name in SQL, whatever is in it. */
export const identifier = (name: string): string => `\`${name.replaceAll(/[\\`]/g, '\\$&')}\``;

/** A text in SQL. */
export const literal = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`;

export const fullName = ({ clickhouse_database: database, clickhouse_table: table }: Table): string =>
  `${identifier(database)}.${identifier(table)}`;

/** Which rows of a system table are about this table. */
export const ofTable = ({ clickhouse_database: database, clickhouse_table: table }: Table): string =>
  `database = ${literal(database)} AND table = ${literal(table)}`;

/** Rows of `FORMAT JSONEachRow`, of which numbers may be texts. */
export function rowsOf(stdout: string): readonly Readonly<Record<string, unknown>>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line))
    .filter((row): row is Readonly<Record<string, unknown>> => typeof row === 'object' && row !== null);
}
