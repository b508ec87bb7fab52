import type { DescribedCommand, DescribedOption } from './describe.ts';

/** A command line up to where it is to be completed. */
export interface TypedLine {
  /** Behind the command's name, whole. */
  readonly positional: readonly string[];
  /** The values of options so far, by the option's last name. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  /** The option whose value is being typed. */
  readonly open: DescribedOption | undefined;
  /** What is typed of the word in question; of `--limit=we` the value alone. */
  readonly current: string;
  /** What stands before that in the same word: `--limit=`. */
  readonly before: string;
  /** Behind `--`: what follows is for the host. */
  readonly isForeign: boolean;
}

/** @param words behind the command's name; the last one is what is to be completed */
export function readLine(words: readonly string[], { options }: DescribedCommand): TypedLine {
  const whole = words.slice(0, -1);
  const last = words.at(-1) ?? '';
  const positional: string[] = [];
  const values = new Map<string, string[]>();
  let open: DescribedOption | undefined;
  let isForeign = false;
  const take = (option: DescribedOption, value: string): void => {
    const key = option.names.at(-1) ?? '';
    values.set(key, [...(values.get(key) ?? []), value]);
  };
  for (const word of whole) {
    if (open !== undefined) {
      take(open, word);
      open = undefined;
    } else if (isForeign || !word.startsWith('-') || word === '-') positional.push(word);
    else if (word === '--') isForeign = true;
    else {
      const [, name = word, value] = /^(--[^=]+)=([\s\S]*)$/.exec(word) ?? [];
      const option = optionOf(name, options);
      if (option !== undefined && value !== undefined) take(option, value);
      // A value in brackets stands behind = alone.
      else if (option?.value?.startsWith('<')) {
        const glued = word.startsWith('--') ? '' : word.slice(word.indexOf(option.names[0]?.[1] ?? '') + 1);
        if (glued === '') open = option;
        else take(option, glued);
      }
    }
  }
  const [, name, value = ''] = (open === undefined && !isForeign && /^(--[^=]+)=([\s\S]*)$/.exec(last)) || [];
  if (name !== undefined) open = optionOf(name, options);
  const before = name === undefined ? '' : `${name}=`;
  return { positional, options: values, open, current: name === undefined ? last : value, before, isForeign };
}

/** By its long name, or its letter at the end of a bundle (`-CDl`). */
function optionOf(word: string, options: readonly DescribedOption[]): DescribedOption | undefined {
  if (word.startsWith('--')) return options.find(({ names }) => names.includes(word));
  for (const letter of word.slice(1)) {
    const option = options.find(({ names }) => names.includes(`-${letter}`));
    if (option?.value !== undefined) return option;
  }
  return undefined;
}

/**
 * A line of a shell as words, the last one as far as it is typed. Quotes and backslashes as sh has them; nothing is expanded.
 *
 * @example splitLine("play site -l 'we")  // ['play', 'site', '-l', 'we']
 */
export function splitLine(line: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const c = line.charAt(i);
    if (c === '\\' && quote !== "'") word += line.charAt(++i);
    else if (quote !== '') {
      if (c === quote) quote = '';
      else word += c;
    } else if (c === '"' || c === "'") quote = c;
    else if (!/\s/.test(c)) word += c;
    else if (word !== '') {
      words.push(word);
      word = '';
    }
  }
  return [...words, word];
}
