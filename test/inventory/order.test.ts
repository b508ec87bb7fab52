import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { explainVariable, inventoryHost, loadInventory } from '../../src/inventory/index.ts';
import { exposeSecrets, hideSecrets, Secret } from '../../src/secrets/index.ts';
import { inOrderOf, mappingOf, parseJsonInOrder } from '../../src/values/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const order = ['443', '80', '22', 'x', '8080'];
const entries = order.map((key, i): [string, unknown] => [key, i === 0 ? { 2: 'b', 1: 'a' } : i]);

test('a mapping keeps the order it is given, for all who go through it', () => {
  const mapping = mappingOf(entries);
  const walked: string[] = [];
  for (const key in mapping) walked.push(key);
  for (const keys of [
    walked,
    Object.keys(mapping),
    Object.entries(mapping).map(([key]) => key),
    [
      ...JSON.stringify(mapping)
        .replace(/\{[^{}]*\}/, '0')
        .matchAll(/"(\w+)":/g),
    ].map(([, key]) => key),
  ])
    expect(keys).toEqual(order);
  expect(mapping).toEqual(Object.fromEntries(entries));
  expect(Object.isFrozen(mapping)).toBe(true);
  expect(mapping['80']).toBe(1);
  expect('22' in mapping).toBe(true);
  expect(
    Object.keys(
      mappingOf([
        ['b', 1],
        ['__proto__', 2],
        ['b', 3],
      ]),
    ),
  ).toEqual(['b', '__proto__']);
});

test('what is made of it by a schema, or with its secrets shown or hidden, has its order', () => {
  const mapping = mappingOf([
    ['443', { a: 1 }],
    ['80', { a: 2 }],
  ]);
  const parsed = v.parse(v.record(v.string(), v.object({ a: v.number() })), mapping);
  expect(Object.keys(inOrderOf(mapping, parsed) as object)).toEqual(['443', '80']);
  const nested = inOrderOf([{ m: mapping }], [{ m: { 80: 1, 443: 2 }, n: 1 }]);
  expect(JSON.stringify(nested)).toBe('[{"m":{"443":2,"80":1},"n":1}]');
  const secret = mappingOf<unknown>([
    ['443', new Secret('s', 'test')],
    ['80', 'x'],
  ]);
  for (const made of [hideSecrets(secret), exposeSecrets(secret)])
    expect(Object.keys(made as object)).toEqual(['443', '80']);
});

test('JSON is read in its order', () => {
  expect(JSON.stringify(parseJsonInOrder('{"b":{"2":1,"1":[{"9":null,"8":"\\u00e9"}]},"a":1e3}'))).toBe(
    '{"b":{"2":1,"1":[{"9":null,"8":"é"}]},"a":1000}',
  );
  expect(() => parseJsonInOrder("{'1': 2}")).toThrow(SyntaxError);
});

test.each([
  ['host_vars', (dir: string) => writeFileSync(join(dir, 'hosts'), 'a\n')],
  [
    'an INI inventory',
    (dir: string) => writeFileSync(join(dir, 'hosts'), `a ports='{443: {2: "b", 1: "a"}, 80: 1, 22: 2}'\n`),
  ],
  [
    'a program',
    (dir: string) => (
      writeFileSync(
        join(dir, 'hosts'),
        `#!/bin/sh\necho '{"g": {"hosts": ["a"]}, "_meta": {"hostvars": {"a": {"ports": {"443": {"2": "b", "1": "a"}, "80": 1, "22": 2}}}}}'\n`,
      ),
      chmodSync(join(dir, 'hosts'), 0o755)
    ),
  ],
])('a mapping of %s comes in its order', (kind, write) => {
  const dir = temporaryFolder('order');
  write(dir);
  if (kind === 'host_vars') {
    mkdirSync(join(dir, 'host_vars'));
    writeFileSync(join(dir, 'host_vars/a.yml'), 'base: &b {443: {2: b, 1: a}, 80: 1}\nports:\n  <<: *b\n  22: 2\n');
  }
  const inventory = loadInventory({ sources: [join(dir, 'hosts')] });
  expect(JSON.stringify(inventory.vars('a')['ports'])).toBe('{"443":{"2":"b","1":"a"},"80":1,"22":2}');
  expect(JSON.stringify(inventoryHost(inventory, 'a')['ports'])).toBe(JSON.stringify(inventory.vars('a')['ports']));
  expect(JSON.stringify(explainVariable(inventory, 'a', 'ports').value)).toBe(
    JSON.stringify(inventory.vars('a')['ports']),
  );
});
