import * as v from 'valibot';
import type { Found, Step } from '../../contract/index.ts';
import { loginArgs, pgSh, type FromPostgresql, type PostgresqlLogin } from './postgresql.probe.ts';

/** A name as SQL has it. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL has it, whatever `standard_conforming_strings` says. */
export function literal(text: string): string {
  return text.includes('\\')
    ? ` E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`;
}

/** A name of a role or database. */
export const sqlName = (description: string) =>
  v.pipe(v.string(), v.regex(/^[^\p{Cc}]{1,63}$/u, 'must be a name of 1 to 63 characters'), v.description(description));

// $1 database, $2 whether all of it is one transaction, $3 port, $4 host, $5 user. The password and the statements come by stdin: they
// may hold secrets.
const script = `${pgSh}
db=$1 one=$2 port=$3 host=$4 user=$5
IFS= read -r encoded
set -- -A -t -v ON_ERROR_STOP=1 -d "$db"
[ "$one" = n ] || set -- "$@" -1
pg "$@" -f -`;

/** Runs statements on the host. */
export function runSql(
  sql: string,
  options: {
    readonly login: PostgresqlLogin;
    readonly db: string;
    readonly transaction: boolean;
    readonly label: string;
  },
): Step {
  const { login, db, transaction, label } = options;
  const [port = '', host = '', user = '', password = ''] = loginArgs(login);
  return {
    script,
    args: [db, transaction ? 'y' : 'n', port, host, user],
    stdin: Buffer.from(`${password}\n${sql}\n`),
    label,
    ...(transaction ? { atomic: true } : {}),
  };
}

/** What the cluster said. In check mode one that is not there yet may be by then: it is taken to be new. */
export function answered<A extends object>(answer: FromPostgresql<A>, fresh: A, found: Found): A {
  if (!('down' in answer)) return answer;
  const [, missing] = /database "([^"]+)" does not exist/.exec(answer.down) ?? [];
  found.presume(false, {
    failure: `PostgreSQL cannot be asked: ${answer.down}`,
    hint: answer.down.endsWith('installed')
      ? "Install it before: apt({ name: 'postgresql' })"
      : missing !== undefined
        ? `Make it before: postgresqlDb({ name: '${missing}' })`
        : "Make sure that it runs (systemd({ name: 'postgresql', state: 'started' })) and that it knows the account: postgres by peer authentication, or `loginUser` by `loginPassword`.",
    by: 'changes',
    assume: 'PostgreSQL, as a new cluster, answers',
  });
  return fresh;
}
