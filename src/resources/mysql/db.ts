import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Options, type Plan } from '../../contract/index.ts';
import { splitWords } from '../../inventory/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { filePath, flag, text } from '../kit/schemas.ts';
import { planDump, planImport } from './db-file.ts';
import { answered, faultOfLogin, loginOf, loginOptions, runSql, serverOf } from './login.ts';
import { mysqlDatabases, mysqlSubject, type MysqlDatabase, type MysqlLogin } from './mysql.probe.ts';
import { databaseName, identifier } from './sql.ts';

const word = /^[a-z][a-z0-9_]*$/;

const options = {
  name: databaseName('The database. For a dump or an import, `all` stands for all of them.'),
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
      v.picklist(['present', 'absent', 'dump', 'import']),
      v.description(
        'Whether the database should exist. `absent` deletes everything in it. `dump` writes it to `target`, every time. `import` reads `target` into a database that has no tables yet (or whose import was interrupted); Ansible imports every time. Default `present`.',
      ),
    ),
    'present',
  ),
  target: v.optional(
    filePath(
      'With `dump` and `import`: the SQL file on the host; compressed if its name ends in `.gz`, `.bz2`, `.xz` or `.zst`. A new one is readable by its owner alone (`0600`).',
    ),
  ),
  force: flag('With `import`: every time, even into a database that has tables.', false),
  singleTransaction: flag('With `dump`: a consistent snapshot without locks, as InnoDB can make.', false),
  ignoreTables: v.optional(
    v.pipe(v.array(v.string()), v.description("With `dump`: tables to leave out: `['shop.sessions']`.")),
    [],
  ),
  hexBlob: flag('With `dump`: write binary columns in hexadecimal.', false),
  dumpExtraArgs: v.optional(
    text(
      'With `dump`: more options of mariadb-dump(1): `--routines --events`. No passwords: they would be visible in the process list.',
    ),
    '',
  ),
  ...loginOptions,
};

interface Wanted extends Pick<
  Options<typeof options>,
  | 'name'
  | 'encoding'
  | 'collation'
  | 'state'
  | 'target'
  | 'force'
  | 'singleTransaction'
  | 'ignoreTables'
  | 'hexBlob'
  | 'dumpExtraArgs'
> {
  readonly login: MysqlLogin;
}

interface DatabaseResult {
  /** The name of the database. */
  readonly name: string;
}

/** A database of MariaDB or MySQL. */
export const mysqlDb = defineResource({
  name: 'mysqlDb',
  summary:
    'A MariaDB (or MySQL) database, with its default character set and collation; also dumps it to a file, or imports one.',
  options,
  example: `mysqlDb({ name: 'shop', encoding: 'utf8mb4' })
mysqlDb({ name: 'shop', state: 'import', target: '/srv/shop/schema.sql' })
mysqlDb({ name: 'shop', state: 'dump', target: '/var/backups/shop.sql.gz', singleTransaction: true })`,
  validateOptions: (given) => faultOfFile(given) ?? faultOfLogin(given),
  title: ({ name }) => name ?? '',
  prepare(given): Wanted {
    const { login, rest } = loginOf(given);
    return { ...rest, login };
  },
  probes: ({ login }) => [mysqlDatabases(login)],
  plan,
  owns: ({ name, login, state }) =>
    state === 'present' || state === 'absent'
      ? [{ on: 'named', name: `mysql database ${name}${serverOf(login)}` }]
      : [],
});

type Given = Partial<Options<typeof options>>;

/** What is wrong with the options about a file. */
function faultOfFile({ state, target, encoding, collation, ...given }: Given): string | undefined {
  if (state !== 'dump' && state !== 'import')
    return target === undefined ? undefined : "`target` needs state 'dump' or 'import'";
  if (target === undefined) return `state '${state}' needs \`target\``;
  if (encoding !== undefined || collation !== undefined)
    return `state '${state}' creates no database: its encoding belongs in a task of its own`;
  if (state === 'import' && given.name === 'all' && given.force !== true)
    return '`all` is imported every time, whatever is there: write `force: true`';
  return typeof splitWords(given.dumpExtraArgs ?? '', { comments: false }) === 'string'
    ? '`dumpExtraArgs` cannot be split into words: a quote is left open'
    : undefined;
}

/** Options of mariadb-dump(1). */
function dumpWords({ singleTransaction, ignoreTables, hexBlob, dumpExtraArgs }: Wanted): string[] {
  const more = splitWords(dumpExtraArgs, { comments: false });
  return [
    '--quick',
    ...(singleTransaction ? ['--single-transaction'] : []),
    ...(hexBlob ? ['--hex-blob'] : []),
    ...ignoreTables.map((table) => `--ignore-table=${table}`),
    ...(typeof more === 'string' ? [] : more.map((one) => one.text)),
  ];
}

/** `utf8` is what was `utf8mb3` before there were others (MariaDB's manual, "Unicode"). */
const fullName = (name: string): string => name.replace(/^utf8(?=$|_)/, 'utf8mb3');

function plan(wanted: Wanted, found: Found): Plan<DatabaseResult> {
  const { name, login, encoding, collation, state } = wanted;
  const question = mysqlDatabases(login);
  const { databases } = answered(found.get(question), { databases: [] }, found);
  const now = databases.find((one) => one.name === name);
  if (state === 'dump' || state === 'import') {
    const isAll = name === 'all';
    found.require(isAll || now !== undefined, {
      failure: `there is no database ${name}`,
      hint: `Make it first: mysqlDb({ name: '${name}' })`,
    });
    const file = {
      name: isAll ? undefined : name,
      login,
      target: wanted.target ?? '',
      force: wanted.force,
      words: dumpWords(wanted),
    };
    return state === 'dump' ? planDump(file, found, { name }) : planImport(file, found, { name });
  }
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
