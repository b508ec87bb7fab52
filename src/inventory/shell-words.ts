export interface Word {
  readonly text: string;
  /** Index of its first character in the line. */
  readonly at: number;
}

/**
 * Words as Python's `shlex.split(line, comments=True)` makes them: quotes, backslashes, and a `#` that starts a comment
 * even inside a word (`comments: false` takes it literally). Returns the complaint when a quotation is not closed.
 */
export function splitWords(line: string, { comments = true } = {}): Word[] | string {
  return /["'\\#]/.test(line) ? splitCarefully(line, comments) : splitPlainly(line);
}

function splitPlainly(line: string): Word[] {
  const words: Word[] = [];
  for (const found of line.matchAll(/[^ \t\r\n]+/g)) words.push({ text: found[0], at: found.index });
  return words;
}

function splitCarefully(line: string, comments: boolean): Word[] | string {
  const words: Word[] = [];
  let text: string | undefined;
  let at = 0;
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const c = line.charAt(i);
    if (quote !== '') {
      if (c === quote) quote = '';
      else if (c === '\\' && quote === '"') {
        const next = line.charAt(++i);
        if (next === '') return 'No escaped character';
        text += next === '"' || next === '\\' ? next : `\\${next}`;
      } else text += c;
      continue;
    }
    if (/[ \t\r\n]/.test(c)) {
      if (text !== undefined) words.push({ text, at });
      text = undefined;
      continue;
    }
    if (c === '#' && comments) break;
    if (text === undefined) {
      text = '';
      at = i;
    }
    if (c === '"' || c === "'") quote = c;
    else if (c === '\\') {
      const next = line.charAt(++i);
      if (next === '') return 'No escaped character';
      text += next;
    } else text += c;
  }
  if (quote !== '') return 'No closing quotation';
  if (text !== undefined) words.push({ text, at });
  return words;
}
