import { matchLine, reachesOverLines } from './regexp.ts';

/** What `blockinfile` shall make of a text. */
export interface BlockEdit {
  readonly state: 'present' | 'absent';
  readonly block: string;
  /** The lines before and after the block, without line ends. */
  readonly begin: string;
  readonly end: string;
  readonly insertAfter?: RegExp | 'EOF' | undefined;
  readonly insertBefore?: RegExp | 'BOF' | undefined;
}

/** Lines with their ends, as Python's `bytes.splitlines` cuts them: `\n`, `\r` and `\r\n` end one. */
function linesOf(text: string): string[] {
  return text.match(/[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$/g) ?? [];
}

/** Makes the text right, by the rules of ansible-core's blockinfile: an empty block is no block. */
export function editBlock(text: string, { state, block, begin, end, insertAfter, insertBefore }: BlockEdit): string {
  const lines = linesOf(text);
  const there = blockIn(lines, begin, end);
  const wanted =
    state === 'present' && block !== '' ? [`${begin}\n`, block.endsWith('\n') ? block : `${block}\n`, `${end}\n`] : [];
  let at: number;
  if (there) {
    at = there.first;
    lines.splice(at, there.last - at + 1);
  } else {
    const after = insertAfter instanceof RegExp ? anchorLine(lines, insertAfter, 'end') : undefined;
    const before = insertBefore instanceof RegExp ? anchorLine(lines, insertBefore, 'begin') : undefined;
    at = insertBefore === 'BOF' ? 0 : after !== undefined ? after + 1 : (before ?? lines.length);
  }
  if (wanted.length > 0 && at > 0 && !lines[at - 1]?.endsWith('\n')) lines[at - 1] += '\n';
  lines.splice(at, 0, ...wanted);
  return lines.join('');
}

/**
 * The last block between two markers: a marker that has lost its partner, before or behind it, is no part of one. Where
 * all there is are an end and a begin behind it, Ansible takes what lies between.
 */
function blockIn(
  lines: readonly string[],
  begin: string,
  end: string,
): { readonly first: number; readonly last: number } | undefined {
  const placesOf = (marker: string): number[] =>
    lines.flatMap((line, i) => (line.replace(/\r?\n$/, '') === marker ? [i] : []));
  const [begins, ends] = [placesOf(begin), placesOf(end)];
  for (const [i, first] of [...begins.entries()].reverse()) {
    const last = ends.find((one) => one > first);
    if (last !== undefined && last < (begins[i + 1] ?? lines.length)) return { first, last };
  }
  const [first, last] = [ends.at(-1), begins.at(-1)];
  return first === undefined || last === undefined ? undefined : { first, last };
}

/** The line in which the last match of an anchor begins or ends; undefined where there is none. */
function anchorLine(lines: readonly string[], pattern: RegExp, side: 'begin' | 'end'): number | undefined {
  if (!reachesOverLines(pattern)) {
    const at = lines.findLastIndex((line) => matchLine(pattern, line) !== null);
    return at < 0 ? undefined : at;
  }
  const match = [...lines.join('').matchAll(new RegExp(pattern.source, `${pattern.flags}g`))].at(-1);
  if (!match) return undefined;
  // A match that takes in a line's end does not reach into the next line.
  let left = side === 'begin' ? match.index : match.index + match[0].replace(/\r?\n$/, '').length;
  return lines.findIndex((line) => (left -= line.length) < 0 || (left === 0 && !line.endsWith('\n')));
}
