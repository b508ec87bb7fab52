import { assert } from 'play';
import { ask, ofTable, rowsOf, type Client, type Table } from './client.ts';

export interface Mutation {
  readonly id: string;
  readonly command: string;
  readonly partsToDo: number;
  /** Why it does not get on; empty where it does, and with versions before 19.1, which do not say. */
  readonly failure: string;
}

/** Mutations of the table that are not done, out of what ClickHouse answered. */
export function mutationsOf(stdout: string): Mutation[] {
  return rowsOf(stdout).map((row) => {
    const failure = row['latest_fail_reason'];
    return {
      id: String(row['mutation_id']),
      command: String(row['command']),
      partsToDo: Number(row['parts_to_do']),
      failure: typeof failure === 'string' ? failure : '',
    };
  });
}

export const described = (mutations: readonly Mutation[]): string =>
  mutations
    .map(
      ({ id, command, partsToDo, failure }) =>
        `${id}: ${partsToDo} parts to do: ${command}${failure === '' ? '' : `\n  fails: ${failure}`}`,
    )
    .join('\n');

/** The question for what is not done. */
export const unfinished = (vars: Table): string =>
  `SELECT * FROM system.mutations WHERE ${ofTable(vars)} AND NOT is_done FORMAT JSONEachRow`;

/** Fails where one is not done: a second one would wait behind it. */
export function noneUnfinished(vars: Client & Table) {
  const running = ask(vars, unfinished(vars), { name: `mutations of ${vars.clickhouse_table} that are not done` });
  return [
    running,
    assert(
      {
        that: ({ results }) => results(running).stdout === '',
        failMsg: ({ results }) =>
          `there is one that is not done:\n${described(mutationsOf(results(running).stdout))}\nWait for it by --from wait, or end it: play runbook clickhouse-kill-mutation`,
      },
      { name: 'no mutation is under way' },
    ),
  ];
}
