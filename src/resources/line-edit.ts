import { expand, matchLine } from './regexp.ts';

/** What `lineinfile` shall make of a text. */
export interface LineEdit {
  readonly state: 'present' | 'absent';
  readonly line?: string | undefined;
  readonly regexp?: RegExp | undefined;
  readonly searchString?: string | undefined;
  readonly insertAfter?: RegExp | 'EOF' | 'BOF' | undefined;
  readonly insertBefore?: RegExp | 'BOF' | undefined;
  readonly backrefs: boolean;
  readonly firstMatch: boolean;
}

/** Lines with their ends, as Python's readlines: only `\n` ends one. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Makes the text right, by the rules of ansible-core's lineinfile, oddities included. */
export function editLine(text: string, edit: LineEdit): string {
  const lines = linesOf(text);
  return (edit.state === 'absent' ? withoutLine(lines, edit) : withLine(lines, edit)).join('');
}

function bare(line: string | undefined): string {
  return (line ?? '').replace(/[\r\n]+$/, '');
}

function withoutLine(lines: readonly string[], { regexp, searchString, line }: LineEdit): string[] {
  return lines.filter((one) => {
    if (regexp) return !matchLine(regexp, one);
    if (searchString !== undefined) return !one.includes(searchString);
    return bare(one) !== line;
  });
}

function withLine(lines: string[], edit: LineEdit): string[] {
  const { line = '', insertAfter, insertBefore } = edit;
  const found = findMatch(lines, edit);
  if (found) return replaced(lines, found.at, edit.backrefs && found.match ? expand(line, found.match) : line);
  const { same, place } = findPlace(lines, edit);
  if (same >= 0) return replaced(lines, same, line);
  // Without a match there is nothing to fill the references with.
  if (edit.backrefs) return lines;
  if (insertBefore === 'BOF' || insertAfter === 'BOF') return [`${line}\n`, ...lines];
  if (place < 0) return appended(lines, line);
  // The line already stands where it would go.
  const there = insertBefore instanceof RegExp ? undefined : place === lines.length ? lines[place - 1] : lines[place];
  return there !== undefined && bare(there) === line ? lines : [...lines.slice(0, place), `${line}\n`, ...lines.slice(place)];
}

/** The line that `regexp` or `searchString` means: the last, or with `firstMatch` the first. */
function findMatch(lines: readonly string[], { regexp, searchString, firstMatch }: LineEdit): { at: number; match?: RegExpExecArray } | undefined {
  let last: { at: number; match?: RegExpExecArray } | undefined;
  for (const [at, one] of lines.entries()) {
    const match = regexp ? matchLine(regexp, one) : null;
    if (!match && !(searchString !== undefined && one.includes(searchString))) continue;
    last = { at, ...(match ? { match } : {}) };
    if (firstMatch) break;
  }
  return last;
}

/** The last line that is the wanted one already, and where it would be inserted; -1 for neither. */
function findPlace(lines: readonly string[], { line, insertAfter, insertBefore, firstMatch }: LineEdit): { same: number; place: number } {
  const pattern = insertAfter instanceof RegExp ? insertAfter : insertBefore instanceof RegExp ? insertBefore : undefined;
  const found = { same: -1, place: -1 };
  for (const [at, one] of lines.entries()) {
    if (bare(one) === line) found.same = at;
    else if (pattern && matchLine(pattern, one)) {
      found.place = pattern === insertAfter ? at + 1 : at;
      if (firstMatch) break;
    }
  }
  return found;
}

function replaced(lines: readonly string[], at: number, line: string): string[] {
  return lines.map((one, i) => (i === at ? (line.endsWith('\n') ? line : `${line}\n`) : one));
}

function appended(lines: readonly string[], line: string): string[] {
  const last = lines.at(-1);
  return [...lines, ...(last !== undefined && !/[\r\n]$/.test(last) ? ['\n'] : []), `${line}\n`];
}
