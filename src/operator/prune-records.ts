import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runFileKinds } from './run-files.ts';

/** Runs that are kept however old they are. */
const keptRuns = 1000;
/** Days for which all runs are kept, however many. */
const keptDays = 90;

/** Ids begin with the time a run began, so that their order is that of the runs. */
export function recordIds(folder: string): string[] {
  try {
    return readdirSync(folder)
      .flatMap((name) => (name.endsWith('.jsonl') ? [name.slice(0, -'.jsonl'.length)] : []))
      .sort();
  } catch {
    return [];
  }
}

/**
 * Removes the records that are neither among the last thousand nor of the last ninety days. One that cannot be removed
 * stays.
 */
export function pruneRecords(folder: string, now = new Date()): void {
  const oldest = new Date(now.getTime() - keptDays * 24 * 3600 * 1000).toISOString().replace(/[-:]/g, '');
  for (const id of recordIds(folder)
    .slice(0, -keptRuns)
    .filter((one) => one < oldest)) {
    try {
      for (const kind of runFileKinds) rmSync(join(folder, `${id}.${kind}`), { force: true });
    } catch {
      // The next run tries again.
    }
  }
}
