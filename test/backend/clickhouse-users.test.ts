import { expect, test } from 'vitest';
import {
  asInput,
  decodeUsers,
  usersQuestion,
  usersStatements,
  type SqlUser,
} from '../../src/roles/clickhouse/sql-users.ts';
import { Secret } from '../../src/secrets/index.ts';

/** What ClickHouse 26.7 answers to `usersQuestion`: its engine was asked; Debian's 18.16 has no such tables. */
const user = (name: string, storage = 'local_directory'): string => JSON.stringify({ name, storage });
const grant = (
  user_name: string,
  access_type: string,
  database: string | null = null,
  table: string | null = null,
  more: object = {},
): string =>
  JSON.stringify({
    user_name,
    access_type,
    database,
    table,
    column: null,
    is_partial_revoke: 0,
    grant_option: 0,
    ...more,
  });
const answer = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;

const analyst: SqlUser = { name: 'analyst', grants: ['SELECT, INSERT ON default.*', 'SHOW TABLES ON *.*'] };
const right = [
  user('analyst'),
  grant('analyst', 'SELECT', 'default'),
  grant('analyst', 'INSERT', 'default'),
  grant('analyst', 'SHOW TABLES'),
];
const due = (given: string, users: readonly SqlUser[] = [analyst], password = "it's \\ it"): string[] =>
  asInput(usersStatements(users, decodeUsers(given), () => new Secret(password, 'a test')))
    .expose()
    .split('\n')
    .filter((line) => line !== '');

test.each([
  [
    'nobody: made, with its grants',
    '',
    [
      "CREATE USER IF NOT EXISTS analyst IDENTIFIED WITH sha256_password BY 'it\\'s \\\\ it';",
      'GRANT SELECT ON default.* TO analyst;',
      'GRANT INSERT ON default.* TO analyst;',
      'GRANT SHOW TABLES ON *.* TO analyst;',
    ],
  ],
  ['all as it shall be: no SQL', answer(...right), []],
  ['a grant too few', answer(...right.slice(0, 3)), ['GRANT SHOW TABLES ON *.* TO analyst;']],
  [
    'a grant too many',
    answer(...right, grant('analyst', 'DROP', 'default', 'fastpath')),
    ['REVOKE DROP ON default.fastpath FROM analyst;'],
  ],
  [
    'one may hand on what it has: anew',
    answer(...right.slice(0, 3), grant('analyst', 'SHOW TABLES', null, null, { grant_option: 1 })),
    [
      'REVOKE ALL ON *.* FROM analyst;',
      'GRANT SELECT ON default.* TO analyst;',
      'GRANT INSERT ON default.* TO analyst;',
      'GRANT SHOW TABLES ON *.* TO analyst;',
    ],
  ],
  [
    'a privilege taken back in part: anew',
    answer(...right, grant('analyst', 'SELECT', 'default', 'jsonl', { is_partial_revoke: true })),
    [
      'REVOKE ALL ON *.* FROM analyst;',
      'GRANT SELECT ON default.* TO analyst;',
      'GRANT INSERT ON default.* TO analyst;',
      'GRANT SHOW TABLES ON *.* TO analyst;',
    ],
  ],
  ['grants of others are none of ours', answer(user('other'), ...right, grant('other', 'ALTER')), []],
])('%s', (_, given, statements) => {
  expect(due(given)).toEqual(statements);
});

test.each(['users_xml', 'users.xml'])('a user of %s cannot be changed by SQL', (storage) => {
  expect(() => due(answer(user('analyst', storage)))).toThrow(
    'The user analyst of clickhouse_sql_users is in users.xml',
  );
});

test('an answer of another kind is an error, not an empty list', () => {
  expect(() => due('Code: 516. DB::Exception: Authentication failed\n')).toThrow('in an unknown format');
});

test('the question is about these users only', () => {
  expect(usersQuestion([analyst, { ...analyst, name: 'reader' }])).toContain(
    "WHERE user_name IN ('analyst', 'reader')",
  );
});
