import * as v from 'valibot';
import type { Found, Step } from '../../contract/index.ts';
import { asPostgres, type FromPostgresql } from './postgresql.probe.ts';

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

export const port = v.optional(
  v.pipe(
    v.number(),
    v.integer(),
    v.minValue(1),
    v.maxValue(65535),
    v.description('Port of the cluster. Default: the usual one.'),
  ),
);

// $1 port or empty, $2 database, $3 whether all of it is one transaction. The statements come by stdin: they may hold
// secrets.
const script = `${asPostgres}
port=$1 db=$2 one=$3
set -- -A -t -v ON_ERROR_STOP=1 -d "$db"
[ -z "$port" ] || set -- "$@" -p "$port"
[ "$one" = n ] || set -- "$@" -1
pg "$@" -f -`;

/** Runs statements on the host, as the account `postgres`. */
export function runSql(
  sql: string,
  options: {
    readonly port: number | undefined;
    readonly db: string;
    readonly transaction: boolean;
    readonly label: string;
  },
): Step {
  const { port: number, db, transaction, label } = options;
  return {
    script,
    args: [number === undefined ? '' : String(number), db, transaction ? 'y' : 'n'],
    stdin: Buffer.from(`${sql}\n`),
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
        : "See that it runs (systemd({ name: 'postgresql', state: 'started' })) and that the account postgres may log in by peer authentication.",
    by: 'changes',
    assume: 'PostgreSQL, as a new cluster, answers',
  });
  return fresh;
}
