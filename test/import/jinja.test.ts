/**
 * What is made of Jinja gives what Jinja gives. The values were worked out by ansible-core 2.14 and Jinja 3.1
 * (`jinja-cases.json`).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { code, type Code } from '../../src/import/expressions/code.ts';
import { JinjaCompiler } from '../../src/import/expressions/compiler.ts';
import type { Scope } from '../../src/import/expressions/compiling.ts';
import { FunctionWriter } from '../../src/import/expressions/statements.ts';
import * as support from '../../src/import/support/ansible.ts';
import { parseJinja } from '../../src/jinja/index.ts';
import { stripTypeScriptTypes } from './strip-types.ts';

interface Cases {
  readonly values: Readonly<Record<string, unknown>>;
  readonly expressions: readonly (readonly [source: string, value: unknown])[];
  /** Values of options. */
  readonly texts: readonly (readonly [source: string, value: unknown])[];
  readonly templates: readonly (readonly [source: string, text: string])[];
}
const cases = JSON.parse(readFileSync(join(import.meta.dirname, 'jinja-cases.json'), 'utf8')) as Cases;

const name = (one: string): Code => code(`vars.${one}`, 'any', { maybe: one });
const scope: Scope = { name, context: (part) => part, use: (one) => one, needs: () => undefined, taken: new Set() };

const paths = {
  basename: (path: string) => path.split('/').at(-1),
  dirname: (path: string) => path.replace(/\/[^/]*$/, ''),
};
const names = { ...support, ...paths };

/** Runs code that was made with the values of the cases. */
function run(body: string): unknown {
  // The code is our own, made of the cases above.
  // oxlint-disable-next-line typescript/no-implied-eval, no-new-func
  const made = new Function('vars', ...Object.keys(names), body);
  return made(cases.values, ...Object.values(names)) as unknown;
}

test.each(cases.expressions)('%s', (source, value) => {
  const made = new JinjaCompiler(scope).expressionText(source);
  expect(run(stripTypeScriptTypes(`return (${made.text});`))).toEqual(value);
});

test.each(cases.texts)('text %j', (source, text) => {
  const made = new JinjaCompiler(scope).text(source);
  expect(run(stripTypeScriptTypes(`return (${made.text});`))).toEqual(text);
});

test.each([
  '{% if yes %}True{% else %}False{% endif %}',
  '[{% if yes %}1{% endif %}]',
  '{% for x in names %}[{{ x }}]{% endfor %}',
])('what Ansible may make another value of is not imported: %s', (source) => {
  expect(() => new JinjaCompiler(scope).text(source)).toThrow('Jinja statement');
});

test.each(cases.templates)('template %j', (source, text) => {
  const { body } = parseJinja(source, { keepTrailingNewline: true, literalBackslashes: false });
  const made = FunctionWriter.body(body, new JinjaCompiler(scope), false);
  expect(run(stripTypeScriptTypes(made))).toBe(text);
});

test('a template without statements is one template literal, one with some begins with its text', () => {
  const made = (source: string): string => {
    const { body } = parseJinja(source, { keepTrailingNewline: true, literalBackslashes: false });
    return FunctionWriter.body(body, new JinjaCompiler(scope), false);
  };
  expect(made('a {{ x | upper }}')).toMatch(/^  return `a \$\{[^`]+\}`;$/);
  expect(made('a{% if yes %}b{% endif %}')).toMatch(
    /^  let out = `a`;\n  if \(.*\) \{\n    out \+= `b`;\n  \}\n  return out;$/,
  );
  expect(made('')).toBe("  return '';");
});
