import { basename, dirname, join } from 'node:path';
import type { PreparedRun } from './types.ts';

/** Which play has a block, known by what it does always, for a host. */
export function playWith(cleanup: string, host: string, { plays }: PreparedRun): string | undefined {
  return plays.find(({ all }) => all.get(host)?.cleanups.some(({ id }) => id === cleanup))?.name;
}

/** Who runs it from another folder, or another clone, means the same playbook. */
export function playbookName(file: string): string {
  return join(basename(dirname(file)), basename(file));
}
