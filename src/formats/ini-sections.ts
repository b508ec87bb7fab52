/** A run of lines below one header; the options before any section have no header. */
export interface Section {
  readonly start: number;
  readonly end: number;
}

/** Where a section stands: once, or as often as the file has it, since readers take them for one. */
export function sectionsOf(lines: readonly string[], section: string): Section[] {
  const headers = lines.flatMap((line, i) =>
    isHeader(lines, i) ? [{ i, name: /^[ \t]*\[([^\n]*)/.exec(line)?.[1] ?? '' }] : [],
  );
  const endOf = (start: number): number => headers.find(({ i }) => i > start)?.i ?? lines.length;
  if (section === '') return [{ start: 0, end: headers[0]?.i ?? lines.length }];
  return headers.filter(({ name }) => name.startsWith(`${section}]`)).map(({ i }) => ({ start: i, end: endOf(i) }));
}

/** A line in brackets; further in than the line before it is a part of that one's value. */
function isHeader(lines: readonly string[], i: number): boolean {
  const line = lines[i] ?? '';
  if (line.startsWith('[')) return true;
  if (!/^[ \t]+\[[^\]\n]+\][ \t\r]*\n?$/.test(line)) return false;
  const before = lines.slice(0, i).findLast((one) => !isAside(one));
  return before === undefined || indentOf(before) >= indentOf(line);
}

export function isAside(line: string): boolean {
  return /^[ \t]*(?:[#;].*)?\r?\n?$/.test(line);
}

export function indentOf(line: string): number {
  return /^[ \t]*/.exec(line)?.[0].length ?? 0;
}

/** The lines behind an option that belong to its value, as Python's configparser and systemd(7) read them. */
export interface Continuation {
  /** Their numbers; blank lines between them are among them, comments are not. */
  readonly lines: readonly number[];
  /** One that might as well be an option of its own, for readers that know no values over several lines. */
  readonly doubtful: number | undefined;
}

/**
 * @param at the option's line
 * @param value what stands behind its `=`
 */
export function continuationOf(lines: readonly string[], at: number, end: number, value: string | null): Continuation {
  const found: number[] = [];
  let doubtful: number | undefined;
  let blanks: number[] = [];
  let isOpen = isJoined(value ?? '');
  // Behind a blank nobody means the backslash itself, as at the end of C:\.
  let isSure = value === '' || /\s\\$/.test(value ?? '');
  for (let i = at + 1; i < end; i++) {
    const line = lines[i] ?? '';
    if (!isOpen && isAside(line)) {
      if (line.trim() === '') blanks.push(i);
      continue;
    }
    if (!isOpen && indentOf(line) <= indentOf(lines[at] ?? '')) break;
    // Below an option that is empty so far nothing else can be meant.
    if (!isSure && /^[ \t]*[\w.-]+(?: [\w.-]+)*[ \t]*=/.test(line)) doubtful ??= i;
    found.push(...blanks, i);
    blanks = [];
    isOpen = isOpen && isJoined(line.trimEnd());
    isSure = value === '' || (isOpen && isSure);
  }
  return { lines: found, doubtful };
}

/** Ends in a backslash that no other one escapes. */
function isJoined(text: string): boolean {
  return /(?<!\\)(?:\\\\)*\\$/.test(text);
}
