import { Secret, v } from 'play';

/** Year and month as a number: 23.8 is 23.08, which is later than 21.11. */
export function majorOf(version: string): number {
  const [year = '0', month = '0'] = version.split('.');
  return Number(year) + Number(month) / 100;
}

/** Whether users can be made by SQL: since 20.5, where access_management is. */
export const hasSqlUsers = (version: string): boolean => majorOf(version) >= 20.05;

/** The outermost element of its settings: the old name until 21, and files that are merged must have the same. */
export const rootElement = (version: string): string => (majorOf(version) < 22 ? 'yandex' : 'clickhouse');

const word = v.pipe(v.string(), v.regex(/^[a-z_][a-z0-9_]*$/, 'must be of small letters, digits and "_"'));
export const sqlUser = v.strictObject({
  name: word,
  grants: v.pipe(v.array(v.pipe(v.string(), v.regex(/^[A-Z ,]+ ON (?:\*|[a-z_]+)\.(?:\*|[a-z0-9_]+)$/, 'must be PRIVILEGES ON DATABASE.TABLE'))), v.minLength(1)),
});

/** The SQL that makes a user; the server keeps only the hash of the password. */
export function grantsOf({ name, grants }: v.InferOutput<typeof sqlUser>, password: Secret): Secret {
  const quoted = (): string => password.expose().replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  return new Secret(() => [`CREATE USER IF NOT EXISTS ${name} IDENTIFIED WITH sha256_password BY '${quoted()}';`, ...grants.map((grant) => `GRANT ${grant} TO ${name};`)].join('\n'), password.source);
}
