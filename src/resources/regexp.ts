import * as v from 'valibot';

/**
 * Regular expressions as options: JavaScript's, written as a string or as a RegExp literal. Of Python's dialect, which
 * Ansible's playbooks are written in, `(?P<name>...)`, `(?P=name)`, `\A`, `\Z` and flags at the start (`(?i)`) are taken
 * too. What else differs: JavaScript has no `(?x)`, no conditional groups, and in a string `\d` and `\w` mean ASCII.
 */
export const regexp = (description: string) =>
  v.pipe(
    v.union([v.string(), v.instance(RegExp)]),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      try {
        return toRegExp(dataset.value);
      } catch (error) {
        addIssue({ message: `must be a regular expression: ${error instanceof Error ? error.message : String(error)}` });
        return NEVER;
      }
    }),
    v.description(description),
  );

/** @throws SyntaxError */
export function toRegExp(source: string | RegExp): RegExp {
  // A search that remembers where it stopped (`g`, `y`) would find less the second time.
  if (source instanceof RegExp) return new RegExp(source.source, source.flags.replace(/[gy]/g, ''));
  const [, letters = '', rest = source] = /^\(\?([aimsu]+)\)([\s\S]*)$/.exec(source) ?? [];
  // Escapes and classes stay as they are; a point means anything but a line's end, `\r` included, as in Python.
  const translated = rest.replace(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\(\?P<|\(\?P=(\w+)\)|\./g, (found: string, name: string | undefined) => {
    if (name !== undefined) return `\\k<${name}>`;
    if (found === '.') return letters.includes('s') ? found : '[^\\n]';
    if (found === '(?P<') return '(?<';
    return found === '\\A' ? '^' : found === '\\Z' ? '$' : found;
  });
  return new RegExp(translated, letters.replace(/[au]/g, ''));
}

/**
 * Whether a line holds a match, as Python's `search` on a line with its end sees it: `$` stands before the line's end, and
 * `\s` may match that end itself.
 */
export function matchLine(pattern: RegExp, line: string): RegExpExecArray | null {
  const body = line.endsWith('\n') ? line.slice(0, -1) : line;
  return pattern.exec(body) ?? (body === line ? null : pattern.exec(line));
}

/** `\1`, `\g<1>`, `\g<name>` and escapes, as Python's `match.expand`. A group that took no part gives nothing. */
export function expand(template: string, match: RegExpExecArray): string {
  return template.replace(/\\(?:g<(\w+)>|([1-9]\d?)|([\s\S]))/g, (whole: string, name: string | undefined, number: string | undefined, escaped: string | undefined) => {
    const group = name ?? number;
    if (group === undefined) return escapes[escaped ?? ''] ?? whole;
    if (!/^\d+$/.test(group)) return named(match, group);
    if (Number(group) >= match.length) throw new RangeError(`there is no group ${group} in the regular expression`);
    return match[Number(group)] ?? '';
  });
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

function named(match: RegExpExecArray, name: string): string {
  if (!(name in (match.groups ?? {}))) throw new RangeError(`there is no group "${name}" in the regular expression`);
  return match.groups?.[name] ?? '';
}
