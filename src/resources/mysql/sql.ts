import * as v from 'valibot';

/** A name as SQL has it. */
export function identifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A text as SQL has it, with the empty `sql_mode` that each session begins with. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** An account as SQL has it. */
export function account(name: string, host: string): string {
  return `${literal(name)}@${literal(host)}`;
}

/** A name of a database. */
export const databaseName = (description: string) =>
  v.pipe(
    v.string(),
    v.regex(/^[^\p{Cc}/\\]{1,64}$/u, 'must be a name of 1 to 64 characters without slashes'),
    v.regex(/[^ ]$/, 'must not end in a blank'),
    v.description(description),
  );
