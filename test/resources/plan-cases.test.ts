/**
 * The cases beside each resource: options and a host in, changes, steps and result out; and that planning again finds
 * nothing left.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { outcomeOf, type PlanCases } from '../../src/testing/index.ts';

const folder = join(import.meta.dirname, '../../src/resources');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.cases.ts'))
  .sort();
const all = await Promise.all(
  files.map(async (file) => ((await import(join(folder, file))) as { readonly cases: PlanCases }).cases),
);

describe.each(all.map((cases) => [cases.name, cases] as const))('%s', (_, cases) => {
  test.each(Object.entries(cases.cases))('%s', (__, one) => {
    const { options: _options, role: _role, host: _host, behind: _behind, ...expected } = one;
    expect(outcomeOf(cases, one)).toEqual(expected);
  });
});
