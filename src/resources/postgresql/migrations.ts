import { basename } from 'node:path';
import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Plan, type Step } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { roleFile } from '../kit/role-file.ts';
import { text } from '../kit/schemas.ts';
import { faultOfLogin, loginOf, loginOptions } from './login.ts';
import { readMigrations, type Migration, type Script } from './migration-files.ts';
import { postgresqlPatches, postgresqlSubject, type AppliedPatch, type PostgresqlLogin } from './postgresql.probe.ts';
import { installSql, recordsSql, rollbackSql } from './records.ts';
import { answered, runSql, sqlName } from './sql.ts';

export interface MigrationsResult {
  /**
   * Migrations in this folder that the database does not have (with `rollback`: those to be undone), in the order in
   * which they are run.
   */
  readonly pending: readonly string[];
  /** Migrations that the database has but this folder does not. */
  readonly unknown: readonly string[];
}

interface Wanted {
  readonly migrations: readonly Migration[];
  readonly db: string;
  readonly login: PostgresqlLogin;
  readonly rollback: readonly string[];
  readonly applies: boolean;
}

/** SQL scripts that a database gets once each. */
export const postgresqlMigrations = defineResource({
  name: 'postgresqlMigrations',
  summary:
    'SQL scripts that are run once each on a database, in order, and recorded in its table `_v.patches`; check mode shows them.',
  options: {
    src: text(
      "Folder with `NAME.install.sql` and `NAME.rollback.sql`: a path relative to the role's `files/`, or an absolute one. Dependencies are declared by `_v.register_patch('NAME', ARRAY['OTHER'])` in the script, or by a comment `-- requires: OTHER`.",
    ),
    db: sqlName('The database.'),
    rollback: v.optional(
      v.pipe(v.array(v.string()), v.description('Roll these back, last first, and apply none.')),
      [],
    ),
    state: v.optional(
      v.pipe(
        v.picklist(['applied', 'compared']),
        v.description('`compared` only reports what would be run, for a confirmation in between. Default `applied`.'),
      ),
      'applied',
    ),
    ...loginOptions,
  },
  validateOptions: faultOfLogin,
  example: `const due = postgresqlMigrations({ src: 'migrations', db: 'metadb', state: 'compared' });
confirm({ prompt: 'Apply them?', answer: 'apply' }, { when: ({ results }) => results(due).pending.length > 0 });
postgresqlMigrations({ src: 'migrations', db: 'metadb' })`,
  title: (options) => options.db ?? '',
  prepare: ({ src, db, rollback, state, ...login }, scope): Wanted => ({
    migrations: readMigrations(roleFile(scope, 'files', src)),
    db,
    rollback,
    applies: state === 'applied',
    login: loginOf(login),
  }),
  probes: (wanted) => [postgresqlPatches(wanted.login, wanted.db)],
  plan,
});

function plan(wanted: Wanted, found: Found): Plan<MigrationsResult> {
  const { migrations, db, applies } = wanted;
  const question = postgresqlPatches(wanted.login, db);
  const is = answered(found.get(question), { isSetUp: false, patches: [] }, found);
  const unknown = is.patches.map((one) => one.name).filter((name) => migrations.every((one) => one.name !== name));
  const isBack = wanted.rollback.length > 0;
  const due = isBack ? toTakeBack(wanted, is.patches) : toApply(migrations, is.patches);
  if (typeof due === 'string') return { ...settled({ pending: [], unknown }), failure: due };
  const pending = due.map((one) => one.name);
  const result = { pending, unknown };
  const told = [
    ...(pending.length > 0 ? [`${isBack ? 'to be rolled back' : 'not applied yet'}: ${pending.join(', ')}`] : []),
    ...(unknown.length > 0 ? [`applied, but not among the files here: ${unknown.join(', ')}`] : []),
  ];
  const message = told.length > 0 && !applies ? { message: told.join('\n') } : {};
  if (!applies || due.length === 0) return { ...settled(result), ...message };
  const scripts = due.map(
    (
      one,
    ): {
      readonly verb: 'apply' | 'take back';
      readonly migration: Migration;
      readonly script: Script;
      readonly sql: string;
    } => {
      if (isBack && one.rollback)
        return { verb: 'take back', migration: one, script: one.rollback, sql: rollbackSql(one) };
      return { verb: 'apply', migration: one, script: one.install, sql: installSql(one) };
    },
  );
  const needsRecords = !is.isSetUp && !migrations.some((one) => one.makesRecords);
  const run = (sql: string, transaction: boolean, label: string): Step =>
    runSql(sql, { login: wanted.login, db, transaction, label });
  return {
    changes: scripts.map(({ verb, migration, script }): Change => ({
      what: verb,
      to: migration.name,
      text: { path: basename(script.file), before: null, after: Buffer.from(script.sql) },
    })),
    steps: [
      ...(needsRecords ? [run(recordsSql, true, 'make the table of migrations')] : []),
      // As it is; only one without a transaction of its own is put into one, its record with it.
      ...scripts.map(({ verb, migration, script, sql }) => run(sql, !script.isFree, `${verb} ${migration.name}`)),
    ],
    after: [
      predict(question, {
        isSetUp: true,
        patches: isBack
          ? is.patches.filter((one) => !pending.includes(one.name))
          : [...is.patches, ...due.map(({ name, requires }) => ({ name, requires }))],
      }),
    ],
    touches: [postgresqlSubject],
    result,
  };
}

/** @returns a sentence when that cannot be */
function toApply(migrations: readonly Migration[], applied: readonly AppliedPatch[]): Migration[] | string {
  const has = new Set(applied.map((one) => one.name));
  const due = migrations.filter((one) => !has.has(one.name));
  for (const { name, requires } of due) {
    const missing = requires.find((one) => !has.has(one));
    if (missing !== undefined)
      return `the migration ${name} requires ${missing}, which is neither applied nor among the files here`;
    has.add(name);
  }
  return due;
}

function toTakeBack({ migrations, rollback }: Wanted, applied: readonly AppliedPatch[]): Migration[] | string {
  const strange = rollback.find((name) => migrations.every((one) => one.name !== name));
  if (strange !== undefined) return `there is no migration ${strange} here, so it is unknown how to roll it back`;
  const goes = new Set(rollback);
  const due = applied
    .map((one) => migrations.find(({ name }) => name === one.name && goes.has(name)))
    .filter((one) => one !== undefined)
    .toReversed();
  const without = due.find((one) => one.rollback === undefined);
  if (without)
    return `the migration ${without.name} has no ${without.install.file.replace(/^.*\//, '').replace(/install\.sql$/, 'rollback.sql')}`;
  // What a migration requires is in its file also where the database was not told.
  const requires = (one: AppliedPatch): readonly string[] => [
    ...one.requires,
    ...(migrations.find(({ name }) => name === one.name)?.requires ?? []),
  ];
  for (const one of applied) {
    const needed = requires(one).find((name) => goes.has(name));
    if (needed !== undefined && !goes.has(one.name))
      return `the migration ${needed} cannot be rolled back before ${one.name}, which requires it`;
  }
  return due;
}
