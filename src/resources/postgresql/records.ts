import type { Migration } from './migration-files.ts';
import { literal } from './sql.ts';

/**
 * Where it is recorded which migrations a database has: the table and the functions that migrations call by themselves,
 * by the names the pipeline's scripts use. Made only where neither the database nor a migration has them.
 */
export const recordsSql = `CREATE SCHEMA IF NOT EXISTS _v;
CREATE TABLE IF NOT EXISTS _v.patches (
  patch_name text PRIMARY KEY,
  applied_tsz timestamptz NOT NULL DEFAULT now(),
  applied_by text NOT NULL DEFAULT current_user,
  requires text[],
  conflicts text[]
);
COMMENT ON TABLE _v.patches IS 'Which migrations this database has';
CREATE OR REPLACE FUNCTION _v.register_patch(name text, requires text[] DEFAULT NULL, conflicts text[] DEFAULT NULL) RETURNS void AS $body$
DECLARE
  wrong text;
BEGIN
  LOCK TABLE _v.patches IN EXCLUSIVE MODE;
  IF EXISTS (SELECT FROM _v.patches p WHERE p.patch_name = $1) THEN
    RAISE EXCEPTION 'The migration % was applied before', $1;
  END IF;
  SELECT string_agg(one, ', ') INTO wrong FROM unnest($2) one WHERE NOT EXISTS (SELECT FROM _v.patches p WHERE p.patch_name = one);
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'The migration % requires %', $1, wrong;
  END IF;
  SELECT string_agg(p.patch_name, ', ') INTO wrong FROM _v.patches p WHERE p.patch_name = ANY ($3);
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'The migration % conflicts with %', $1, wrong;
  END IF;
  INSERT INTO _v.patches (patch_name, requires, conflicts) VALUES ($1, coalesce($2, '{}'), coalesce($3, '{}'));
END
$body$ LANGUAGE plpgsql;
CREATE OR REPLACE FUNCTION _v.unregister_patch(name text) RETURNS void AS $body$
DECLARE
  wrong text;
BEGIN
  LOCK TABLE _v.patches IN EXCLUSIVE MODE;
  SELECT string_agg(p.patch_name, ', ') INTO wrong FROM _v.patches p WHERE $1 = ANY (p.requires);
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'The migration % is required by %', $1, wrong;
  END IF;
  DELETE FROM _v.patches p WHERE p.patch_name = $1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'The migration % was not applied', $1;
  END IF;
END
$body$ LANGUAGE plpgsql;`;

/** A migration as it is sent: its own text, with the record where it makes none itself. */
export function installSql({ name, requires, install }: Migration): string {
  if (install.recordsItself) return install.sql;
  const list = requires.map(literal).join(', ');
  return `${install.sql}\n;INSERT INTO _v.patches (patch_name, requires) VALUES (${literal(name)}, ARRAY[${list}]::text[]);`;
}

export function rollbackSql({ name, rollback }: Migration): string {
  if (!rollback) throw new Error(`${name} has no rollback script`);
  return rollback.recordsItself
    ? rollback.sql
    : `${rollback.sql}\n;DELETE FROM _v.patches WHERE patch_name = ${literal(name)};`;
}
