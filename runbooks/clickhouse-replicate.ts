import { assert, confirm, debug, defineRunbook, option, v, type RunContext, type Task } from 'play';
import {
  ask,
  askThen,
  clickhouseVariables,
  fullName,
  identifier,
  literal,
  ofTable,
  rowsOf,
  tell,
  type Client,
  type Table,
} from './clickhouse/client.ts';
import { canBeReplicated, definitionOf, replicatedTable } from './clickhouse/replicated-table.ts';

type Wanted = Client &
  Table & {
    readonly replicated_database: string;
    readonly replicated_table: string;
    readonly replicated_path?: string | undefined;
    readonly replica_patience: number;
    readonly replica_interval: number;
  };

const target = (vars: Wanted): Table => ({
  clickhouse_database: vars.replicated_database,
  clickhouse_table: vars.replicated_table,
});

const definition = (table: Table): string =>
  `SELECT create_table_query, engine_full FROM system.tables WHERE database = ${literal(table.clickhouse_database)} AND name = ${literal(table.clickhouse_table)} FORMAT JSONEachRow`;

/** Rows of each partition, one partition a line. */
const partitions = (table: Table): string =>
  `SELECT partition_id, sum(rows) AS rows FROM system.parts WHERE ${ofTable(table)} AND active GROUP BY partition_id ORDER BY partition_id FORMAT JSONEachRow`;

const rowsByPartition = (stdout: string): Map<string, number> =>
  new Map(rowsOf(stdout).map((row) => [String(row['partition_id']), Number(row['rows'])]));

/** Partitions of which fewer rows are there than wanted, as text. */
const lacking = (wanted: string, there: string): string[] => {
  const rows = rowsByPartition(there);
  return [...rowsByPartition(wanted)]
    .filter(([id, count]) => (rows.get(id) ?? 0) < count)
    .map(([id, count]) => `partition ${id} has ${rows.get(id) ?? 0} of ${count} rows`);
};

/** Makes a replicated table of one that is not. */
export default defineRunbook({
  title: 'Replicate a ClickHouse table',
  description:
    'Makes a replicated table of the same form beside a MergeTree table, attaches the partitions of that to it (by hard links: it takes no room, and the old table stays as it is), and makes its replicas on other hosts, which fetch the data from the first. Merges of both tables stand still meanwhile, and go on however the runbook ends. Nothing may write into the old table meanwhile. The hosts need ZooKeeper (or Keeper) and the macros `shard` and `replica` in their settings, and must reach each other by their interserver port.',
  vars: {
    ...clickhouseVariables,
    replica_hosts: option.list(
      'The hosts of the replicas, the one that has the data first.',
      v.string(),
      v.minLength(1, 'must name a host'),
    ),
    replicated_database: option.text('The database of the replicated table.', 'default'),
    replicated_table: option.text('The replicated table.'),
    replicated_path: v.optional(
      option.text('Where ZooKeeper knows it. Default: `/clickhouse/tables/{shard}/DATABASE/TABLE`.'),
    ),
    replica_patience: option.integer('Seconds that a replica may take to fetch the data.', 86_400, v.minValue(1)),
    replica_interval: option.integer('Seconds between two looks at it.', 10, v.minValue(1)),
  },
  steps: ({ vars: { replica_hosts: hosts } }) => {
    const [first = '', ...others] = hosts;
    return [
      {
        name: 'look',
        hosts,
        before: ({ vars, host }) => [...fitsServer(vars), ...fitsTable(vars, host.name === first)],
      },
      {
        name: 'make the table',
        hosts: first,
        tasks: ({ vars }) => {
          const path =
            vars.replicated_path ?? `/clickhouse/tables/{shard}/${vars.replicated_database}/${vars.replicated_table}`;
          const old = ask(vars, definition(vars), { name: 'how the old table was made' });
          return [old, ...makeTable(vars, ({ results }) => statement(vars, results(old).stdout, path))];
        },
        back: ({ vars, host }) => [
          confirm({
            prompt: `${fullName(target(vars))} is dropped, with all that was written into it.`,
            answer: host.name,
          }),
          ...dropTable(vars),
        ],
      },
      {
        name: 'attach the data',
        description:
          'A partition of which the new table has rows already is left out: attached twice it would be there twice.',
        hosts: first,
        tasks: ({ vars }) => attach(vars),
        after: ({ vars }) => {
          const old = askThen(vars, partitions(vars), { name: 'rows of the old table' });
          const now = askThen(vars, partitions(target(vars)), { name: 'rows of the new table' });
          return [
            old,
            now,
            assert(
              {
                that: ({ results }) =>
                  lacking(results(old).stdout, results(now).stdout).map((msg) => ({ that: false, msg })),
              },
              { name: 'all rows are there' },
            ),
          ];
        },
        always: ({ vars }) => [...startMerges(vars, vars), ...startMerges(vars, target(vars))],
      },
      ...others.map((host) => ({
        name: `replica on ${host}`,
        description: 'It fetches the data by itself.',
        hosts: host,
        tasks: ({ vars }: { readonly vars: Wanted }) => {
          const old = ask(vars, definition(vars), { name: 'how the old table was made', delegateTo: first });
          const path = askThen(
            vars,
            `SELECT zookeeper_path FROM system.replicas WHERE ${ofTable(target(vars))} FORMAT TSVRaw`,
            { name: 'where ZooKeeper knows the new one', delegateTo: first },
          );
          return [
            old,
            path,
            ...makeTable(vars, ({ results }) => statement(vars, results(old).stdout, results(path).stdout)),
          ];
        },
        after: ({ vars }: { readonly vars: Wanted }) => fetched(vars, first),
        back: ({ vars }: { readonly vars: Wanted }) => dropTable(vars),
      })),
    ];
  },
});

