import { visible } from '../connection/byte-text.ts';
import { controls, onOneLine, writtenOut } from '../formats/control-characters.ts';
import type { Redactor } from '../secrets/index.ts';

/**
 * The printing end: everything people are shown passes through here. Text from a host appears on one line behind
 * something of ours, or behind a mark, and its control characters are written out: it can neither look like a line of
 * ours nor move a cursor, on a terminal or in a file that is read later.
 */

/** The colours of `style.ts` and of host names, and nothing else that begins with an escape. */
// oxlint-disable-next-line no-control-regex
const coloursOrControls =
  /\x1b\[(?:1|2|22|3[1-6]|39|9[2-6])m|[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** What somebody else says, as a part of one line. @example said('a\nok  web1')  // 'a\\nok  web1' */
export function said(text: string): string {
  return onOneLine(text);
}

/** The same as lines of their own: line breaks stay. */
export function saidLines(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(controls, (control) => (control === '\n' ? control : writtenOut(control)));
}

/** A line that is printed byte for byte, as lines of a patch must be. */
export class Exact {
  readonly line: string;
  constructor(line: string) {
    this.line = line;
  }
}

export type Line = string | Exact;

/**
 * Lines as they are printed, with line breaks; secrets are masked. A text that contains a line break continues behind a
 * mark.
 */
export function shownLines(lines: readonly Line[], redactor?: Pick<Redactor, 'redact'>): string {
  const masked = (text: string): string => (redactor === undefined ? text : redactor.redact(text));
  const shown = (line: string): string =>
    masked(line)
      .split('\n')
      .map((part) => part.replace(coloursOrControls, (match) => (match.length > 1 ? match : writtenOut(match))))
      .join('\n    | ');
  return visible(lines.map((line) => `${line instanceof Exact ? line.line : shown(line)}\n`).join(''));
}
