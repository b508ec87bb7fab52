import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answerTo, testVariables } from './variables.ts';

/** Text, and what real Ansible 2.14 made of it (`ask-ansible.py`). */
type Case = readonly [text: string, answer: string];
const groups = Object.entries(
  JSON.parse(readFileSync(join(import.meta.dirname, 'expressions.json'), 'utf8')) as Record<string, Case[]>,
);

/** Where play says that it does not know, or gives another value: each of them on purpose. */
const different = new Map([
  // There is no set among play's values.
  ['{ {{ n }} }', '[5]'],
  // What is unknown here may be of a collection that is installed there.
  ['{{ n is nosuchtest }}', '!hole'],
  ['{{ n | nosuchfilter }}', '!hole'],
  ["{% set d = {} %}{% set _ = d.update({'a': 1}) %}{{ d }}", '!hole'],
]);

describe('A text with Jinja comes to what Ansible makes of it', () => {
  const variables = testVariables();

  test.each(groups)('%s', (_, cases) => {
    const answers = cases.map(([text]) => [text, answerTo(text, variables)]);
    const wanted = cases.map(([text, answer]) => [text, different.get(text) ?? answer]);
    expect(answers).toEqual(wanted);
  });

  test('the table is as long as it was', () => {
    expect(groups.flatMap(([, cases]) => cases).length).toBeGreaterThan(750);
  });
});