function fitsServer(vars: Wanted): Task[] {
  const keeper = ask(vars, "SELECT count() FROM system.zookeeper WHERE path = '/'", { name: 'ZooKeeper answers' });
  const macros = ask(vars, "SELECT count() FROM system.macros WHERE macro IN ('shard', 'replica')", {
    name: 'macros of the host',
  });
  return [
    keeper,
    macros,
    assert(
      {
        that: ({ results }) => results(macros).stdout === '2',
        failMsg: 'its settings lack the macros `shard` and `replica`, by which replicas are told apart',
      },
      { name: 'it has the macros `shard` and `replica`' },
    ),
  ];
}

/** The first must have the old table; and what is called as the new one must be it. */
function fitsTable(vars: Wanted, isFirst: boolean): Task[] {
  const now = ask(vars, definition(target(vars)), { name: 'whether the new table is there' });
  const isReplica: Task = assert(
    {
      that: ({ results }) => definitionOf(results(now).stdout)?.engine.startsWith('Replicated') ?? true,
      failMsg: `there is another table ${fullName(target(vars))}, which is not replicated`,
    },
    { name: 'it is so already, or not there' },
  );
  if (!isFirst) return [now, isReplica];
  const old = ask(vars, definition(vars), { name: 'the old table' });
  return [
    now,
    isReplica,
    old,
    assert(
      {
        that: ({ results }) => {
          const found = definitionOf(results(old).stdout);
          return found !== undefined && canBeReplicated(found);
        },
        failMsg: ({ results }) => {
          const engine = definitionOf(results(old).stdout)?.engine;
          return engine === undefined
            ? `there is no table ${fullName(vars)}`
            : `${fullName(vars)} cannot be replicated, or is so already: ${engine}`;
        },
      },
      { name: 'the old table can be replicated' },
    ),
  ];
}

function statement(vars: Wanted, old: string, path: string): string {
  const found = definitionOf(old);
  // Check mode does not know where ZooKeeper will have it.
  return found === undefined || path === '' ? '' : replicatedTable(found, fullName(target(vars)), path);
}

function makeTable(vars: Wanted, sql: (run: RunContext) => string): Task[] {
  const there = ask(vars, definition(target(vars)), { name: 'whether the new table is there' });
  const isMissing = ({ results }: RunContext): boolean => results(there).stdout === '';
  return [
    there,
    tell(vars, (run) => `CREATE DATABASE IF NOT EXISTS ${identifier(vars.replicated_database)};\n${sql(run)};`, {
      name: 'make the new table',
      when: isMissing,
    }),
  ];
}

/** Newer ones drop a table later, unless they are told: until then ZooKeeper has its replica. */
function dropTable(vars: Wanted): Task[] {
  const version = ask(vars, 'SELECT version()', { name: 'the version of ClickHouse' });
  const sync = ({ results }: RunContext): string =>
    Number(results(version).stdout.split('.')[0]) >= 21 ? ' SYNC' : '';
  return [
    version,
    tell(vars, (run) => `DROP TABLE IF EXISTS ${fullName(target(vars))}${sync(run)}`, { name: 'drop the new table' }),
  ];
}

function attach(vars: Wanted): Task[] {
  const have = ask(vars, partitions(target(vars)), { name: 'partitions of the new table' });
  const old = ask(vars, partitions(vars), { name: 'partitions of the old table' });
  const missing = ({ results }: RunContext): string[] => {
    const there = rowsByPartition(results(have).stdout);
    return [...rowsByPartition(results(old).stdout).keys()].filter((id) => !there.has(id));
  };
  const from = `FROM ${fullName(vars)}`;
  return [
    tell(vars, [vars, target(vars)].map((table) => `SYSTEM STOP MERGES ${fullName(table)};`).join('\n'), {
      name: 'stop merges',
    }),
    have,
    old,
    tell(
      vars,
      (run) =>
        missing(run)
          .map((id) => `ALTER TABLE ${fullName(target(vars))} ATTACH PARTITION ID ${literal(id)} ${from};`)
          .join('\n'),
      { name: 'attach the partitions', when: (run) => missing(run).length > 0 },
    ),
    debug({ msg: (run) => `attached: ${missing(run).join(', ') || 'none, all are there'}` }),
  ];
}

/** Whether or not the table is there by then. */
function startMerges(vars: Wanted, table: Table): Task[] {
  const there = askThen(vars, `EXISTS TABLE ${fullName(table)}`, { name: `whether there is ${fullName(table)}` });
  return [
    there,
    tell(vars, `SYSTEM START MERGES ${fullName(table)}`, {
      name: `start merges of ${fullName(table)}`,
      when: ({ results }) => results(there).stdout !== '0',
    }),
  ];
}

function fetched(vars: Wanted, first: string): Task[] {
  const wanted = askThen(vars, partitions(target(vars)), { name: 'rows of the first replica', delegateTo: first });
  return [
    wanted,
    askThen(vars, partitions(target(vars)), {
      name: 'it has all rows of the first replica',
      until: ({ result, results }) => lacking(results(wanted).stdout, result.stdout).length === 0,
      delay: vars.replica_interval,
      retries: Math.ceil(vars.replica_patience / vars.replica_interval),
    }),
  ];
}
