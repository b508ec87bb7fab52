// What schemas say of what they check, as src/ itself reads it (`play role`, `play resource NAME --help`).
import { load } from './load.mjs';

const { schemaRows: read, valueText } = await load('src/playbook/schema-rows.ts');

/** The rows of a schema, with values in their types as code. */
export const schemaRows = (entries) =>
  read(entries).map((row) => ({ ...row, type: row.type.replaceAll(/'[^']*'/g, '`$&`') }));

/** A value as code. */
export const code = (value) => `\`${valueText(value)}\``;
