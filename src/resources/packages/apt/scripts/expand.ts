import type { Script, Word } from '../../../../formats/shell/index.ts';

/** A word after expansion; without a text it is not known, or is many. */
export interface Field {
  readonly text: string | undefined;
  /** It has `*`, `?` or `[` outside of quotes: a pattern for names of files. */
  readonly isPattern: boolean;
}

/** Variables, positional parameters and the output of commands, as far as they are known. */
export interface Values {
  variable(name: string): string | undefined;
  assign(name: string, value: string | undefined): void;
  readonly positional: readonly (string | undefined)[];
  output(script: Script): string | undefined;
}

/** One text, as in assignments, patterns of `case` and targets of redirections: nothing is split. */
export function expandText(word: Word, values: Values): string | undefined {
  let all: string | undefined = '';
  for (const part of word) {
    const text: string | undefined = part.is === 'text' ? part.text : valueOf(part, values);
    all = all === undefined || text === undefined ? undefined : all + text;
  }
  return all;
}

/** The words that come of one: unquoted values are split at blanks, and nothing at all is no word. */
export function expandFields(word: Word, values: Values): Field[] {
  const [only] = word;
  if (only?.is === 'variable' && only.name === '@' && only.quoted && word.length === 1)
    return values.positional.map((text) => ({ text, isPattern: false }));
  const fields = new Fields();
  for (const part of word) {
    const text = part.is === 'text' ? part.text : valueOf(part, values);
    if (part.quoted) fields.add(text, false);
    else if (part.is === 'text' || text === undefined) fields.add(text, text !== undefined && /[*?[]/.test(text));
    else fields.split(text);
  }
  return fields.end();
}

class Fields {
  readonly #all: Field[] = [];
  #now: { text: string | undefined; isPattern: boolean } | undefined;

  add(text: string | undefined, isPattern: boolean): void {
    const now = this.#now ?? { text: '', isPattern: false };
    this.#now = {
      text: now.text === undefined || text === undefined ? undefined : now.text + text,
      isPattern: now.isPattern || isPattern,
    };
  }

  split(text: string): void {
    const [first = '', ...others] = text.split(/[ \t\n]+/);
    if (first !== '') this.add(first, /[*?[]/.test(first));
    for (const other of others) {
      this.#close();
      if (other !== '') this.add(other, /[*?[]/.test(other));
    }
  }

  end(): Field[] {
    this.#close();
    return this.#all;
  }

  #close(): void {
    if (this.#now !== undefined) this.#all.push(this.#now);
    this.#now = undefined;
  }
}

function valueOf(part: Exclude<Word[number], { readonly is: 'text' }>, values: Values): string | undefined {
  if (part.is === 'unread') return undefined;
  if (part.is === 'output') return values.output(part.of)?.replace(/\n+$/, '');
  const value = values.variable(part.name);
  const operand = (): string | undefined => expandText(part.operand, values);
  switch (part.operator) {
    case '':
      return value;
    case ':-':
    case ':?':
      return value === '' ? operand() : value;
    case '-':
    case '?':
      // Set to nothing and not set at all are one here, and differ.
      return value === '' ? undefined : value;
    case ':+':
      return value === '' ? '' : value === undefined ? undefined : operand();
    case '+':
      return value === undefined || value === '' ? undefined : operand();
    case ':=':
      if (value === '') values.assign(part.name, operand());
      return values.variable(part.name);
    case '%':
    case '%%':
    case '#':
    case '##':
      return cut(value, part.operator, operand());
    default:
      return undefined;
  }
}

/** `${NAME#PATTERN}` and its like, for patterns with no more than `*`. */
function cut(value: string | undefined, operator: string, pattern: string | undefined): string | undefined {
  if (value === undefined || pattern === undefined || /[?[\\]/.test(pattern)) return undefined;
  const isLong = operator.length === 2;
  const whole = pattern
    .split('*')
    .map((text) => text.replace(/[.+^${}()|\\/-]/g, '\\$&'))
    .join(isLong ? '[^]*' : '[^]*?');
  if (operator.startsWith('#')) return value.replace(new RegExp(`^${whole}`), '');
  // The shortest one at an end begins as late as it can.
  for (let i = 0; i <= value.length; i++) {
    const from = isLong ? i : value.length - i;
    if (new RegExp(`^${whole}$`).test(value.slice(from))) return value.slice(0, from);
  }
  return value;
}

/** Whether a text matches a pattern of `case`. */
export function matches(text: string, pattern: string): boolean {
  const regexp = pattern
    .replace(/[.+^${}()|\\/-]/g, '\\$&')
    .replaceAll('*', '[^]*')
    .replaceAll('?', '[^]');
  try {
    return new RegExp(`^(?:${regexp})$`).test(text);
  } catch {
    return false;
  }
}
