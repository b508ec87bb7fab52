import * as v from 'valibot';
import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';
import { account, literal } from './sql.ts';

/** What a server of MariaDB or MySQL holds. */
export const mysqlSubject: Subject = { on: 'named', name: 'mysql' };

/** How a server is reached, and as whom. Empty: as the client has it. */
export interface MysqlLogin {
  readonly host: string;
  readonly port: string;
  readonly socket: string;
  /** A file of options on the host. */
  readonly config: string;
  readonly user: string;
  /** Root without a password is tried first. */
  readonly isImplicit: boolean;
  /** The text of a file of options with the password; empty for none. */
  readonly secretFile: string;
}

export interface MysqlDatabase {
  readonly name: string;
  readonly encoding: string;
  readonly collation: string;
}

/** An account as `mysql.user` and SHOW GRANTS have it. */
export interface MysqlAccount {
  readonly plugin: string;
  /** What the server keeps of the password: `*` and 40 digits. */
  readonly hash: string;
  /** `NONE`, `SSL`, `X509`, or what its certificate has to be. */
  readonly tls: string;
  readonly limits: Readonly<Record<string, number>>;
  /** As SHOW GRANTS prints them. */
  readonly grants: readonly string[];
}

/** The server's answer, or why it gave none. */
export type FromMysql<A> = A | { readonly down: string };

/**
 * sh: `reach PROGRAM OPTION...` runs a program of the server's, `my OPTION...` the client, by `$host`, `$port`, `$socket`, `$config`, `$user`, `$implicit` and `$encoded`, with SQL on its stdin. The password
 * reaches it by a descriptor: neither arguments nor files nor the environment have it. An error is told without the statement, which may hold
 * what the server keeps of a password.
 */
export const clientSh = `if command -v mariadb >/dev/null 2>&1; then tool=mariadb; else tool=mysql; fi
reach() {
  program=$1; shift
  file=$(printf %s "$encoded" | base64 -d)
  [ -z "$socket" ] || set -- "--socket=$socket" "$@"
  if [ "$implicit" = y ] && echo 'DO 0' | "$tool" --no-defaults --user=root --connect-timeout=10 \${socket:+"--socket=$socket"} >/dev/null 2>&1; then "$program" --no-defaults --user=root "$@"; return; fi
  [ -z "$host" ] || set -- "--host=$host" "$@"
  [ -z "$port" ] || set -- "--port=$port" "$@"
  [ -z "$user" ] || set -- "--user=$user" "$@"
  if [ -n "$file" ]; then "$program" --defaults-file=/dev/fd/3 "$@" 3<<END
$file
END
  elif [ -n "$config" ]; then "$program" "--defaults-extra-file=$config" "$@"
  else "$program" "$@"
  fi
}
my() { reach "$tool" -B -N --binary-mode --loose-skip-print-query-on-error --default-character-set=utf8mb4 --connect-timeout=10 "$@"; }`;

/** Asks one thing of a server: a login and SQL. */
function mysqlKind<A>(kind: string, read: (rows: readonly (readonly string[])[]) => A): ProbeKind<FromMysql<A>> {
  return {
    kind,
    arity: 8,
    sh: `${clientSh}
tr '\\0' '\\n' | while IFS= read -r host && IFS= read -r port && IFS= read -r socket && IFS= read -r config && IFS= read -r user && IFS= read -r implicit && IFS= read -r encoded && IFS= read -r sql; do
  if ! command -v "$tool" >/dev/null 2>&1; then echo "down MariaDB is not installed"
  elif out=$(printf %s "$sql" | base64 -d | my 2>&1); then printf '%s\\n' "$out" | sed 's/^/row /'; echo ok
  else echo "down $(printf '%s\\n' "$out" | tail -n 1)"; fi
done`,
    decode(stdout, questions) {
      const answers: (FromMysql<A> | ProbeFailure)[] = [];
      let rows: string[][] = [];
      for (const line of stdout.toString('utf8').split('\n')) {
        if (line.startsWith('row ')) rows.push(line.slice('row '.length).split('\t').map(unescaped));
        else if (line.startsWith('down ')) answers.push({ down: line.slice('down '.length) });
        else if (line === 'ok') answers.push(read(rows));
        if (line === 'ok' || line.startsWith('down ')) rows = [];
      }
      return questions.map((_, i) => answers[i] ?? new ProbeFailure('no answer'));
    },
    depends: () => [
      { on: 'packages' },
      { on: 'unit', unit: 'mariadb.service' },
      { on: 'unit', unit: 'mysql.service' },
      mysqlSubject,
    ],
  };
}

