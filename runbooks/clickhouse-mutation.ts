import { assert, debug, defineRunbook, option, v, type Task } from 'play';
import { ask, askThen, clickhouseVariables, fullName, ofTable, tell, type Client } from './clickhouse/client.ts';
import { described, mutationsOf, noneUnfinished, unfinished } from './clickhouse/mutations.ts';

/** Changes rows of a table, by what ClickHouse calls a mutation. */
export default defineRunbook({
  title: 'Change rows of a ClickHouse table',
  description:
    'Sums up the rows concerned, starts a mutation (`ALTER TABLE ... UPDATE` or `DELETE`), waits until it has been through all parts of the table, and sums up again. ClickHouse knows no transactions: try it on a testbed before. What is changed here cannot be found again by reprocessing measurements.',
  vars: {
    ...clickhouseVariables,
    clickhouse_hosts: option.text('The hosts, as a pattern. Of a replicated table: one of its replicas.'),
    mutation: option.text(
      "What follows `ALTER TABLE`: `UPDATE msm_failure = 't' WHERE test_name = 'signal'`, `DELETE WHERE ...`.",
      v.regex(/^\s*(?:UPDATE|DELETE)\b[^]*\bWHERE\b/i, 'must be UPDATE ... WHERE ... or DELETE WHERE ...'),
    ),
    mutation_summary: option.text('A SELECT that sums up the rows concerned, shown before and after.'),
    mutation_patience: option.integer('Seconds that it may take.', 86_400, v.minValue(1)),
    mutation_interval: option.integer('Seconds between two looks at it.', 10, v.minValue(1)),
  },
  steps: ({ vars: { clickhouse_hosts: hosts } }) => [
    {
      name: 'look',
      hosts,
      before: ({ vars }) => {
        const table = ask(vars, `EXISTS TABLE ${fullName(vars)}`, { name: 'look for the table' });
        return [
          table,
          assert(
            { that: ({ results }) => results(table).stdout === '1', failMsg: `there is no table ${fullName(vars)}` },
            { name: `there is ${vars.clickhouse_table}` },
          ),
          ...noneUnfinished(vars),
        ];
      },
      tasks: ({ vars }) => summary(vars, ask),
    },
    {
      name: 'alter',
      hosts,
      irreversible: true,
      confirm: {
        question: ({ vars, hosts: on }) =>
          `On ${on.join(', ')}: ALTER TABLE ${fullName(vars)} ${vars.mutation}\nThe rows shown above are changed, and cannot be changed back.`,
        type: ({ vars }) => vars.clickhouse_table,
      },
      before: ({ vars }) => noneUnfinished(vars),
      tasks: ({ vars }) => [
        tell(vars, `ALTER TABLE ${fullName(vars)} ${vars.mutation}`, { name: 'start the mutation' }),
      ],
      after: ({ vars }) => {
        const known = askThen(vars, `SELECT count() FROM system.mutations WHERE ${ofTable(vars)}`, {
          name: 'mutations of the table',
        });
        return [
          known,
          assert(
            {
              that: ({ results }) => results(known).stdout !== '0',
              failMsg: 'ClickHouse knows of no mutation of this table',
            },
            { name: 'ClickHouse has it on record' },
          ),
        ];
      },
    },
    {
      name: 'wait',
      description:
        'A mutation that fails is tried again by ClickHouse for ever, and holds up those behind it: `play runbook clickhouse-kill-mutation` ends it. Versions before 19.1 say only in their log why it fails.',
      hosts,
      tasks: ({ vars }) => {
        const left = askThen(vars, unfinished(vars), {
          name: `the mutation of ${vars.clickhouse_table} is done`,
          until: ({ result }) =>
            result.stdout === '' || mutationsOf(result.stdout).some(({ failure }) => failure !== ''),
          delay: vars.mutation_interval,
          retries: Math.ceil(vars.mutation_patience / vars.mutation_interval),
        });
        return [
          left,
          assert(
            {
              that: ({ results }) => results(left).stdout === '',
              failMsg: ({ results }) => described(mutationsOf(results(left).stdout)),
            },
            { name: 'it did not fail' },
          ),
        ];
      },
    },
    { name: 'look again', hosts, tasks: ({ vars }) => summary(vars, askThen) },
  ],
});

function summary(vars: Client & { readonly mutation_summary: string }, how: typeof ask): Task[] {
  const rows = how(vars, summaryQuery(vars.mutation_summary), {
    name: 'sum up the rows concerned',
  });
  return [rows, debug({ msg: ({ results }) => results(rows).stdout })];
}

/** In a form to be read, unless it says another. */
function summaryQuery(query: string): string {
  const bare = query.replace(/[;\s]+$/, '');
  return /\bFORMAT\s+\w+$/i.test(bare) ? bare : `${bare} FORMAT PrettyCompactNoEscapes`;
}
