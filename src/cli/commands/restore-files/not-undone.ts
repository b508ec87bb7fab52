import type { RecordEntry } from '../../../report/index.ts';

/**
 * What of a run is not undone where its files are put back: packages, units, commands, accounts, handlers. In words for
 * people.
 *
 * @param entries the run's record; undefined where it is not here
 * @param undone the tasks whose files are put back
 */
export function notUndone(
  entries: readonly RecordEntry[] | undefined,
  host: string,
  undone: ReadonlySet<string>,
): readonly string[] {
  if (entries === undefined)
    return ['anything else that run did: its record is on the machine it was started from (play log)'];
  return entries.flatMap((entry) => {
    const isOfHost = entry['host'] === host && (entry['event'] === 'task' || entry['event'] === 'handler');
    const task = String(entry['task']);
    if (!isOfHost || entry['status'] !== 'changed' || undone.has(task)) return [];
    return [`${task} (${entry['event'] === 'handler' ? 'handler' : String(entry['resource'])})`];
  });
}
