import * as v from 'valibot';

/**
 * Regular expressions as options: JavaScript's, written as a string or as a RegExp literal. Of Python's dialect, which
 * Ansible's playbooks are written in, `(?P<name>...)`, `(?P=name)`, `\A`, `\Z` and flags at the start (`(?i)`) are taken
 * too. What else differs: JavaScript has no `(?x)`, no conditional groups, and in a string `\d` and `\w` mean ASCII.
 */
export const regexp = (description: string) => readAs(description, toRegExp);

/** The same for a whole text of many lines: `^` and `$` stand at every line's begin and end, as with Python's re.MULTILINE. */
export const linesRegexp = (description: string) => readAs(description, toLinesRegExp);

/** A place in a whole text: in a string `.` matches line ends too, as with Python's re.DOTALL. */
export const placeRegexp = (description: string) =>
  readAs(description, (source) => toRegExp(typeof source === 'string' ? source.replace(/^(?:\(\?([aimsu]+)\))?/, (_, letters: string | undefined) => `(?s${letters ?? ''})`) : source));

const readAs = (description: string, read: (source: string | RegExp) => RegExp) =>
  v.pipe(
    v.union([v.string(), v.instance(RegExp)]),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      try {
        return read(dataset.value);
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
  return new RegExp(translated, [...new Set(letters.replace(/[au]/g, ''))].join(''));
}

/**
 * For all matches in a text of many lines. JavaScript's own `m` takes `\r` for a line's end too, which would put what is
 * added in front of the `\r` of a CRLF; so anchors are spelt out. A RegExp literal is taken as written, with `m`.
 *
 * @throws SyntaxError
 */
function toLinesRegExp(source: string | RegExp): RegExp {
  if (source instanceof RegExp) return new RegExp(source.source, `${source.flags.replace(/[gmy]/g, '')}gm`);
  const spelt = source.replace(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|[$^]/g, (found) => anchors[found] ?? found);
  const { source: translated, flags } = toRegExp(spelt);
  return new RegExp(translated, `${flags.replace('m', '')}g`);
}

const anchors: Readonly<Record<string, string>> = { '^': '(?<![^\\n])', $: '(?![^\\n])', '\\A': '(?<![^])', '\\Z': '(?![^])' };

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
