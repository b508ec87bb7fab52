import { expand } from './regexp.ts';

/** What `replace` shall make of a text. */
export interface Replacement {
  /** With the flag `g`. */
  readonly regexp: RegExp;
  readonly replace: string;
  readonly after?: RegExp | undefined;
  readonly before?: RegExp | undefined;
}

/** Replaces all matches, as ansible-core's replace does. */
export function replaceAll(text: string, { regexp, replace, after, before }: Replacement): string {
  const section = sectionOf(text, after, before);
  if (!section) return text;
  const [from, to] = section;
  const made = text.slice(from, to).replace(regexp, (...found: unknown[]) => expand(replace, toMatch(found)));
  return text.slice(0, from) + made + text.slice(to);
}

/** Begin and end of what is looked at; undefined where `after` or `before` is not there. */
function sectionOf(
  text: string,
  after: RegExp | undefined,
  before: RegExp | undefined,
): readonly [number, number] | undefined {
  if (!after && !before) return [0, text.length];
  const start = after ? after.exec(text) : undefined;
  if (start === null) return undefined;
  const from = start ? start.index + start[0].length : 0;
  if (!before) return [from, text.length];
  const all = [...text.matchAll(new RegExp(before.source, `${before.flags}g`))].filter((match) => match.index >= from);
  const end = after ? all[0] : all.at(-1);
  return end ? [from, end.index] : undefined;
}

/** The arguments of a replacer as the match they are: groups, index, text, and the named groups if there are any. */
function toMatch(found: readonly unknown[]): RegExpExecArray {
  const named = typeof found.at(-1) === 'object' ? (found.at(-1) as Record<string, string>) : undefined;
  const groups = found.slice(0, named ? -3 : -2) as string[];
  return Object.assign(groups as unknown as RegExpExecArray, { index: 0, input: '', groups: named });
}
