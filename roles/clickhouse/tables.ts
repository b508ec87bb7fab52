import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { v, option } from 'play';

const folder = join(import.meta.dirname, 'files/tables');
const known = readdirSync(folder)
  .filter((name) => name.endsWith('.sql'))
  .map((name) => name.slice(0, -'.sql'.length));

/** Tables: each is a file of `files/tables`, and a name without one is refused at the desk. */
export const tables = option.list(
  'Tables that must be there: database, and the name of a file in files/tables.',
  v.strictObject({
    database: v.optional(v.pipe(v.string(), v.regex(/^[a-z_][a-z0-9_]*$/)), 'default'),
    name: v.picklist(known),
  }),
);

/** The statement that makes a table. */
export function schemaFile(dir: string, name: string): string {
  return readFileSync(join(dir, 'files/tables', `${name}.sql`), 'utf8');
}
