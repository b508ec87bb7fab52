import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlayError } from '../../errors/index.ts';
import { recordIds } from '../../operator/prune-records.ts';
import { recordsFolder } from '../../operator/run-files.ts';

/** The record of a run on this machine. */
export interface KeptRecord {
  readonly id: string;
  /** Its lines. */
  readonly text: () => string;
}

/** The runs that are on record here, the last one last. */
export function keptRecords(): readonly KeptRecord[] {
  return recordIds(recordsFolder()).map((id) => ({
    id,
    text: () => readFileSync(join(recordsFolder(), `${id}.jsonl`), 'utf8'),
  }));
}

/**
 * One of them: by its id, how that begins, or how many runs it is back.
 *
 * @param hint what to do where it is none of them
 * @throws PlayError where it is none of them, or not one alone
 */
export function findRecord(records: readonly KeptRecord[], wanted: string, hint: string): KeptRecord {
  const back = /^\d{1,5}$/.test(wanted) ? records.at(-Number(wanted)) : undefined;
  if (back !== undefined && Number(wanted) > 0) return back;
  const [first, ...others] = records.filter(({ id }) => id.startsWith(wanted));
  if (first !== undefined && others.length === 0) return first;
  if (first !== undefined)
    throw new PlayError(`${others.length + 1} runs begin with "${wanted}"`, {
      hint: `The first is ${first.id}. play log lists them.`,
    });
  throw new PlayError(`There is no run "${wanted}" on record`, {
    hint: `play log lists them; ${records.length} are kept in ${recordsFolder()}. ${hint}`,
  });
}
