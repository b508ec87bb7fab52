import {
  localTime,
  makeStyle,
  said,
  shownLines,
  wantsColour,
  type RecordEntry,
  type Style,
} from '../../../report/index.ts';
import { compareWithCheck, ownForecast, sumOf, type Comparison, type HostMiss } from './compare-records.ts';
import { earlierCheck, type RecordedRun } from './earlier-check.ts';

/** A run, and what was said of it before. */
interface Foretold extends Comparison {
  readonly id: string;
  readonly start: RecordEntry;
  /** The check that it is compared with; undefined: the forecast that it made itself. */
  readonly check: RecordedRun | undefined;
}

/**
 * Shows how right the dry runs of a project were: the last runs one by one, with what came otherwise and why, and all of
 * them in a line.
 *
 * @param runs of one project, checks among them, the oldest first
 */
export function showDryRuns(
  runs: readonly RecordedRun[],
  { most, isMeant, output }: { most: number; isMeant: (run: RecordedRun) => boolean; output: 'human' | 'jsonl' },
): void {
  const all = runs.flatMap((run, i): Foretold[] => (isMeant(run) ? foretold(run, runs.slice(0, i)) : []));
  const sum = sumOf(all);
  const shown = all.slice(-most);
  if (output === 'jsonl') {
    for (const { id, check, start: _, ...comparison } of shown)
      process.stdout.write(`${JSON.stringify({ event: 'dry-run', id, check: check?.id ?? null, ...comparison })}\n`);
    const { misses, ...counts } = sum;
    process.stdout.write(
      `${JSON.stringify({ event: 'hit-rate', runs: all.length, ...counts, wrong: certain(misses).length })}\n`,
    );
    return;
  }
  const style = makeStyle(wantsColour(process.stdout));
  process.stdout.write(shownLines([...shown.flatMap((one) => runLines(one, style)), sumLine(sum, all.length)]));
}

function foretold(run: RecordedRun, before: readonly RecordedRun[]): Foretold[] {
  const start = run.entries.find(({ event }) => event === 'start');
  const isOver = run.entries.some(({ event }) => event === 'recap');
  if (start === undefined || start['check'] === true || !isOver) return [];
  const check = earlierCheck(run, before);
  const comparison = check ? compareWithCheck(check.entries, run.entries) : ownForecast(run.entries);
  return comparison === undefined ? [] : [{ id: run.id, start, check, ...comparison }];
}

function runLines(run: Foretold, style: Style): string[] {
  const by = run.check === undefined ? 'its own forecast' : `the check of ${localTime(timeOf(run.check))}`;
  const { command } = run.start;
  return [
    `${run.id}  ${localTime(run.start['started'])}  ${countsText(run)}  ${typeof command === 'string' ? said(command) : ''}  by ${by}`,
    ...run.misses.map((miss) => missLine(miss, style)),
  ];
}

/** @example countsText(comparison)  // 'right: 412 of 415, 3 assumed' */
export function countsText({ right, tasks, assumed, unasked, misses }: Comparison): string {
  const wrong = certain(misses).length;
  return [
    `right: ${right} of ${tasks}`,
    ...(assumed > 0 ? [`${assumed} assumed`] : []),
    ...(unasked > 0 ? [`${unasked} not asked`] : []),
    ...(wrong > 0 ? [`${wrong} wrong`] : []),
  ].join(', ');
}

function missLine({ host, task, said: what, did, why, assumed }: HostMiss, style: Style): string {
  const word = assumed === null ? style.red('wrong') : style.yellow('assumed');
  const reason = [...(why === '' ? [] : [why]), ...(assumed === null ? [] : [`it was assumed: ${assumed}`])];
  const because = reason.length === 0 ? '' : `: ${said(reason.join('; '))}`;
  return `    ${word}  ${said(host)}  ${said(task)}: said ${said(what)}, did ${said(did)}${because}`;
}

function sumLine(sum: Comparison, runs: number): string {
  if (runs === 0) return 'No run on record was preceded by a check yet';
  const { right, rightChanges, changes } = sum;
  // What was not asked was not foretold either, and is no measure of it.
  const tasks = sum.tasks - sum.unasked;
  return `${runs} ${runs === 1 ? 'run' : 'runs'}: ${percent(right, tasks)} of ${tasks} tasks right, ${percent(rightChanges, changes)} of ${changes} changes; ${countsText(sum).replace(/^right: \d+ of \d+(?:, )?/, '') || 'none wrong'}`;
}

/** Rounded down: one that is wrong must not look like none. */
function percent(part: number, whole: number): string {
  return whole === 0 ? '100 %' : `${Math.floor((part / whole) * 1000) / 10} %`;
}

function certain(misses: readonly HostMiss[]): readonly HostMiss[] {
  return misses.filter(({ assumed }) => assumed === null);
}

function timeOf({ entries }: RecordedRun): unknown {
  return entries.find(({ event }) => event === 'start')?.['started'];
}
