import { openReasons, openResult, type LeftResult } from './evaluate.ts';
import { lostNames, lostResult } from './resumed.ts';

/** What a task left for later ones, as it travels to another process. */
export interface WrittenResult {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly assumed: readonly string[];
  /** Check mode: why the rest of it is not known. */
  readonly open?: string | undefined;
  /** The task whose result was not kept. */
  readonly lost?: string | undefined;
}

export function writeResult({ result, assumed }: LeftResult): WrittenResult {
  return { fields: { ...result }, assumed, open: openReasons.get(result), lost: lostNames.get(result) };
}

export function readResult({ fields, assumed, open, lost }: WrittenResult): LeftResult {
  const known = { changed: false, failed: false, skipped: false, ...fields };
  if (open !== undefined) return { result: openResult(known, open), assumed };
  return { result: lost === undefined ? known : lostResult(lost, known.changed), assumed };
}
