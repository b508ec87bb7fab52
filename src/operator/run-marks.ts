import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import { MarkTable } from '../engine/index.ts';
import { ExitCode } from '../errors/index.ts';
import { readEntries, type ShownEvent } from '../report/index.ts';
import { warnOf } from '../report/warnings.ts';
import { runFile } from './run-files.ts';

const markSchema = v.object({
  is: v.picklist(['begun', 'done', 'failed', 'over']),
  at: v.string(),
  host: v.string(),
  part: v.number(),
  key: v.optional(v.string()),
  changed: v.optional(v.boolean(), true),
  result: v.optional(v.looseObject({})),
});

/**
 * Keeps how far a run is, in a file beside its record: it holds what commands gave, so it goes once a run comes to a good
 * end.
 */
export class RunMarks {
  readonly #file: string;
  #isBroken = false;

  /** @param earlier the run that this one goes on with: what it did counts as done */
  constructor(id: string, earlier: string | undefined) {
    this.#file = runFile(id, 'marks');
    if (earlier === undefined) return;
    try {
      copyFileSync(runFile(earlier, 'marks'), this.#file);
    } catch {
      // It did nothing that has to be known.
    }
  }

  readonly listener = (event: ShownEvent): void => {
    if (event.event !== 'mark' || this.#isBroken) return;
    const { event: _event, ...mark } = event;
    try {
      const line = { ...mark, at: new Date().toISOString() };
      writeFileSync(this.#file, `${JSON.stringify(line)}\n`, { mode: 0o600, flag: 'a' });
    } catch (thrown) {
      // No reason to leave hosts half done.
      this.#isBroken = true;
      warnOf({
        what: `If this run is killed, nobody can continue it: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      });
    }
  };

  /** The run has ended; one that did not come to a good end may be gone on with. */
  end(exit: number): void {
    if (exit === ExitCode.ok) rmSync(this.#file, { force: true });
  }
}

/** How far a run came. */
export function earlierRun(id: string): MarkTable {
  const table = new MarkTable();
  for (const entry of readMarks(id)) {
    const parsed = v.safeParse(markSchema, entry);
    if (parsed.success) table.add(parsed.output);
  }
  return table;
}

function readMarks(id: string): readonly object[] {
  try {
    return readEntries(readFileSync(runFile(id, 'marks'), 'utf8'));
  } catch {
    return [];
  }
}
