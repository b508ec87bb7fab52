import { command, type Secret, type Task } from 'play';
import { asInput, decodeUsers, usersQuestion, usersStatements, type SqlUser } from './sql-users.ts';

/** The server is asked who there is, and told what differs. For servers that have users made by SQL. */
export function sqlUserTasks(
  users: readonly SqlUser[],
  passwordOf: (name: string) => Secret,
  client = 'clickhouse-client',
): Task[] {
  const tags = 'clickhouse-users';
  const argv = [client, '--multiquery'];
  // A server that has just been started takes some seconds to listen.
  const asked = command(
    { argv, stdin: usersQuestion(users), changes: 'never' },
    { name: 'users by SQL as they are', tags, until: ({ result }) => result.rc === 0, retries: 30, delay: 1 },
  );
  const due = (answer: string): (string | Secret)[] => usersStatements(users, decodeUsers(answer), passwordOf);
  return [
    asked,
    command(
      { argv, stdin: ({ results }) => asInput(due(results(asked).stdout)), changes: 'always' },
      // A server quotes a statement it refuses, and a password may be in it.
      { name: 'users by SQL', tags, noLog: true, when: ({ results }) => due(results(asked).stdout).length > 0 },
    ),
  ];
}
