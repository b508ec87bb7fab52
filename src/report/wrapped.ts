/** Lines below one that they belong to. */
export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `    ${line}`);
}

/** How many characters a text takes, colours aside. */
export function widthOf(text: string): number {
  // oxlint-disable-next-line no-control-regex
  return [...text.replace(/\x1b\[\d+m/g, '')].length;
}

/**
 * Parts as indented lines, as many on each as fit. One that is too long by itself is broken behind commas, else between words.
 *
 * @param between what stands between two parts, and stays at the end of a line
 * @example wrapped(['mode 0644 -> 0600', 'owner root -> www-data'], '; ', 40)
 */
export function wrapped(parts: readonly string[], between: string, width: number): string[] {
  const room = Math.max(20, width - 4);
  const lines: string[] = [];
  let line = '';
  for (const [at, part] of parts.entries()) {
    const text = at < parts.length - 1 ? `${part}${between}` : part;
    const isTooLong = widthOf(text.trimEnd()) > room;
    if (isTooLong && line !== '') {
      lines.push(line.trimEnd());
      line = '';
    }
    for (const word of isTooLong ? pieces(text, room) : [text]) {
      if (line !== '' && widthOf(`${line}${word}`.trimEnd()) > room) {
        lines.push(line.trimEnd());
        line = '';
      }
      line += word;
    }
  }
  return indented(line === '' ? lines : [...lines, line.trimEnd()]);
}

function pieces(text: string, room: number): string[] {
  return text.split(/(?<=, )/).flatMap((piece) => (widthOf(piece.trimEnd()) > room ? piece.split(/(?<= )/) : [piece]));
}
