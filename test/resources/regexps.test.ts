import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { PythonRegExp } from '../../src/formats/python-flags.ts';
import { expand, linesRegexp, reachesOverLines, toRegExp, wrongReference } from '../../src/formats/regexp.ts';
import { replaceAll } from '../../src/formats/replace-edit.ts';

/** Before the match, the match, its groups. */
type Found = readonly [before: string, match: string, ...groups: (string | null)[]];
/** What Python's re makes of expressions (record-regexps.py); null: it refuses the expression. */
interface Recorded {
  readonly texts: readonly string[];
  readonly expressions: readonly (readonly [
    expression: string,
    ascii: readonly (Found | null)[] | null,
    lines: readonly (Found | null)[] | null,
  ])[];
  readonly templates: Readonly<Record<string, string | null>>;
  readonly substitutions: readonly (readonly [expression: string, replacement: string, text: string, after: string])[];
}
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'regexp-cases.json'), 'utf8')) as Recorded;

/** What JavaScript's engine cannot do, and so is refused with these words. */
const refused: Readonly<Record<string, RegExp>> = {
  '(ab)*+': /possessive/,
  '(?>a+)b': /atomic group/,
  '(?(1)a|b)': /depends on another/,
  '(a)?(?(1)b|c)': /depends on another/,
  '(a)?\\1': /may take no part/,
  '(a)|(b)\\1': /may take no part/,
  '\\N{LATIN SMALL LETTER A}': /\\N\{\.\.\.\}/,
  '(?t)a': /unknown extension/,
  '(?i)(?-i:a)B': /inside \(\?i\)/,
};
/** What Python refuses and JavaScript has. */
const more = ['(?<n>a)'];
/** Where `\w` means ASCII, letters beyond have two cases all the same, and `(?u)` may take it back. */
const beyondAscii = ['(?i)Ö', '(?i:ö)', '(?u)\\w+', '(?u:\\w+)'];

function found(pattern: RegExp, text: string): Found | null {
  const match = pattern.exec(text);
  // What an earlier round of a repetition matched is told differently: `expand` refuses such groups.
  return (
    match && [
      text.slice(0, match.index),
      match[0],
      ...match
        .slice(1)
        .map((group, i) =>
          pattern instanceof PythonRegExp && pattern.forgetful.has(String(i + 1)) ? null : (group ?? null),
        ),
    ]
  );
}

function withoutForgetful(row: Found | null, pattern: RegExp): Found | null {
  return (
    row && [
      row[0],
      row[1],
      ...row
        .slice(2)
        .map((group, i) =>
          pattern instanceof PythonRegExp && pattern.forgetful.has(String(i + 1)) ? null : (group ?? null),
        ),
    ]
  );
}

describe.each([
  { kind: 'a line, ASCII', column: 1, flags: { ascii: true } },
  { kind: 'a text of many lines, Unicode', column: 2, flags: { ascii: false, multiline: true } },
] as const)('an expression finds what it finds in Python: $kind', ({ column, flags }) => {
  test(`${recorded.expressions.length} expressions, each in ${recorded.texts.length} texts`, () => {
    const wrong = recorded.expressions.flatMap((row): unknown[] => {
      const [expression] = row;
      const wanted = row[column];
      let pattern: RegExp;
      try {
        pattern = toRegExp(expression, flags);
      } catch (error) {
        return wanted === null || refused[expression]?.test(String(error))
          ? []
          : [{ expression, error: String(error) }];
      }
      if (column === 1 && beyondAscii.includes(expression)) return [];
      if (wanted === null) return more.includes(expression) ? [] : [{ expression, is: 'taken, which Python refuses' }];
      if (expression in refused) return [{ expression, is: 'taken' }];
      return recorded.texts.flatMap((text, i) => {
        const made = found(pattern, text);
        const right = withoutForgetful(wanted[i] ?? null, pattern);
        return JSON.stringify(made) === JSON.stringify(right)
          ? []
          : [{ expression, text, made, right, js: pattern.source }];
      });
    });
    expect(wrong.slice(0, 10)).toEqual([]);
    expect(recorded.expressions.length).toBeGreaterThan(300);
  });
});

test('a replacement means what it means in Python', () => {
  const subject = toRegExp('(?P<key>\\w+)\\s*=\\s*(?P<value>\\w*)(x)?');
  for (const [template, wanted] of Object.entries(recorded.templates)) {
    const wrong = wrongReference(template, subject);
    expect(wrong === undefined, `${template}: ${wrong}`).toBe(wanted !== null);
    if (wanted === null) continue;
    const made = 'a = 1, size=b'.replace(new RegExp(subject.source, 'vg'), (...args: unknown[]) =>
      expand(template, subject.exec(String(args[0])) ?? ([] as unknown as RegExpExecArray)),
    );
    expect(made, template).toBe(wanted);
  }
});

test.each(recorded.substitutions)('replace(%j, %j) of %j', (expression, replacement, text, after) => {
  expect(replaceAll(text, { regexp: v.parse(linesRegexp(''), expression), replace: replacement })).toBe(after);
});

test.each([
  ['(?:(a)|b)+', '\\1', /several rounds/],
  ['(?P<x>a|(?P<y>b))*', '\\g<y>', /several rounds/],
  ['(a)', '\\2', /no group 2/],
])('%s with %s is refused', (expression, template, says) => {
  expect(wrongReference(template, toRegExp(expression))).toMatch(says);
});

test('a literal is JavaScript, as it is written', () => {
  const parse = (source: RegExp): RegExp => v.parse(linesRegexp(''), source);
  expect(parse(/^a.b$/g)).toEqual(/^a.b$/gm);
  expect(toRegExp(/\d/giy)).toEqual(/\d/i);
});

test.each([
  ['a\\nb', true],
  ['a\nb', true],
  ['a\\n\\s+b', true],
  ['(a\\n)b', true],
  ['(?m)^a$', true],
  ['a[^\\n]b', false],
  ['a\\n', false],
  ['a\\r?\\n$', false],
  ['(a\\n)+', false],
  ['a\\n?', false],
  ['a.b', false],
  ['\\\\n b', false],
] as const)('%j is looked for over several lines: %s', (expression, reaches) => {
  expect(reachesOverLines(toRegExp(expression))).toBe(reaches);
});
