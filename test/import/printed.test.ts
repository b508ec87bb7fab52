/**
 * What is made of Jinja prints what Ansible prints, and holds where it holds as a `when`. The table
 * (`jinja-printed.json`) was worked out by ansible-core 2.14: an expression, what a text has in its place, and whether it
 * is true as a condition; null where the import refuses it, or it is an error.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { code, type Code } from '../../src/import/expressions/code.ts';
import { JinjaCompiler } from '../../src/import/expressions/compiler.ts';
import type { Scope } from '../../src/import/expressions/compiling.ts';
import { conditionOf } from '../../src/import/expressions/operators.ts';
import * as support from '../../src/import/support/ansible.ts';
import { PythonValue } from '../../src/values/index.ts';
import { stripTypeScriptTypes } from './strip-types.ts';

type Case = readonly [expression: string, printed: string | null, holds: boolean | null];
const cases = JSON.parse(readFileSync(join(import.meta.dirname, 'jinja-printed.json'), 'utf8')) as readonly Case[];

const values: Readonly<Record<string, unknown>> = {
  name: 'web',
  n: 3,
  yes: true,
  empty: [],
  ratio: 0.5,
  one_f: PythonValue.float(1),
  nul: null,
  names: ['b', 'a', 'c'],
  users: [
    { name: 'zoe', uid: 2 },
    { name: 'bob', uid: 1, admin: true },
  ],
  map: { a: 1, b: 2 },
  path: '/etc/app/main.conf',
};
const kinds: Readonly<Record<string, Code['kind']>> = {
  name: 'text',
  n: 'number',
  yes: 'flag',
  empty: 'list',
  names: 'texts',
  users: 'list',
  map: 'map',
  path: 'text',
};

/** @param isTyped whether the kinds of variables are known, as those of a role's defaults are */
const scope = (isTyped: boolean): Scope => ({
  name: (one) => {
    const kind = isTyped ? kinds[one] : undefined;
    return kind === undefined ? code(`vars.${one}`, 'any', { maybe: one }) : code(`vars.${one}`, kind);
  },
  context: (part) => part,
  use: (one) => one,
  needs: () => undefined,
  taken: new Set(),
});

function run(made: Code): unknown {
  const body = stripTypeScriptTypes(`return (${made.text});`).replaceAll('import.meta.dirname', `'/'`);
  // The code is our own, made of the table.
  // oxlint-disable-next-line typescript/no-implied-eval, no-new-func
  const call = new Function('vars', 'PythonValue', ...Object.keys(support), body);
  return call(values, PythonValue, ...Object.values(support)) as unknown;
}

test.each([false, true])(`${cases.length} expressions, kinds known: %s`, (isTyped) => {
  for (const [expression, printed, holds] of cases) {
    const compiler = new JinjaCompiler(scope(isTyped));
    if (printed !== null)
      expect.soft(run(compiler.text(`<{{ ${expression} }}>`)), `{{ ${expression} }}`).toBe(`<${printed}>`);
    if (holds !== null) expect.soft(run(conditionOf(compiler, expression)), `when: ${expression}`).toBe(holds);
  }
});
