import * as v from 'valibot';
import type { Question } from '../../contract/index.ts';
import { databaseKind, loginArgs, type FromPostgresql, type PostgresqlLogin } from './postgresql.probe.ts';
import { literal } from './sql.ts';

/** What a role may do with an object. */
export interface PostgresqlGrant {
  /** Empty: PUBLIC. */
  readonly role: string;
  readonly privilege: string;
  /** It may pass it on. */
  readonly isGrantable: boolean;
}

export interface PostgresqlObject {
  readonly name: string;
  readonly grants: readonly PostgresqlGrant[];
}

/** All objects of a kind, in one schema where they lie in one. */
export interface PostgresqlGrants {
  readonly objects: readonly PostgresqlObject[];
  /** Every privilege on one of them. */
  readonly all: readonly string[];
  /** Every role there is. */
  readonly roles: readonly string[];
  /** The role that asks. */
  readonly asker: string;
}

interface Catalog {
  /** The letter acldefault() knows it by. */
  readonly letter: string;
  readonly from: string;
  readonly name: string;
  readonly acl: string;
  readonly owner: string;
  /** The column of its schema. */
  readonly schema?: string;
  readonly where?: string;
}

const functions: Catalog = {
  letter: 'f',
  from: 'pg_proc o',
  name: "o.proname || '(' || oidvectortypes(o.proargtypes) || ')'",
  acl: 'o.proacl',
  owner: 'o.proowner',
  schema: 'o.pronamespace',
  where: "o.prokind <> 'p'",
};
const relations: Catalog = {
  letter: 'r',
  from: 'pg_class o',
  name: 'o.relname',
  acl: 'o.relacl',
  owner: 'o.relowner',
  schema: 'o.relnamespace',
  where: "o.relkind IN ('r', 'v', 'm', 'f', 'p')",
};

/** Where PostgreSQL keeps who may do what (its manual, 5.7 and 53). */
const catalogs = {
  table: relations,
  sequence: { ...relations, letter: 's', where: "o.relkind = 'S'" },
  function: functions,
  procedure: { ...functions, where: "o.prokind = 'p'" },
  type: {
    letter: 'T',
    from: 'pg_type o',
    name: 'o.typname',
    acl: 'o.typacl',
    owner: 'o.typowner',
    schema: 'o.typnamespace',
  },
  database: { letter: 'd', from: 'pg_database o', name: 'o.datname', acl: 'o.datacl', owner: 'o.datdba' },
  schema: { letter: 'n', from: 'pg_namespace o', name: 'o.nspname', acl: 'o.nspacl', owner: 'o.nspowner' },
  language: { letter: 'l', from: 'pg_language o', name: 'o.lanname', acl: 'o.lanacl', owner: 'o.lanowner' },
  tablespace: { letter: 't', from: 'pg_tablespace o', name: 'o.spcname', acl: 'o.spcacl', owner: 'o.spcowner' },
  foreign_data_wrapper: {
    letter: 'F',
    from: 'pg_foreign_data_wrapper o',
    name: 'o.fdwname',
    acl: 'o.fdwacl',
    owner: 'o.fdwowner',
  },
  foreign_server: { letter: 'S', from: 'pg_foreign_server o', name: 'o.srvname', acl: 'o.srvacl', owner: 'o.srvowner' },
} satisfies Readonly<Record<string, Catalog>>;

/** Kinds of objects that have privileges of their own. */
export type ObjectType = keyof typeof catalogs;
export const objectTypes = [
  'table',
  'sequence',
  'function',
  'procedure',
  'type',
  'database',
  'schema',
  'language',
  'tablespace',
  'foreign_data_wrapper',
  'foreign_server',
] as const satisfies readonly ObjectType[];

export const liesInSchema = (type: string): boolean =>
  ['table', 'sequence', 'function', 'procedure', 'type', 'default_privs'].includes(type);

/** What objects that are made later get, by the letters of pg_default_acl. */
export const defaultObjects = { TABLES: 'r', SEQUENCES: 'S', FUNCTIONS: 'f', TYPES: 'T', SCHEMAS: 'n' } as const;

