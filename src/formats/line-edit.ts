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

/**
 * Makes the text right, by the rules of ansible-core's lineinfile, oddities included; but what Ansible comes to in
 * several runs is made in one, and a line is not added again because of where it stands, nor glued to a last line that
 * has no end.
 */
export function editLine(text: string, edit: LineEdit): string {
  if (edit.state === 'absent') return withoutLine(linesOf(text), edit).join('');
  const once = withLine(linesOf(text), edit).join('');
  // A line that is added, or gets its end, may be found by what found none before.
  return once === text ? text : withLine(linesOf(once), edit).join('');
}

function bare(line: string): string {
  return line.replace(/[\r\n]+$/, '');
}

/** The line with an end: the one that stands in its place has, else `\n`. */
function ended(line: string, old = ''): string {
  return line.endsWith('\n') ? line : `${line}${/\r?\n$/.exec(old)?.[0] ?? '\n'}`;
}

function withoutLine(lines: readonly string[], { regexp, searchString, line = '' }: LineEdit): string[] {
  return lines.filter((one) => {
    if (regexp) return !matchLine(regexp, one);
    if (searchString !== undefined) return !one.includes(searchString);
    return bare(one) !== bare(line);
  });
}

function withLine(lines: string[], edit: LineEdit): string[] {
  const { line = '', insertAfter, insertBefore } = edit;
  const replaced = withMatchReplaced(lines, edit);
  if (replaced) return replaced;
  const same = lines.findLastIndex((one) => bare(one) === bare(line));
  if (same >= 0) return lines.map((one, i) => (i === same ? ended(one) : one));
  // Without a match there is nothing to fill the references with.
  if (edit.backrefs) return lines;
  const place = insertBefore === 'BOF' || insertAfter === 'BOF' ? 0 : placeFor(lines, edit);
  return [...lines.slice(0, place).map((one) => ended(one)), ended(line), ...lines.slice(place)];
}

/** The text with the line that `regexp` or `searchString` means replaced: the last, or with `firstMatch` the first. */
function withMatchReplaced(
  lines: readonly string[],
  { line = '', regexp, searchString, backrefs, firstMatch }: LineEdit,
): string[] | undefined {
  const search = (one: string): RegExpExecArray | boolean | null =>
    regexp ? matchLine(regexp, one) : searchString !== undefined && one.includes(searchString);
  const matches = lines.flatMap((one, at) => {
    const match = search(one);
    return match ? [{ at, match }] : [];
  });
  if (matches.length === 0) return undefined;
  const made = [...lines];
  for (const { at, match } of firstMatch ? matches : matches.reverse()) {
    const next = ended(backrefs && typeof match === 'object' ? expand(line, match) : line, lines[at]);
    made[at] = next;
    // A new line that is not found by what found the old one leaves the next one to be found.
    if (search(next)) break;
  }
  return made;
}

/** Where a new line goes: at the line that the anchor means, else at the end. */
function placeFor(lines: readonly string[], { insertAfter, insertBefore, firstMatch }: LineEdit): number {
  const pattern =
    insertAfter instanceof RegExp ? insertAfter : insertBefore instanceof RegExp ? insertBefore : undefined;
  if (!pattern) return lines.length;
  const isAnchor = (one: string): boolean => matchLine(pattern, one) !== null;
  const at = firstMatch ? lines.findIndex(isAnchor) : lines.findLastIndex(isAnchor);
  return at < 0 ? lines.length : pattern === insertAfter ? at + 1 : at;
}
