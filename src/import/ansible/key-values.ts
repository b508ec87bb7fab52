import type { Location } from '../../errors/index.ts';
import type { Data } from './data.ts';

/** Modules whose text is a command, in which only these words are options. */
const commandOptions = new Set([
  'creates',
  'removes',
  'chdir',
  'executable',
  'warn',
  'stdin',
  'strip_empty_ends',
  'argv',
]);

/** What a task's text says: options, and what is left of it. */
export interface KeyValues {
  readonly options: ReadonlyMap<string, Data>;
  /** Text that is no option: the command of `command`, `shell`, `script` and `raw`. */
  readonly rest: string;
}

/** Words split at blanks, with quotes and `{{ }}` kept together and kept as they are. */
export function splitWords(text: string): { word: string; from: number; to: number }[] {
  const pattern =
    /(?:\{\{(?:[^}]|\}(?!\}))*\}\}|\{%(?:[^%]|%(?!\}))*%\}|"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|\\[^]|[^\s])+/g;
  return [...text.matchAll(pattern)].map((match) => ({
    word: match[0],
    from: match.index,
    to: match.index + match[0].length,
  }));
}

/**
 * Reads `key=value` as Ansible does in a task's text.
 *
 * @param isCommand the text is a command line: options are the few that such modules have
 */
export function readKeyValues(text: string, isCommand: boolean, at: Location): KeyValues {
  const options = new Map<string, Data>();
  const kept: { from: number; to: number }[] = [];
  for (const { word, from, to } of splitWords(text)) {
    const [, key, value] = /^(\w+)=([^]*)$/.exec(word) ?? [];
    if (key === undefined || value === undefined || (isCommand && !commandOptions.has(key))) kept.push({ from, to });
    else options.set(key, { type: 'text', value: unescaped(unquoted(value)), at });
  }
  if (options.size === 0) return { options, rest: text.trim() };
  return { options, rest: kept.map(({ from, to }) => text.slice(from, to)).join(' ') };
}

/** Escapes of Python's texts, which Ansible reads here, unlike in YAML. */
const escapes = /\\(?:([\\'"])|([abfnrtv])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))/g;
const controls: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

const unescaped = (value: string): string =>
  value.replaceAll(escapes, (_, itself?: string, letter?: string, short?: string, long?: string) => {
    if (itself !== undefined) return itself;
    if (letter !== undefined) return controls[letter] ?? letter;
    return String.fromCharCode(Number.parseInt(short ?? long ?? '', 16));
  });

function unquoted(value: string): string {
  const [, quote, inner] = /^(["'])([^]*)\1$/.exec(value) ?? [];
  if (quote === undefined || inner === undefined) return value;
  return inner.replaceAll(`\\${quote}`, quote);
}
