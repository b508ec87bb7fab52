import * as v from 'valibot';
import { PythonRegExp, type PythonFlags } from './python-flags.ts';
import { translate } from './python-regexp.ts';

/**
 * Regular expressions as options: in a string Python's (re, 3.11), as Ansible's playbooks have them, or JavaScript's as
 * a RegExp literal. What of Python's cannot be translated (groups that depend on others, `\N{...}`, most of possessive)
 * is refused. As with the bytes that Ansible's lineinfile looks at, `\d`, `\w`, `\s` and `\b` mean ASCII; `(?u)` is for
 * all of Unicode.
 */
export const regexp = (description: string) => readAs(description, toRegExp);

/** The same for names and other short texts: `\w` and its like mean all of Unicode. */
export const wordRegexp = (description: string) => readAs(description, (source) => toRegExp(source, { ascii: false }));

/**
 * The same for a whole text of many lines: `^` and `$` stand at every line's begin and end, as with Python's
 * re.MULTILINE.
 */
export const linesRegexp = (description: string) =>
  readAs(description, (source) => {
    const pattern = toRegExp(source, { ascii: false, multiline: true });
    const flags = `${pattern.flags}g${source instanceof RegExp && !pattern.multiline ? 'm' : ''}`;
    return pattern instanceof PythonRegExp
      ? new PythonRegExp(pattern.source, flags, pattern)
      : new RegExp(pattern.source, flags);
  });

/** A place in a whole text: in a string `.` matches line ends too, as with Python's re.DOTALL. */
export const placeRegexp = (description: string) =>
  readAs(description, (source) => toRegExp(source, { ascii: false, dotAll: true }));

const readAs = (description: string, read: (source: string | RegExp) => RegExp) =>
  v.pipe(
    v.union([v.string(), v.instance(RegExp)]),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      try {
        return read(dataset.value);
      } catch (error) {
        addIssue({
          message: `must be a regular expression: ${error instanceof Error ? error.message : String(error)}`,
        });
        return NEVER;
      }
    }),
    v.description(description),
  );

/** @throws SyntaxError */
export function toRegExp(source: string | RegExp, flags: Partial<PythonFlags> = {}): RegExp {
  // A search that remembers where it stopped (`g`, `y`) would find less the second time.
  if (source instanceof RegExp) return new RegExp(source.source, source.flags.replace(/[gy]/g, ''));
  return translate(source, { ascii: true, multiline: false, dotAll: false, ...flags });
}

/**
 * Whether a line holds a match. A pattern of Python's sees the line with its end, as Ansible's do: `\s` may match that
 * end. For a literal `$` stands before the line's end.
 */
export function matchLine(pattern: RegExp, line: string): RegExpExecArray | null {
  if (pattern instanceof PythonRegExp) return pattern.exec(line);
  const body = line.endsWith('\n') ? line.slice(0, -1) : line;
  return pattern.exec(body) ?? (body === line ? null : pattern.exec(line));
}

/** Whether a pattern looks for a line's end with something behind it: it is meant for a text of several lines. */
export function reachesOverLines(pattern: RegExp): boolean {
  if (pattern instanceof PythonRegExp && pattern.isMultiline) return true;
  const outsideClasses = pattern.source.replaceAll('\\u{a}', '\\n').replaceAll(/\\[^n]|\[(?:\\[^]|[^\]\\])*\]/g, 'x');
  return pattern.multiline || /(?:\\n|\n)\)?[*+]?(?![)$*+?{|]|\(\?[=!<]|$)/.test(outsideClasses);
}

/**
 * `\1`, `\g<1>`, `\g<name>` and escapes, as Python's `match.expand`. A group that took no part gives nothing.
 *
 * @throws RangeError for a group that is not there
 */
export function expand(template: string, match: RegExpExecArray): string {
  return partsOf(template)
    .map((part) => (typeof part === 'string' ? part : groupOf(match, part.group)))
    .join('');
}

/** Why a template does not go with a pattern; undefined: it does. */
export function wrongReference(template: string, pattern: RegExp): string | undefined {
  // An alternative that matches nothing tells which groups a pattern has.
  const groups = new RegExp(`${pattern.source}|`, pattern.flags.replace(/[gy]/g, '')).exec('');
  if (!groups) return undefined;
  try {
    for (const part of partsOf(template)) {
      if (typeof part === 'string') continue;
      groupOf(groups, part.group);
      if (pattern instanceof PythonRegExp && pattern.forgetful.has(part.group))
        return `what group ${part.group} has matched in the last of several rounds differs between Python and here; put the group around the repetition`;
    }
    return undefined;
  } catch (error) {
    return error instanceof RangeError ? error.message : String(error);
  }
}

interface GroupReference {
  readonly group: string;
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  'n': '\n',
  't': '\t',
  'r': '\r',
  'a': '\x07',
  'b': '\b',
  'f': '\f',
  'v': '\v',
};

/** As sre_parse.parse_template reads it. */
function partsOf(template: string): readonly (string | GroupReference)[] {
  const parts: (string | GroupReference)[] = [];
  let at = 0;
  for (const found of template.matchAll(/\\(?:g<([^>]*)>|(0[0-7]{0,2}|[1-3][0-7]{2})|([1-9]\d?)|([^]?))/g)) {
    const [whole, name, octal, number, escaped] = found;
    parts.push(template.slice(at, found.index));
    at = found.index + whole.length;
    if (name !== undefined) parts.push({ group: name });
    else if (number !== undefined) parts.push({ group: number });
    else parts.push(octal === undefined ? escapeOf(escaped ?? '') : String.fromCharCode(Number.parseInt(octal, 8)));
  }
  return [...parts, template.slice(at)];
}

function escapeOf(letter: string): string {
  const known = escapes[letter];
  if (known !== undefined) return known;
  if (letter === '' || /[A-Za-z]/.test(letter))
    throw new RangeError(`"\\${letter}" means nothing; for a backslash write "\\\\"`);
  return `\\${letter}`;
}

function groupOf(match: RegExpExecArray, group: string): string {
  if (/^\d+$/.test(group)) {
    if (Number(group) >= match.length) throw new RangeError(`there is no group ${group} in the regular expression`);
    return match[Number(group)] ?? '';
  }
  if (!(group in (match.groups ?? {}))) throw new RangeError(`there is no group "${group}" in the regular expression`);
  return match.groups?.[group] ?? '';
}