const exploded = (acl: string): string =>
  `(SELECT coalesce(json_agg(json_build_object('role', coalesce(g.rolname, ''), 'privilege', a.privilege_type, 'isGrantable', a.is_grantable)), '[]')
 FROM aclexplode(${acl}) a LEFT JOIN pg_roles g ON g.oid = a.grantee)`;

function queryOf(type: ObjectType | 'group' | 'default_privs', schema: string): string {
  const all = (letter: string): string =>
    `SELECT json_build_object('all', coalesce(json_agg(DISTINCT a.privilege_type), '[]')) FROM pg_roles r, aclexplode(acldefault('${letter}', r.oid)) a WHERE r.rolname = current_user AND a.grantee = r.oid;`;
  const about = `SELECT json_build_object('asker', current_user, 'roles', (SELECT json_agg(rolname) FROM pg_roles));\n`;
  if (type === 'group')
    return `${about}SELECT json_build_object('all', '["MEMBER"]'::json);
SELECT json_build_object('name', r.rolname, 'grants', (SELECT coalesce(json_agg(json_build_object('role', g.rolname, 'privilege', 'MEMBER', 'isGrantable', m.admin_option)), '[]') FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.member WHERE m.roleid = r.oid)) FROM pg_roles r;`;
  if (type === 'default_privs') {
    const acl =
      schema === ''
        ? `coalesce((SELECT d.defaclacl FROM pg_default_acl d WHERE d.defaclrole = r.oid AND d.defaclnamespace = 0 AND d.defaclobjtype = k.letter), acldefault(CASE k.letter WHEN 'S' THEN 's' ELSE k.letter END, r.oid))`
        : `(SELECT d.defaclacl FROM pg_default_acl d JOIN pg_namespace n ON n.oid = d.defaclnamespace WHERE d.defaclrole = r.oid AND n.nspname = ${literal(schema)} AND d.defaclobjtype = k.letter)`;
    const kinds = Object.entries(defaultObjects).map(([name, letter]) => `('${name}', '${letter}'::"char")`);
    const everything = Object.entries(defaultObjects).map(
      ([name, letter]) =>
        `SELECT '${name} ' || a.privilege_type AS p FROM pg_roles r, aclexplode(acldefault('${letter === 'S' ? 's' : letter}', r.oid)) a WHERE r.rolname = current_user AND a.grantee = r.oid`,
    );
    return `${about}SELECT json_build_object('all', json_agg(p)) FROM (${everything.join(' UNION ALL ')}) x;
SELECT json_build_object('name', k.name || ' of ' || r.rolname, 'grants', ${exploded(acl)}) FROM pg_roles r, (VALUES ${kinds.join(', ')}) k (name, letter);`;
  }
  const { letter, from, name, acl, owner, where = 'true', ...catalog }: Catalog = catalogs[type];
  const inSchema =
    catalog.schema === undefined
      ? ''
      : ` AND ${catalog.schema} = (SELECT oid FROM pg_namespace WHERE nspname = ${literal(schema)})`;
  return `${about}${all(letter)}
SELECT json_build_object('name', ${name}, 'grants', ${exploded(`coalesce(${acl}, acldefault('${letter}', ${owner}))`)}) FROM ${from} WHERE ${where}${inSchema};`;
}

const object = v.object({
  name: v.string(),
  grants: v.array(v.object({ role: v.string(), privilege: v.string(), isGrantable: v.boolean() })),
});
const words = v.array(v.string());

const kind = databaseKind('postgresql-grants', undefined, (rows): PostgresqlGrants => {
  const about = rows.find((row) => v.is(v.object({ asker: v.string(), roles: words }), row));
  const { asker, roles } = v.parse(v.object({ asker: v.string(), roles: words }), about);
  const { all } = v.parse(
    v.object({ all: words }),
    rows.find((row) => v.is(v.object({ all: words }), row)),
  );
  return { asker, roles, all, objects: rows.filter((row) => v.is(object, row)) };
});

/** Who may do what with the objects of a kind, in a database and, where they lie in one, a schema. */
export function postgresqlGrants(
  login: PostgresqlLogin,
  db: string,
  type: ObjectType | 'group' | 'default_privs',
  schema: string,
): Question<FromPostgresql<PostgresqlGrants>> {
  const query = queryOf(type, liesInSchema(type) ? schema : '');
  return { kind, args: [...loginArgs(login), db, Buffer.from(query).toString('base64')] };
}
