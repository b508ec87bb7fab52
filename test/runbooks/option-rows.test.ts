/** The reference finds what an option means wherever its schema says so; what is said nowhere is seen. */
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { schemaRows } from '../../src/playbook/schema-rows.ts';

const said = v.pipe(v.string(), v.description('said'));

const meanings: readonly (readonly [string, v.GenericSchema, string])[] = [
  ['in its own pipe', said, 'said'],
  ['in the pipe that its pipe begins with', v.pipe(said, v.minLength(1)), 'said'],
  ['in what is optional', v.optional(said), 'said'],
  ['in what is optional, and may be null', v.optional(v.nullable(v.optional(said))), 'said'],
  [
    'in the pipe of what is optional',
    v.pipe(
      v.optional(said),
      v.check(() => true),
    ),
    'said',
  ],
  ['in an alternative', v.optional(v.union([v.literal('EOF'), said])), 'said'],
  ['outside before inside', v.optional(v.pipe(said, v.description('outside'))), 'outside'],
  ['nowhere', v.optional(v.pipe(v.string(), v.minLength(1)), 'x'), ''],
];

test.each(meanings)('%s', (_, schema, text) => {
  expect(schemaRows({ it: schema }).map((row) => row.text)).toEqual([text]);
});

test('objects in an option have rows of their own, also within lists, maps and alternatives', () => {
  const inner = v.strictObject({ name: said, size: v.optional(v.number(), 3) });
  const rows = schemaRows({
    one: inner,
    many: v.optional(v.pipe(v.array(v.union([v.boolean(), inner])), v.description('many'))),
    byName: v.record(v.string(), inner),
  });
  expect(rows.map(({ name, text }) => [name, text])).toEqual([
    ['one', ''],
    ['one.name', 'said'],
    ['one.size', ''],
    ['many', 'many'],
    ['many[].name', 'said'],
    ['many[].size', ''],
    ['byName', ''],
    ['byName.*.name', 'said'],
    ['byName.*.size', ''],
  ]);
  expect(rows.find((row) => row.name === 'many[].size')).toMatchObject({
    type: 'number',
    required: false,
    standard: 3,
  });
});
