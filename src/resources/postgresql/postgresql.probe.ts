import * as v from 'valibot';
import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';

/** What a PostgreSQL cluster holds. */
export const postgresqlSubject: Subject = { on: 'named', name: 'postgresql' };

export interface PostgresqlRole {
  readonly name: string;
  /** As pg_authid has it: a SCRAM verifier, `md5...`, or null. */
  readonly password: string | null;
  /** `SUPERUSER`, `LOGIN` ...: those that are set. */
  readonly attributes: readonly string[];
  /** -1: no limit. */
  readonly connLimit: number;
  /** RFC 3339 in UTC, `infinity`, or null. */
  readonly validUntil: string | null;
  /** Sorted. */
  readonly memberOf: readonly string[];
}

export interface PostgresqlDatabase {
  readonly name: string;
  readonly owner: string;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  readonly connLimit: number;
}

/** A migration that was applied. */
export interface AppliedPatch {
  readonly name: string;
  readonly requires: readonly string[];
}

/** The cluster's answer, or why it gave none. */
export type FromPostgresql<A> = A | { readonly down: string };

/** How a cluster is reached, and as whom. Empty: as psql has it, as the account that may do everything. */
export interface PostgresqlLogin {
  readonly port: string;
  /** A host, or the folder of a socket. */
  readonly host: string;
  readonly user: string;
  readonly password: string;
}

/** The usual cluster of the host itself. */
export const usualLogin: PostgresqlLogin = { port: '', host: '', user: '', password: '' };

/**
 * sh: `pg ARGUMENT...` is psql by `$port`, `$host`, `$user` and `$encoded`. Without a password it is the account of that name, `postgres` by
 * default, that asks over the socket: the server knows it by its name (peer authentication, PostgreSQL's manual, 21.9). A password is in the
 * environment of psql alone, which only root and its own account can see.
 */
export const pgSh = `pg() {
  set -- -X -q -w "$@"
  [ -z "$port" ] || set -- -p "$port" "$@"
  [ -z "$host" ] || set -- -h "$host" "$@"
  [ -z "$user" ] || set -- -U "$user" "$@"
  if [ -n "$encoded" ]; then PGPASSWORD=$(printf %s "$encoded" | base64 -d) psql "$@"; return; fi
  case $(id -u):$host in 0:|0:/*) id -u -- "\${user:-postgres}" >/dev/null 2>&1 && { runuser -u "\${user:-postgres}" -- psql "$@"; return; } ;; esac
  psql "$@"
}`;

/** What a question has of a login: four strings. */
export const loginArgs = ({ port, host, user, password }: PostgresqlLogin): string[] => [
  port,
  host,
  user,
  Buffer.from(password).toString('base64'),
];

const roleAttributes = ['SUPERUSER', 'CREATEDB', 'CREATEROLE', 'INHERIT', 'LOGIN', 'REPLICATION', 'BYPASSRLS'] as const;
const columns = [
  'rolsuper',
  'rolcreatedb',
  'rolcreaterole',
  'rolinherit',
  'rolcanlogin',
  'rolreplication',
  'rolbypassrls',
];

const rolesQuery = `SELECT json_build_object('name', r.rolname, 'password', r.rolpassword, 'connLimit', r.rolconnlimit,
 'attributes', array_remove(ARRAY[${columns.map((column, i) => `CASE WHEN r.${column} THEN '${roleAttributes[i] ?? ''}' END`).join(', ')}], NULL),
 'validUntil', CASE WHEN r.rolvaliduntil IN ('infinity', '-infinity') THEN r.rolvaliduntil::text ELSE to_char(r.rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') END,
 'memberOf', ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid ORDER BY 1))
FROM pg_authid r;`;

const databasesQuery = `SELECT json_build_object('name', d.datname, 'owner', pg_get_userbyid(d.datdba), 'encoding', pg_encoding_to_char(d.encoding),
 'collate', d.datcollate, 'ctype', d.datctype, 'connLimit', d.datconnlimit) FROM pg_database d;`;

const patchesQuery = `SELECT to_regclass('_v.patches') IS NOT NULL AS there \\gset
\\if :there
SELECT json_build_object('name', patch_name, 'requires', coalesce(requires, '{}')) FROM _v.patches ORDER BY applied_tsz, patch_name;
SELECT '{}';
\\endif`;

