import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderYaml } from '../../src/template/index.ts';

/** Texts that some reader takes for something else when they are not quoted. */
const words = [
  'on',
  'off',
  'yes',
  'no',
  'y',
  'n',
  'Y',
  'NO',
  'On',
  'true',
  'null',
  '~',
  '',
  '22:22',
  '1:20:30.5',
  '0755',
  '0o17',
  '0x1F',
  '0b11',
  '1_000',
  '1e3',
  '1.5e3',
  '+1',
  '.5',
  '1.',
  '.inf',
  '.NaN',
  '2001-01-01',
  '2001-12-14t21:59:43.10-05:00',
  '2001-12-14 21:59:43',
  '=',
  '<<',
  '-',
  '?',
  ':',
  '!x',
  '&a',
  '*a',
  '%x',
  '@x',
  '`x',
  'a: b',
  'a #b',
  ' x',
  'x ',
  'a\tb',
  '[x',
  '{x',
  '# x',
  '- x',
  '0x_1',
  '190:20:30',
  '1__0',
  '08',
  '0o8',
  'NULL',
  '|',
  '>',
  '---',
  '...',
  'a\u2028b',
  '\x85',
  '\ufeff',
  'a\nb',
  '12',
  '-7',
];

test.each(words)('%j is read as the text it is, by YAML 1.1 and 1.2', (word) => {
  for (const text of [renderYaml(word), renderYaml(word, { flow: true })])
    for (const version of ['1.1', '1.2'] as const) expect(parse(text, { version })).toBe(word);
  // Plain it would be something else, or nothing.
  if (/^(?:on|off|yes|no|y|n|true|null)$/i.test(word) || /^[\d~=.]./.test(word))
    if (!['0o8', '...'].includes(word)) expect(renderYaml({ k: word })).toMatch(/^k: ["']/);
  if (!/^[yn]$/i.test(word))
    expect(Object.keys(parse(renderYaml({ [word]: 1 }, { textKeys: true }), { version: '1.1' }) as object)).toEqual([
      word,
    ]);
});

test('a key that is a number is written as one', () => {
  expect(renderYaml({ 80: 'a', '007': 'b', 'x': { '-1': [] } })).toBe('80: a\n"007": b\nx:\n  -1: []\n');
  expect(renderYaml({ 80: 'a' }, { textKeys: true, flow: true })).toBe('{ "80": a }\n');
});

test('what stands twice is written twice', () => {
  const shared = { a: 1 };
  expect(renderYaml([shared, shared])).toBe('- a: 1\n- a: 1\n');
});
