import { assert, debug, defineRunbook, option, shell } from 'play';
import {
  ask,
  askThen,
  clickhouseVariables,
  clientEnvironment,
  clientFunction,
  fullName,
  literal,
  ofTable,
  tell,
} from './clickhouse/client.ts';
import { described, mutationsOf, unfinished } from './clickhouse/mutations.ts';

/** One that was forgotten by a server from before 19.1, which has no KILL MUTATION: it reads its file at ATTACH. */
const forget = `set -eu
${clientFunction}
echo "DETACH TABLE $TABLE" | client
trap 'echo "ATTACH TABLE $TABLE" | client; [ -z "\${client_folder:-}" ] || rm -rf "$client_folder"' EXIT
runuser -u "$(stat -c %U -- "$FILE")" -- rm -f -- "$FILE"`;

const isOld = (version: string): boolean => Number(version.split('.')[0]) < 19;

/** Ends a mutation that does not get on. */
export default defineRunbook({
  title: 'End a mutation of ClickHouse',
  description:
    'For a mutation that is stuck: shows those of the table that are not done, and ends one. Parts that it has been through already stay changed.',
  vars: {
    ...clickhouseVariables,
    clickhouse_hosts: option.text('The hosts, as a pattern.'),
    mutation_id: option.text('Its `mutation_id`, as system.mutations has it.'),
  },
  steps: ({ vars: { clickhouse_hosts: hosts } }) => [
    {
      name: 'look',
      hosts,
      tasks: ({ vars }) => {
        const running = ask(vars, unfinished(vars), { name: 'mutations that are not done' });
        return [
          running,
          debug({ msg: ({ results }) => described(mutationsOf(results(running).stdout)) }),
          assert(
            {
              that: ({ results }) => mutationsOf(results(running).stdout).some(({ id }) => id === vars.mutation_id),
              failMsg: `no ${vars.mutation_id} of ${fullName(vars)} is under way`,
            },
            { name: `${vars.mutation_id} is under way` },
          ),
        ];
      },
    },
    {
      name: 'end it',
      description:
        'Versions before 19.1 have no `KILL MUTATION`: there the table is detached for a moment, and the file of the mutation removed.',
      hosts,
      become: true,
      irreversible: true,
      confirm: {
        question: ({ vars }) => `${vars.mutation_id} of ${fullName(vars)} is ended, wherever it has got to.`,
        type: ({ vars }) => vars.mutation_id,
      },
      tasks: ({ vars }) => {
        const version = ask(vars, 'SELECT version()', { name: 'the version of ClickHouse' });
        const table = ask(
          vars,
          `SELECT concat(engine, ' ', data_path) FROM system.tables WHERE database = ${literal(vars.clickhouse_database)} AND name = ${literal(vars.clickhouse_table)} FORMAT TSVRaw`,
          { name: 'where the table is', when: ({ results }) => isOld(results(version).stdout) },
        );
        return [
          version,
          table,
          tell(vars, `KILL MUTATION WHERE ${ofTable(vars)} AND mutation_id = ${literal(vars.mutation_id)}`, {
            name: 'end the mutation',
            when: ({ results }) => !isOld(results(version).stdout),
          }),
          assert(
            {
              that: ({ results }) => !results(table).stdout.startsWith('Replicated'),
              failMsg: 'a mutation of a replicated table is in ZooKeeper, from where this version cannot remove it',
            },
            { name: 'its mutations are files', when: ({ results }) => isOld(results(version).stdout) },
          ),
          shell(
            {
              cmd: forget,
              environment: ({ results }) => ({
                ...clientEnvironment(vars),
                TABLE: fullName(vars),
                FILE: `${results(table).stdout.replace(/^\S* /, '')}${vars.mutation_id}`,
              }),
              changes: 'always',
            },
            { name: 'forget the mutation', when: ({ results }) => isOld(results(version).stdout) },
          ),
        ];
      },
      after: ({ vars }) => {
        const left = askThen(vars, unfinished(vars), { name: 'mutations that are still not done' });
        return [
          left,
          assert(
            {
              that: ({ results }) => mutationsOf(results(left).stdout).every(({ id }) => id !== vars.mutation_id),
              failMsg: `${vars.mutation_id} is still under way`,
            },
            { name: `${vars.mutation_id} is no longer under way` },
          ),
        ];
      },
    },
  ],
});