/**
 * Asks one thing of several databases: each is a login and a name.
 *
 * @param query undefined: each question brings its own
 */
export function databaseKind<A>(
  kind: string,
  query: string | undefined,
  read: (rows: readonly unknown[]) => A,
): ProbeKind<FromPostgresql<A>> {
  return {
    kind,
    arity: query === undefined ? 6 : 5,
    sh: `${pgSh}
query=$(cat <<'END'
${query ?? ''}
END
)
tr '\\0' '\\n' | while IFS= read -r port && IFS= read -r host && IFS= read -r user && IFS= read -r encoded && IFS= read -r db${query === undefined ? ' && IFS= read -r text && query=$(printf %s "$text" | base64 -d)' : ''}; do
  if ! command -v psql >/dev/null 2>&1; then echo "down PostgreSQL is not installed"
  elif out=$(printf '%s\\n' "$query" | pg -A -t -v ON_ERROR_STOP=1 -d "$db" -f - 2>&1); then printf '%s\\n' "$out"; echo ok
  else echo "down $(printf '%s\\n' "$out" | tail -n 1)"; fi
done`,
    decode(stdout, questions) {
      const answers: (FromPostgresql<A> | ProbeFailure)[] = [];
      let rows: unknown[] = [];
      for (const line of stdout.toString('utf8').split('\n')) {
        if (line.startsWith('{')) rows.push(JSON.parse(line));
        else if (line.startsWith('down ')) answers.push({ down: line.slice('down '.length) });
        else if (line === 'ok') answers.push(read(rows));
        if (line === 'ok' || line.startsWith('down ')) rows = [];
      }
      return questions.map((_, i) => answers[i] ?? new ProbeFailure('no answer'));
    },
    depends: () => [{ on: 'packages' }, { on: 'unit', unit: 'postgresql.service' }, postgresqlSubject],
  };
}

const role = v.object({
  name: v.string(),
  password: v.nullable(v.string()),
  attributes: v.array(v.string()),
  connLimit: v.number(),
  validUntil: v.nullable(v.string()),
  memberOf: v.array(v.string()),
});
const database = v.object({
  name: v.string(),
  owner: v.string(),
  encoding: v.string(),
  collate: v.string(),
  ctype: v.string(),
  connLimit: v.number(),
});
const patch = v.object({ name: v.string(), requires: v.array(v.string()) });

const rolesKind = databaseKind(
  'postgresql-roles',
  rolesQuery,
  (rows): { readonly roles: readonly PostgresqlRole[] } => ({ roles: v.parse(v.array(role), rows) }),
);
const databasesKind = databaseKind(
  'postgresql-databases',
  databasesQuery,
  (rows): { readonly databases: readonly PostgresqlDatabase[] } => ({ databases: v.parse(v.array(database), rows) }),
);
const patchesKind = databaseKind(
  'postgresql-patches',
  patchesQuery,
  (rows): { readonly isSetUp: boolean; readonly patches: readonly AppliedPatch[] } => {
    const found = rows.filter((row) => v.is(patch, row));
    // The empty row tells that the table is there.
    return { isSetUp: rows.length > found.length, patches: found };
  },
);

/** Every role of a cluster. */
export function postgresqlRoles(
  login: PostgresqlLogin = usualLogin,
): Question<FromPostgresql<{ readonly roles: readonly PostgresqlRole[] }>> {
  return { kind: rolesKind, args: [...loginArgs(login), 'postgres'] };
}

/** Every database of a cluster. */
export function postgresqlDatabases(
  login: PostgresqlLogin = usualLogin,
): Question<FromPostgresql<{ readonly databases: readonly PostgresqlDatabase[] }>> {
  return { kind: databasesKind, args: [...loginArgs(login), 'postgres'] };
}

/** The migrations a database has, in the order in which they came, and whether it has the table for them. */
export function postgresqlPatches(
  login: PostgresqlLogin,
  db: string,
): Question<FromPostgresql<{ readonly isSetUp: boolean; readonly patches: readonly AppliedPatch[] }>> {
  return { kind: patchesKind, args: [...loginArgs(login), db] };
}
