/** One line of a side of a diff. */
export interface DiffLine {
  readonly number: number;
  readonly text: string;
}

/** Two lines beside each other; a side that has none there is undefined. `same`: both have this line. */
export type DiffRow =
  | { readonly kind: 'hunk'; readonly text: string }
  | { readonly kind: 'same' | 'changed'; readonly old: DiffLine | undefined; readonly wanted: DiffLine | undefined };

const hunkHeader = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/**
 * A unified diff as rows of two sides. What was removed stands beside what was added in its place, line by line.
 *
 * @returns the rows, or the text itself where it is none: the line in brackets that says why
 */
export function diffRows(unified: string): readonly DiffRow[] | string {
  const lines = unified.replace(/\n$/, '').split('\n');
  const first = lines.findIndex((line) => hunkHeader.test(line));
  if (first < 0) return unified;
  const rows: DiffRow[] = [];
  let [oldAt, newAt] = [1, 1];
  let [removed, added]: [DiffLine[], DiffLine[]] = [[], []];
  const flush = (): void => {
    for (let i = 0; i < Math.max(removed.length, added.length); i++)
      rows.push({ kind: 'changed', old: removed[i], wanted: added[i] });
    [removed, added] = [[], []];
  };
  for (const line of lines.slice(first)) {
    const header = hunkHeader.exec(line);
    const text = line.slice(1);
    if (header) {
      flush();
      [oldAt, newAt] = [Number(header[1]), Number(header[2])];
      rows.push({ kind: 'hunk', text: header[0] });
    } else if (line.startsWith('-')) {
      if (added.length > 0) flush();
      removed.push({ number: oldAt++, text });
    } else if (line.startsWith('+')) added.push({ number: newAt++, text });
    else {
      flush();
      if (line.startsWith(' '))
        rows.push({ kind: 'same', old: { number: oldAt++, text }, wanted: { number: newAt++, text } });
      // "\ No newline at end of file", "(a secret changed)"
      else rows.push({ kind: 'hunk', text: line });
    }
  }
  flush();
  return rows;
}

/** A line with the part in which it differs from its neighbour. */
export type Marked = readonly [before: string, differs: string, after: string];

/**
 * Where two lines differ, between what they have in common at both ends; undefined where they have too little in common
 * for that to help.
 */
export function markDifference(
  old: string,
  wanted: string,
): { readonly old: Marked; readonly wanted: Marked } | undefined {
  const shortest = Math.min(old.length, wanted.length);
  let start = 0;
  while (start < shortest && old[start] === wanted[start]) start++;
  let same = 0;
  while (same < shortest - start && old.at(-1 - same) === wanted.at(-1 - same)) same++;
  // Not amid a character of two halves.
  if (start > 0 && isHigh(old.charCodeAt(start - 1))) start--;
  if (same > 0 && isLow(old.charCodeAt(old.length - same))) same--;
  if ((start + same) * 3 < Math.max(old.length, wanted.length)) return undefined;
  const cut = (line: string): Marked => [
    line.slice(0, start),
    line.slice(start, line.length - same),
    line.slice(line.length - same),
  ];
  return { old: cut(old), wanted: cut(wanted) };
}

const isHigh = (code: number): boolean => code >= 0xd800 && code < 0xdc00;
const isLow = (code: number): boolean => code >= 0xdc00 && code < 0xe000;
