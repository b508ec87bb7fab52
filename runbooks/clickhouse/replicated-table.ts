import { literal, rowsOf } from './client.ts';

const name = '(?:`(?:[^`\\\\]|\\\\.)*`|\\w+)';
const head = new RegExp(`^(?:CREATE|ATTACH) TABLE ${name}(?:\\.${name})?(?: UUID '[^']*')?`);

export interface Definition {
  /** `create_table_query` of system.tables. */
  readonly query: string;
  /** `engine_full` of system.tables. */
  readonly engine: string;
}

/** Out of what ClickHouse answered: undefined where there is no such table, or nothing was asked. */
export function definitionOf(stdout: string): Definition | undefined {
  const [row] = rowsOf(stdout);
  return row && { query: String(row['create_table_query']), engine: String(row['engine_full']) };
}

/** Whether a table has an engine that can be replicated, and is not so yet. */
export const canBeReplicated = ({ engine }: Definition): boolean => /^(?!Replicated)\w*MergeTree\b/.test(engine);

/**
 * The statement that makes a replicated table of the same columns, keys and settings.
 *
 * @param table its name, as SQL has it
 * @param path where ZooKeeper knows it; may hold macros such as `{shard}`
 * @throws where the definition of ClickHouse is not of the form that is known
 */
export function replicatedTable({ query, engine }: Definition, table: string, path: string): string {
  const rest = query.replace(head, '');
  if (rest === query || !rest.endsWith(engine)) throw new Error(`how the table was made is not understood: ${query}`);
  const replication = `${literal(path)}, '{replica}'`;
  const [, kind = '', args, settings = ''] =
    /^(\w+)(?:\(([^]*?)\))?((?: (?:PARTITION|PRIMARY|ORDER|SAMPLE|TTL|SETTINGS) [^]*)?)$/.exec(engine) ?? [];
  if (kind === '') throw new Error(`the engine of the table is not understood: ${engine}`);
  const all = args === undefined || args === '' ? replication : `${replication}, ${args}`;
  return `CREATE TABLE ${table}${rest.slice(0, -engine.length)}Replicated${kind}(${all})${settings}`;
}
