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

/**
 * sh: `pg ARGUMENT...` is psql as the account that may do everything: the server knows it by its name (peer
 * authentication, PostgreSQL's manual, 21.9), so no password is needed.
 */
export const asPostgres = `pg() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- psql -X -q "$@"; else psql -X -q "$@"; fi; }`;

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

/** Asks one thing of several databases: each is a port (empty: the usual one) and a name. */
function databaseKind<A>(
  kind: string,
  query: string,
  read: (rows: readonly unknown[]) => A,
): ProbeKind<FromPostgresql<A>> {
  return {
    kind,
    arity: 2,
    sh: `${asPostgres}
query=$(cat <<'END'
${query}
END
)
tr '\\0' '\\n' | while IFS= read -r port && IFS= read -r db; do
  if ! command -v psql >/dev/null 2>&1; then echo "down PostgreSQL is not installed"
  elif out=$(printf '%s\\n' "$query" | pg -A -t -v ON_ERROR_STOP=1 -d "$db" \${port:+-p "$port"} -f - 2>&1); then printf '%s\\n' "$out"; echo ok
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

const usual = (port: number | undefined): string => (port === undefined ? '' : String(port));

/** Every role of a cluster. */
export function postgresqlRoles(
  port: number | undefined,
): Question<FromPostgresql<{ readonly roles: readonly PostgresqlRole[] }>> {
  return { kind: rolesKind, args: [usual(port), 'postgres'] };
}

/** Every database of a cluster. */
export function postgresqlDatabases(
  port: number | undefined,
): Question<FromPostgresql<{ readonly databases: readonly PostgresqlDatabase[] }>> {
  return { kind: databasesKind, args: [usual(port), 'postgres'] };
}

/** The migrations a database has, in the order in which they came, and whether it has the table for them. */
export function postgresqlPatches(
  port: number | undefined,
  db: string,
): Question<FromPostgresql<{ readonly isSetUp: boolean; readonly patches: readonly AppliedPatch[] }>> {
  return { kind: patchesKind, args: [usual(port), db] };
}
