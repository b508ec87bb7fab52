import { expect, test } from 'vitest';
import { expressionsIn, parseJinja, parseJinjaExpression, placeIn } from '../../src/jinja/index.ts';

test('a condition without braces is read whole, with the place of each part', () => {
  const text = "a is defined and\n  b.c | default('x') != 'y'";
  const names = [...expressionsIn(parseJinjaExpression(text))].flatMap((part) =>
    part.kind === 'name' ? [{ name: part.name, ...placeIn(text, part.at) }] : [],
  );
  expect(names).toEqual([
    { name: 'a', line: 1, column: 1 },
    { name: 'b', line: 2, column: 3 },
  ]);
  expect(() => parseJinjaExpression('a b')).toThrow('there is something after the expression');
});

test('what whitespace control leaves is the text of the tree', () => {
  const { body } = parseJinja('a\n  {%- if x %}\n  b\n{% endif +%}\nc\n', { lstripBlocks: true });
  expect(body).toMatchObject([
    { kind: 'plain', text: 'a' },
    { kind: 'if', branches: [{ body: [{ kind: 'plain', text: '  b\n' }] }] },
    { kind: 'plain', text: '\nc' },
  ]);
});
