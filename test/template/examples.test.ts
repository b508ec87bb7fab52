/** What the reference says of helpers and blocks holds: each example gives what stands beside it. */
import { expect, test } from 'vitest';
import { blocks } from '../../src/template/blocks.ts';
import { builtinHelpers, exampleNames } from '../../src/template/builtin-helpers.ts';
import { renderTemplate } from '../../src/template/index.ts';

const described = [...Object.entries(builtinHelpers), ...Object.entries(blocks)];

test.each(described.map(([name, { example }]) => [name, ...example] as const))('%s: %s', (_, text, gives) => {
  const { text: rendered } = renderTemplate({ file: 'templates/example.hbs', text, context: exampleNames });
  expect(rendered).toBe(gives);
});

test('each example uses the helper it is about', () => {
  const strangers = described.filter(([name, { example }]) => !example[0].includes(name)).map(([name]) => name);
  expect(strangers).toEqual([]);
});
