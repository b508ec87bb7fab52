import type { Location } from '../errors/index.ts';

/** A number as it was written, without quotes. */
export interface Spelling {
  readonly source: string;
  readonly where: Location;
}

/** Of one number; more places than anybody would read. */
const most = 20;
const spellings = new Map<number, Spelling[]>();

/**
 * Remembers that a number came from a text that does not look like it: `0644` for 420. Where it meets an option that
 * cannot mean a number, the error says what was written. A list of the process, as the number itself cannot carry it.
 */
export function rememberSpelling(value: number, source: string, where: Location): void {
  if (source === String(value)) return;
  const known = spellings.get(value) ?? [];
  if (known.length === 0) spellings.set(value, known);
  const isKnown = known.some(
    ({ where: at }) => at.file === where.file && at.line === where.line && at.column === where.column,
  );
  if (known.length < most && !isKnown) known.push({ source, where });
}

/** Where a number stands in files of Ansible's under another spelling, in the order they were read. */
export function spellingsOf(value: number): readonly Spelling[] {
  return spellings.get(value) ?? [];
}
