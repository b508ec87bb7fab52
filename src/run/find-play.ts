import { basename, dirname, join } from 'node:path';
import { transactionIds } from '../playbook/index.ts';
import type { PreparedRun } from './types.ts';

/** Which play has a block, known by what it does always, or a transaction, for a host. */
export function playWith(owed: string, host: string, { plays }: PreparedRun): string | undefined {
  return plays.find(({ all }) => {
    const { cleanups = [], items = [] } = all.get(host) ?? {};
    return cleanups.some(({ id }) => id === owed) || transactionIds(items).includes(owed);
  })?.name;
}

/** Who runs it from another folder, or another clone, means the same playbook. */
export function playbookName(file: string): string {
  return join(basename(dirname(file)), basename(file));
}
