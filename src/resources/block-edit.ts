import { matchLine } from './regexp.ts';

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
  const [first, last] = [lines.lastIndexOf(`${begin}\n`), lines.lastIndexOf(`${end}\n`)];
  let at: number;
  if (first >= 0 && last >= 0) {
    at = Math.min(first, last);
    lines.splice(at, Math.abs(last - first) + 1);
  } else {
    const pattern = insertAfter instanceof RegExp ? insertAfter : insertBefore instanceof RegExp ? insertBefore : undefined;
    const match = pattern ? lines.findLastIndex((line) => matchLine(pattern, line) !== null) : -1;
    at = insertBefore === 'BOF' ? 0 : match < 0 ? lines.length : insertAfter === undefined ? match : match + 1;
  }
  if (at > 0 && !lines[at - 1]?.endsWith('\n')) lines[at - 1] += '\n';
  const wanted = state === 'present' && block !== '' ? [`${begin}\n`, block.endsWith('\n') ? block : `${block}\n`, `${end}\n`] : [];
  lines.splice(at, 0, ...wanted);
  return lines.join('');
}
