import { diffArrays, type StructuredPatchHunk } from 'diff';

/**
 * Myers' algorithm is quadratic in the number of edits: this many take a third of a second. A time limit could show a
 * diff in check mode and none in the run.
 */
const mostEdits = 2500;

/**
 * The hunks of a unified diff, with as few lines as possible. Lines that only one side has need no search, so it is
 * fast where one file replaces another.
 *
 * @param context how many lines are shown around a change
 * @returns undefined where the order of the common lines differs too much
 */
export function hunksOf(old: string, wanted: string, context: number): StructuredPatchHunk[] | undefined {
  const [oldLines, newLines] = [linesOf(old), linesOf(wanted)];
  const kept = matches(oldLines, newLines);
  if (kept === undefined) return undefined;
  const hunks: StructuredPatchHunk[] = [];
  let [oldAt, newAt] = [0, 0];
  for (const [oldKept, newKept] of [...kept, [oldLines.length, newLines.length] as const]) {
    if (oldKept > oldAt || newKept > newAt) {
      const last = hunks.at(-1);
      const isNear = last !== undefined && oldAt - (last.oldStart - 1 + last.oldLines) <= 2 * context;
      const hunk = isNear
        ? last
        : {
            oldStart: Math.max(oldAt - context, 0) + 1,
            oldLines: 0,
            newStart: Math.max(newAt - context, 0) + 1,
            newLines: 0,
            lines: [],
          };
      if (!isNear) hunks.push(hunk);
      addContext(hunk, oldLines, oldAt);
      for (; oldAt < oldKept; oldAt += 1, hunk.oldLines += 1) hunk.lines.push(...shown('-', oldLines[oldAt]));
      for (; newAt < newKept; newAt += 1, hunk.newLines += 1) hunk.lines.push(...shown('+', newLines[newAt]));
    }
    oldAt = oldKept + 1;
    newAt = newKept + 1;
  }
  // The line that follows each of them; whatever lies between two was added with the second.
  for (const hunk of hunks)
    addContext(hunk, oldLines, Math.min(hunk.oldStart - 1 + hunk.oldLines + context, oldLines.length));
  return hunks;
}

/** Adds lines that both sides have, up to this one. */
function addContext(hunk: StructuredPatchHunk, lines: readonly string[], end: number): void {
  for (let at = hunk.oldStart - 1 + hunk.oldLines; at < end; at += 1, hunk.oldLines += 1, hunk.newLines += 1)
    hunk.lines.push(...shown(' ', lines[at]));
}

function shown(sign: string, line = ''): string[] {
  return line.endsWith('\n') ? [sign + line.slice(0, -1)] : [sign + line, '\\ No newline at end of file'];
}

function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => `${line}\n`);
  const last = lines.pop()?.slice(0, -1);
  return last === undefined || last === '' ? lines : [...lines, last];
}

/** Which lines stay, by their numbers on both sides, in order. */
function matches(oldLines: readonly string[], newLines: readonly string[]): (readonly [number, number])[] | undefined {
  const [olds, news] = [new Set(oldLines), new Set(newLines)];
  // A line that only one side has cannot stay, whatever else does.
  const [left, right] = [where(oldLines, news), where(newLines, olds)];
  const parts = diffArrays(
    left.map((at) => oldLines[at]),
    right.map((at) => newLines[at]),
    { maxEditLength: mostEdits },
  );
  if (parts === undefined) return undefined;
  const pairs: (readonly [number, number])[] = [];
  let [l, r] = [0, 0];
  for (const { added, removed, count } of parts) {
    if (added) r += count;
    else if (removed) l += count;
    else for (const end = l + count; l < end; l += 1, r += 1) pairs.push([left[l] ?? 0, right[r] ?? 0]);
  }
  return pairs;
}

function where(lines: readonly string[], others: ReadonlySet<string>): number[] {
  return lines.flatMap((line, at) => (others.has(line) ? [at] : []));
}
