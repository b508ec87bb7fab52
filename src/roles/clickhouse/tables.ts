import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { option, PlayError, unknownName, v } from 'play';
import { identifier } from './sql-users.ts';

/** Tables: each is made by a file of `clickhouse_table_folder`. */
export const tables = option.list(
  'Tables that must exist, each with a file in `clickhouse_table_folder`.',
  v.strictObject({
    database: v.optional(identifier('The database it is in.'), 'default'),
    name: identifier('The table, and the name of its file.'),
  }),
  [],
);

export const tableFolder = v.optional(
  option.text(
    'A folder of your own with a file NAME.sql for each table, which creates it: an absolute path, which the playbook knows.',
    v.startsWith('/', "must be an absolute path: join(import.meta.dirname, 'files/clickhouse') in the playbook"),
  ),
);

/** The statement that makes a table. @throws PlayError where there is none */
export function statementOf(folder: string | undefined, name: string): string {
  if (folder === undefined || !existsSync(folder))
    throw new PlayError(
      folder === undefined
        ? `There is no file that creates the table ${name} of clickhouse_tables`
        : `There is no folder ${folder}, which clickhouse_table_folder names`,
      {
        hint: "Give the folder that has its file: clickhouse({ clickhouse_table_folder: join(import.meta.dirname, 'files/clickhouse') }).",
      },
    );
  const known = readdirSync(folder).flatMap((file) => (file.endsWith('.sql') ? [file.slice(0, -'.sql'.length)] : []));
  if (!known.includes(name)) throw unknownName('table', name, known, { where: `clickhouse_tables; ${folder}` });
  return readFileSync(join(folder, `${name}.sql`), 'utf8');
}
