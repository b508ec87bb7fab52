import { isUtf8 } from 'node:buffer';

/** Text of POSIX sh that people read: for dash, busybox and bash alike. */

/** A word, whatever it holds. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Words of one command, on as many lines as they need. */
export function words(list: readonly string[]): string {
  const lines = [''];
  for (const word of list) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + word.length > 100) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.join(' \\\n    ');
}

/** Longer lines cannot be pasted: a terminal takes 4095 bytes (termios(3), canonical mode). */
const longestLine = 2000;

/** A command with its input: a text stands there as it is, all else in base64. */
export function asInput(command: string, input: Uint8Array | undefined, end: string): string[] {
  if (input === undefined || input.length === 0) return [`${command} </dev/null ${end}`];
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  if (!isPlain(bytes)) {
    const lines = bytes.toString('base64').match(/.{1,76}/g) ?? [];
    return [`base64 -d <<'END' | ${command} ${end}`, ...lines, 'END'];
  }
  const text = bytes.toString('utf8');
  const mark = markFor(text);
  if (text.endsWith('\n')) return [`${command} <<'${mark}' ${end}`, text.slice(0, -1), mark];
  // A here-document ends with a line break, which is none of this text.
  return [`head -c ${bytes.length} <<'${mark}' | ${command} ${end}`, text, mark];
}

function isPlain(bytes: Buffer): boolean {
  if (!isUtf8(bytes)) return false;
  const text = bytes.toString('utf8');
  // oxlint-disable-next-line no-control-regex
  if (/[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/.test(text)) return false;
  return text.split('\n').every((line) => line.length <= longestLine);
}

function markFor(text: string): string {
  const lines = new Set(text.split('\n'));
  let mark = 'END';
  while (lines.has(mark)) mark += '_';
  return mark;
}
