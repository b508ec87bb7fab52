import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Options, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { text } from '../kit/schemas.ts';
import { answered, faultOfLogin, loginOf, loginOptions, runSql, serverOf } from './login.ts';
import { mysqlDatabases, mysqlSubject, type MysqlDatabase, type MysqlLogin } from './mysql.probe.ts';
import { databaseName, identifier } from './sql.ts';

const word = /^[a-z][a-z0-9_]*$/;

const options = {
  name: databaseName('The database.'),
  encoding: v.optional(
    v.pipe(
      text(
        'The default character set for what is created in it from now on, such as `utf8mb4`. Existing tables keep theirs.',
      ),
      v.regex(word, 'must be the name of a character set, such as utf8mb4'),
    ),
  ),
  collation: v.optional(
    v.pipe(
      text('The default collation, such as `utf8mb4_general_ci`. Existing tables keep theirs.'),
      v.regex(word, 'must be the name of a collation, such as utf8mb4_general_ci'),
    ),
  ),
  state: v.optional(
    v.pipe(
      v.picklist(['present', 'absent']),
      v.description('Whether the database should exist. `absent` deletes everything in it. Default `present`.'),
    ),
    'present',
  ),
  ...loginOptions,
};

interface Wanted extends Pick<Options<typeof options>, 'name' | 'encoding' | 'collation' | 'state'> {
  readonly login: MysqlLogin;
}

interface DatabaseResult {
  /** The name of the database. */
  readonly name: string;
}

/** A database of MariaDB or MySQL. */
export const mysqlDb = defineResource({
  name: 'mysqlDb',
  summary: 'A database of MariaDB (or MySQL), with its default character set and collation.',
  options,
  example: `mysqlDb({ name: 'shop', encoding: 'utf8mb4' })`,
  validateOptions: faultOfLogin,
  title: ({ name }) => name ?? '',
  prepare(given): Wanted {
    const { login, rest } = loginOf(given);
    return { ...rest, login };
  },
  probes: ({ login }) => [mysqlDatabases(login)],
  plan,
  owns: ({ name, login }) => [{ on: 'named', name: `mysql database ${name}${serverOf(login)}` }],
});

/** `utf8` is what was `utf8mb3` before there were others (MariaDB's manual, "Unicode"). */
const fullName = (name: string): string => name.replace(/^utf8(?=$|_)/, 'utf8mb3');

function plan(wanted: Wanted, found: Found): Plan<DatabaseResult> {
  const { name, login, encoding, collation, state } = wanted;
  const question = mysqlDatabases(login);
  const { databases } = answered(found.get(question), { databases: [] }, found);
  const now = databases.find((one) => one.name === name);
  const others = databases.filter((one) => one.name !== name);
  const work = (
    sql: string,
    label: string,
    changes: readonly Change[],
    after: readonly MysqlDatabase[],
  ): Plan<DatabaseResult> => ({
    ...settled({ name }),
    changes,
    steps: [runSql(login, [sql], label)],
    after: [predict(question, { databases: after })],
    touches: [mysqlSubject],
  });
  if (state === 'absent') {
    if (now === undefined) return settled({ name });
    const changes = [{ what: 'state', from: 'present', to: 'absent' }];
    return work(`DROP DATABASE ${identifier(name)};`, `remove the database ${name}`, changes, others);
  }
  const differs = (is: string | undefined, shall: string | undefined): shall is string =>
    shall !== undefined && (is === undefined || fullName(is) !== fullName(shall));
  const changes: Change[] = now === undefined ? [{ what: 'state', from: 'absent', to: 'present' }] : [];
  const words: string[] = [];
  if (differs(now?.encoding, encoding)) {
    changes.push({ what: 'encoding', ...(now && { from: now.encoding }), to: encoding });
    words.push(`CHARACTER SET ${encoding}`);
  }
  // Another encoding brings its own collation.
  if (differs(words.length > 0 ? undefined : now?.collation, collation)) {
    if (now?.collation !== collation)
      changes.push({ what: 'collation', ...(now && { from: now.collation }), to: collation });
    words.push(`COLLATE ${collation}`);
  }
  if (changes.length === 0) return settled({ name });
  const verb = now === undefined ? 'CREATE' : 'ALTER';
  return work(
    `${[`${verb} DATABASE ${identifier(name)}`, ...words].join(' ')};`,
    `${now === undefined ? 'make' : 'change'} the database ${name}`,
    changes,
    [...others, { name, encoding: encoding ?? now?.encoding ?? '', collation: collation ?? '' }],
  );
}
