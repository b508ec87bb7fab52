import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { postgresqlMigrations } from './migrations.ts';
import { usualLogin, postgresqlPatches, type AppliedPatch } from './postgresql.probe.ts';

const one = 'CREATE TABLE one ();';
const two = '-- requires: 001-one\nCREATE TABLE two ();';
const role = {
  'files/sql/001-one.install.sql': one,
  'files/sql/001-one.rollback.sql': 'DROP TABLE one;',
  'files/sql/002-two.install.sql': two,
};
const record = (name: string, requires: string): string =>
  `\n;INSERT INTO _v.patches (patch_name, requires) VALUES ('${name}', ARRAY[${requires}]::text[]);\n`;

/** A database with these migrations (undefined: nobody made the table of them). */
const having = (...names: readonly string[]): HostDescription =>
  said({ isSetUp: true, patches: names.map((name): AppliedPatch => ({ name, requires: [] })) });
function said(answer: { isSetUp: boolean; patches: readonly AppliedPatch[] } | { down: string }): HostDescription {
  return { answers: [predict(postgresqlPatches(usualLogin, 'metadb'), answer)] };
}
const due = { src: 'sql', db: 'metadb' };

export const cases = planCases(postgresqlMigrations, {
  'all of them, in a database that has no table of them': {
    options: due,
    role,
    host: said({ isSetUp: false, patches: [] }),
    changes: ['apply 001-one', 'apply 002-two'],
    steps: ['make the table of migrations', 'apply 001-one', 'apply 002-two'],
    writes: { '001-one.install.sql': one, '002-two.install.sql': two },
    result: { pending: ['001-one', '002-two'], unknown: [] },
  },
  'right already': {
    options: due,
    role,
    host: having('001-one', '002-two'),
    result: { pending: [], unknown: [] },
  },
  'only what is missing, in a transaction with its record': {
    options: due,
    role,
    host: having('001-one'),
    changes: ['apply 002-two'],
    args: [['metadb', 'y', '', '', '']],
    stdin: [`\n${two}${record('002-two', "'001-one'")}`],
  },
  'one with a transaction of its own': {
    options: due,
    role: { 'files/sql/001-own.install.sql': "BEGIN;\nSELECT _v.register_patch('001-own');\nCOMMIT;\n" },
    host: having(),
    changes: ['apply 001-own'],
    args: [['metadb', 'n', '', '', '']],
    stdin: ["\nBEGIN;\nSELECT _v.register_patch('001-own');\nCOMMIT;\n\n"],
  },
  'only told': {
    options: { ...due, state: 'compared' },
    role,
    host: having('001-one', '000-old'),
    message: 'not applied yet: 002-two\napplied, but not among the files here: 000-old',
    result: { pending: ['002-two'], unknown: ['000-old'] },
  },
  'taken back': {
    options: { ...due, rollback: ['001-one'] },
    role,
    host: having('001-one'),
    changes: ['take back 001-one'],
    stdin: ["\nDROP TABLE one;\n;DELETE FROM _v.patches WHERE patch_name = '001-one';\n"],
  },
  'taken back already': { options: { ...due, rollback: ['001-one'] }, role, host: having() },
  'another one requires what is to be taken back': {
    options: { ...due, rollback: ['001-one'] },
    role,
    host: having('001-one', '002-two'),
    fails: 'the migration 001-one cannot be rolled back before 002-two, which requires it',
  },
  'nothing says how to take it back': {
    options: { ...due, rollback: ['002-two'] },
    role,
    host: having('001-one', '002-two'),
    fails: 'the migration 002-two has no 002-two.rollback.sql',
  },
  'a migration that is not here': {
    options: { ...due, rollback: ['009-nine'] },
    role,
    host: having(),
    fails: 'there is no migration 009-nine here, so it is unknown how to roll it back',
  },
  'a dependency that nobody has': {
    options: due,
    role: { 'files/sql/002-two.install.sql': two },
    host: having(),
    fails: 'the migration 002-two requires 001-one, which is neither applied nor among the files here',
  },
  'a dependency that comes later': {
    options: due,
    role: { 'files/sql/001-a.install.sql': '-- requires: 002-b\n', 'files/sql/002-b.install.sql': '' },
    fails: 'The migration "001-a" requires "002-b", which comes after it',
    hint: 'Migrations run in the order of their file names.',
  },
  'a command of psql that reads another file': {
    options: due,
    role: { 'files/sql/001-one.install.sql': '\\i other.sql\n' },
    fails: "A migration must not use psql's \\i",
    hint: 'Only this file is sent, to the database that the playbook names.',
  },
  'a rollback without what it takes back': {
    options: due,
    role: { 'files/sql/001-one.rollback.sql': 'DROP TABLE one;' },
    fails: '001-one.rollback.sql rolls back what no script installs',
    hint: 'Name the other 001-one.install.sql.',
  },
  'PostgreSQL is down': {
    options: due,
    role,
    host: said({ down: 'connection refused' }),
    fails: 'PostgreSQL cannot be asked: connection refused',
  },
  'the database is not there': {
    options: due,
    role,
    host: said({ down: 'FATAL:  database "metadb" does not exist' }),
    fails: 'PostgreSQL cannot be asked: FATAL:  database "metadb" does not exist',
    hint: "Make it before: postgresqlDb({ name: 'metadb' })",
  },
  'a database that may come with what is planned': {
    options: due,
    role,
    host: said({ down: 'database "metadb" does not exist' }),
    behind: {},
    changes: ['apply 001-one', 'apply 002-two'],
    assumed: ['PostgreSQL, as a new cluster, answers by then ("a task" changes the host before)'],
  },
  'a folder that is not there': { options: due, fails: 'The folder of migrations cannot be read' },
});
