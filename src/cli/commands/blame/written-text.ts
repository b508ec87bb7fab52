import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { runFile } from '../../../operator/run-files.ts';
import { readEntries, type RecordEntry } from '../../../report/index.ts';

/**
 * What a run wrote into a file, from its record on this machine.
 *
 * @param sha what its SHA-256 must be
 * @returns undefined where there is no such record, or the text was too long, secret, or no text
 */
export function writtenText(run: string, path: string, sha: string): Buffer | undefined {
  return textsIn(entriesOf(run), path)
    .map((text) => Buffer.from(text))
    .find((text) => createHash('sha256').update(text).digest('hex') === sha);
}

function entriesOf(run: string): readonly RecordEntry[] {
  // The id is what a host says.
  if (!/^[\w.-]+$/.test(run)) return [];
  try {
    return readEntries(readFileSync(runFile(run, 'jsonl'), 'utf8'));
  } catch {
    return [];
  }
}

function textsIn(entries: readonly RecordEntry[], path: string): string[] {
  return entries
    .flatMap(({ changes }) => (Array.isArray(changes) ? changes : []))
    .flatMap((change: RecordEntry) => {
      if (change['path'] !== path) return [];
      const { written, diff } = change;
      if (typeof written === 'string') return [written];
      return typeof diff === 'string' ? newFileIn(diff) : [];
    });
}

/** The text of a new file, all of which is in its diff. */
export function newFileIn(diff: string): string[] {
  if (!diff.startsWith('--- /dev/null')) return [];
  const lines = diff.split('\n').slice(2);
  const added = lines.filter((line) => line.startsWith('+')).map((line) => line.slice(1));
  return [added.join('\n') + (lines.some((line) => line.startsWith('\\')) ? '' : '\n')];
}
