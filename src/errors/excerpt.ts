import type { Location } from './play-error.ts';

/**
 * The line an error is about with the one before it, numbered, and a caret under the column; for
 * `PlayErrorData.detail`. Undefined when the place has no line.
 */
export function excerpt(text: string, where: Location): string | undefined {
  if (where.line === undefined) return undefined;
  const lines = text.split(/\r\n|\n|\r/);
  const width = String(where.line).length;
  const shown: string[] = [];
  for (let number = Math.max(1, where.line - 1); number <= where.line; number++) {
    // A tab is one column here as it is in the position; a long line must not fill the screen.
    const line = (lines[number - 1] ?? '').replaceAll('\t', ' ').slice(0, 160);
    shown.push(`${String(number).padStart(width)} | ${line}`.trimEnd());
  }
  if (where.column !== undefined && where.column <= 160)
    shown.push(`${' '.repeat(width)} | ${' '.repeat(where.column - 1)}^`);
  return shown.join('\n');
}