/** A field as the client prints it in batch mode. */
function unescaped(field: string): string {
  return field.replaceAll(/\\([nt0\\])/g, (_, what: string) => ({ n: '\n', t: '\t', 0: '\0' })[what] ?? what);
}

const three = v.tuple([v.string(), v.string(), v.string()]);
const databases = mysqlKind('mysql-databases', (rows): { readonly databases: readonly MysqlDatabase[] } => ({
  databases: v
    .parse(
      v.array(three),
      rows.filter((row) => row.length > 1),
    )
    .map(([name, encoding, collation]) => ({ name, encoding, collation })),
}));

/** How much a database holds. */
export interface FoundTables {
  readonly tables: number;
  /** A mark is among them: somebody was ended while it was filled. */
  readonly isUnfinished: boolean;
}

const tables = mysqlKind('mysql-tables', (rows): FoundTables => {
  const [count = '0', marks = '0'] = rows.find((row) => row.length === 2) ?? [];
  return { tables: Number(count), isUnfinished: marks !== '0' };
});

/** How many tables and views a database has, but for one of the name `mark`. */
export function mysqlTables(login: MysqlLogin, name: string, mark: string): Question<FromMysql<FoundTables>> {
  return question(
    tables,
    login,
    `SET SESSION sql_mode = '';
SELECT COALESCE(SUM(TABLE_NAME <> ${literal(mark)}), 0), COALESCE(SUM(TABLE_NAME = ${literal(mark)}), 0) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${literal(name)};`,
  );
}

/** What accounts may be limited in, with the columns of `mysql.user`. */
const limitColumns = {
  MAX_QUERIES_PER_HOUR: 'max_questions',
  MAX_UPDATES_PER_HOUR: 'max_updates',
  MAX_CONNECTIONS_PER_HOUR: 'max_connections',
  MAX_USER_CONNECTIONS: 'max_user_connections',
} as const;

/** An account, or null where there is none, and the version of the server. */
export interface FoundAccount {
  readonly version: string;
  readonly account: MysqlAccount | null;
}

const accounts = mysqlKind('mysql-account', (rows): FoundAccount => {
  const [version = ''] = rows[0] ?? [];
  const row = rows.find(([word]) => word === 'account');
  if (row === undefined) return { version, account: null };
  const [, plugin = '', hash = '', type = '', cipher = '', issuer = '', subject = '', ...numbers] = row;
  return {
    version,
    account: {
      plugin,
      hash,
      tls: tlsOf(type, { SUBJECT: subject, ISSUER: issuer, CIPHER: cipher }),
      limits: Object.fromEntries(Object.keys(limitColumns).map((name, i) => [name, Number(numbers[i] ?? 0)])),
      grants: rows.flatMap(([grant = '', ...more]) => (more.length === 0 && grant.startsWith('GRANT ') ? [grant] : [])),
    },
  };
});

/** What an account's connections have to be, in words of SQL. */
export function tlsOf(type: string, parts: Readonly<Record<'SUBJECT' | 'ISSUER' | 'CIPHER', string>>): string {
  if (type === 'SPECIFIED')
    return Object.entries(parts)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `${name} ${literal(value)}`)
      .join(' AND ');
  return { ANY: 'SSL', X509: 'X509' }[type] ?? 'NONE';
}

function question<A>(kind: ProbeKind<A>, login: MysqlLogin, sql: string): Question<A> {
  const { host, port, socket, config, user, isImplicit, secretFile } = login;
  const encode = (text: string): string => Buffer.from(text).toString('base64');
  return { kind, args: [host, port, socket, config, user, isImplicit ? 'y' : '', encode(secretFile), encode(sql)] };
}

/** Every database of a server. */
export function mysqlDatabases(
  login: MysqlLogin,
): Question<FromMysql<{ readonly databases: readonly MysqlDatabase[] }>> {
  return question(
    databases,
    login,
    'SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA;',
  );
}

/** An account of a server, with what it may do. */
export function mysqlAccount(login: MysqlLogin, name: string, host: string): Question<FromMysql<FoundAccount>> {
  // Who is not there has no grants to be shown: an error.
  const where = `FROM mysql.user WHERE User = ${literal(name)} AND Host = ${literal(host)}`;
  return question(
    accounts,
    login,
    `SET SESSION sql_mode = '';
SELECT VERSION();
SELECT 'account', plugin, authentication_string, ssl_type, ssl_cipher, x509_issuer, x509_subject, ${Object.values(limitColumns).join(', ')} ${where};
SET @shown = (SELECT IF(COUNT(*) = 0, 'DO 0', ${literal(`SHOW GRANTS FOR ${account(name, host)}`)}) ${where});
PREPARE shown FROM @shown; EXECUTE shown;`,
  );
}
