import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Document, parseDocument } from 'yaml';
import { editData, type Data, type DataEdit } from '../../src/formats/data-edit.ts';
import { editJson } from '../../src/formats/json-edit.ts';
import { dataOf, parseJson } from '../../src/formats/json-tree.ts';
import { editYaml } from '../../src/formats/yaml-edit.ts';

const set = (key: string, value: Data, more: Partial<DataEdit> = {}): DataEdit => ({
  key: key === '' ? [] : key.split('.'),
  value,
  state: 'present',
  merge: false,
  append: false,
  ...more,
});
const unset = (key: string): DataEdit => ({ key: key.split('.'), state: 'absent', merge: false, append: false });

const json: readonly (readonly [name: string, before: string, edit: DataEdit, after: string])[] = [
  ['a value', '{\n  "a": 1, // one\n  "b": 2\n}\n', set('a', 3), '{\n  "a": 3, // one\n  "b": 2\n}\n'],
  [
    'a value that is right, however written',
    '{"a": 1.0e0,"n":12345678901234567890}',
    set('a', 1),
    '{"a": 1.0e0,"n":12345678901234567890}',
  ],
  [
    'a new key behind a comment',
    '{\n\t"a": 1 /* x */ // one\n}\n',
    set('b', [1, 2]),
    '{\n\t"a": 1, /* x */ // one\n\t"b": [\n\t\t1,\n\t\t2\n\t]\n}\n',
  ],
  [
    'a new key behind a trailing comma',
    '{\n  "a": 1, // x\n  // end\n}\n',
    set('b', true),
    '{\n  "a": 1, // x\n  "b": true,\n  // end\n}\n',
  ],
  ['a new key on one line', '{"a":1}', set('b', { c: null }), '{"a":1, "b": {"c":null}}'],
  ['into an empty object', '{}', set('a', 1), '{"a": 1}'],
  [
    'into an empty object with a comment',
    '{\n  // nothing yet\n}\n',
    set('a', 1),
    '{\n  // nothing yet\n  "a": 1\n}\n',
  ],
  ['into an empty file', '', set('a.b', 1), '{\n  "a": {\n    "b": 1\n  }\n}\n'],
  ['missing above', '{\n  "a": 1\n}\n', set('x.y', 'z'), '{\n  "a": 1,\n  "x": {\n    "y": "z"\n  }\n}\n'],
  ['the last key goes with its comma', '{\n  "a": 1, // one\n  "b": 2\n}\n', unset('b'), '{\n  "a": 1 // one\n}\n'],
  ['the first key goes', '{ "a": 1, "b": 2 }', unset('a'), '{ "b": 2 }'],
  ['the only key goes', '{ "a": 1 }', unset('a'), '{  }'],
  ['a key that is not there', '{ "a": 1 }', unset('b.c'), '{ "a": 1 }'],
  [
    'comments inside a mapping stay',
    '{\n  "m": {\n    // why\n    "a": 1,\n    "b": 2\n  }\n}\n',
    set('m', { a: 1, c: 3 }),
    '{\n  "m": {\n    // why\n    "a": 1,\n    "c": 3\n  }\n}\n',
  ],
  [
    'merge',
    '{"m": {"a": 1, "d": {"x": 1}}}',
    set('m', { b: 2, d: { y: 2 } }, { merge: true }),
    '{"m": {"a": 1, "d": {"x": 1, "y": 2}, "b": 2}}',
  ],
  ['an item of a list', '{"l": [1, 2]}', set('l', 3, { append: true }), '{"l": [1, 2, 3]}'],
  ['an item that is there', '{"l": [1, {"a": 2}]}', set('l', { a: 2 }, { append: true }), '{"l": [1, {"a": 2}]}'],
  [
    'an item out of the middle',
    '{"l": [\n  1,\n  2,\n  3\n]}',
    { ...set('l', 2, { append: true }), state: 'absent' },
    '{"l": [\n  1,\n  3\n]}',
  ],
  ['an item by number', '{"l": [{"p": 1}, {"p": 2}]}', set('l.1.p', 9), '{"l": [{"p": 1}, {"p": 9}]}'],
  ['CRLF stays', '{\r\n  "a": 1\r\n}\r\n', set('b', 2), '{\r\n  "a": 1,\r\n  "b": 2\r\n}\r\n'],
  ['odd keys', '{"ü \\" \\n": 1}', { ...set('', 2), key: ['ü " \n'] }, '{"ü \\" \\n": 2}'],
  ['__proto__ is a key', '{"a":1}', set('__proto__', 5), '{"a":1, "__proto__": 5}'],
  ['a key that stands twice', '{"a":1,"a":2}', set('a', 3), '{"a":1,"a":3}'],
];

const yaml: typeof json = [
  ['a value with its comment', 'a: 1 # one\nb:   "two"   # 2\n', set('b', 'three'), 'a: 1 # one\nb:   "three"   # 2\n'],
  ['a value that is right, however written', "a: 'x'\nb: 0x10\n", set('b', 16), "a: 'x'\nb: 0x10\n"],
  ['a string that looks like a number', 'a: x\n', set('a', '12'), 'a: "12"\n'],
  [
    'a new key',
    '# top\na: 1 # one\n\n# end\n',
    set('b', { c: [1, 2] }),
    '# top\na: 1 # one\nb:\n  c:\n    - 1\n    - 2\n\n# end\n',
  ],
  [
    'a new key deep down',
    'a:\n    b:\n        c: 1\nd: 2\n',
    set('a.b.x', 'y'),
    'a:\n    b:\n        c: 1\n        x: "y"\nd: 2\n',
  ],
  ['without a last line end', 'a: 1', set('b', 2), 'a: 1\nb: 2'],
  ['an empty value', 'a:\nb: 2\n', set('a', 5), 'a: 5\nb: 2\n'],
  ['an empty value that becomes a mapping', 'a: # why\nb: 2\n', set('a.x', 1), 'a: # why\n  x: 1\nb: 2\n'],
  ['an empty file', '', set('a.b', 1), 'a:\n  b: 1\n'],
  ['nothing but comments', '# nothing\n', set('a', 1), '# nothing\na: 1\n'],
  [
    'a key goes, comments stay',
    '# top\na: 1\n# of b\nb:\n  - 1\n  - 2\n\n# of c\nc: 3\n',
    unset('b'),
    '# top\na: 1\n# of b\n\n# of c\nc: 3\n',
  ],
  ['the only key goes', 'a:\n  b: 1\nc: 2\n', unset('a.b'), 'a: {}\nc: 2\n'],
  ['a mapping becomes a value', 'a:\n  b: 1\n  c: 2\nd: 3\n', set('a', 'x'), 'a: x\nd: 3\n'],
  ['a value becomes a list', 'a: x # was\nd: 3\n', set('a', ['x', 'y']), 'a:\n  - x\n  - "y" # was\nd: 3\n'],
  [
    'an item',
    'l:\n- one # 1\n- two\nx: 1\n',
    set('l', 'three', { append: true }),
    'l:\n- one # 1\n- two\n- three\nx: 1\n',
  ],
  [
    'an item that is a mapping',
    'l:\n  - name: a\n    port: 1\n',
    set('l', { name: 'b', port: 2 }, { append: true }),
    'l:\n  - name: a\n    port: 1\n  - name: b\n    port: 2\n',
  ],
  [
    'an item goes',
    'l:\n  - a\n  - b # why\n  - c\n',
    { ...set('l', 'b', { append: true }), state: 'absent' },
    'l:\n  - a\n  - c\n',
  ],
  ['in an item', 'l:\n  - name: a\n    port: 1\n', set('l.0.port', 2), 'l:\n  - name: a\n    port: 2\n'],
  ['the first key of an item goes', 'l:\n  - name: a\n    port: 1\n', unset('l.0.name'), 'l:\n  - port: 1\n'],
  [
    'flow mappings',
    'a: {x: 1, y: [1, 2]} # flow\n',
    set('a.y', 'a, b', { append: true }),
    'a: {x: 1, y: [1, 2, "a, b"]} # flow\n',
  ],
  ['a key of a flow mapping', 'a: {x: 1}\n', set('a.z', null), 'a: {x: 1, z: null}\n'],
  ['a key of a flow mapping goes', 'a: {x: 1, y: 2}\n', unset('a.x'), 'a: {y: 2}\n'],
  ['a text of many lines', 'a: |\n  one\n  two\nb: 1\n', set('a', 'three\nfour\n'), 'a: |\n  three\n  four\nb: 1\n'],
  ['an anchor that others use', 'a: &x\n  p: 1\nb: *x\n', set('b.p', 2), 'a: &x\n  p: 1\nb:\n  p: 2\n'],
  ['a document mark', '---\na: 1\n', set('b', 2), '---\na: 1\nb: 2\n'],
  ['CRLF', 'a: 1\r\nb: 2\r\n', set('a', 3), 'a: 3\r\nb: 2\r\n'],
  [
    'a text that YAML 1.1 takes for true',
    'env:\n  A: b\n',
    set('env.GO111MODULE', 'on'),
    'env:\n  A: b\n  GO111MODULE: "on"\n',
  ],
  [
    'one that it takes for a number, in the place of another',
    'listen: 80\n',
    set('listen', '22:22'),
    'listen: "22:22"\n',
  ],
  ['one in a flow list', 'l: [a]\n', set('l', 'NO', { append: true }), 'l: [a, "NO"]\n'],
  [
    'one that is there without quotes',
    'country: NO # why\nl: [on, off]\n',
    set('', { country: 'NO', l: ['on', 'off'] }),
    'country: "NO" # why\nl: ["on", "off"]\n',
  ],
  ['a date', 'a: x\n', set('a', '2001-01-01'), 'a: "2001-01-01"\n'],
  [
    'a key that is a number beside others',
    'ports:\n  443: a\n  80: b\n',
    set('ports.22', 'c'),
    'ports:\n  443: a\n  80: b\n  22: c\n',
  ],
  ['a key that is a number beside texts', 'data:\n  "443": a\n', set('data.22', 'c'), 'data:\n  "443": a\n  "22": c\n'],
  [
    'a value below a key that is a number',
    'ports:\n  443: a\n  80: b\n',
    set('ports.80', 'c'),
    'ports:\n  443: a\n  80: c\n',
  ],
  [
    'mappings keep their order',
    'm: {443: a, 80: b}\n',
    set('m', { n: 1 }, { merge: true }),
    'm: {443: a, 80: b, n: 1}\n',
  ],
  [
    'more than a hundred aliases',
    `x: &e {A: 1}\n${Array.from({ length: 120 }, (_, i) => `s${i}: *e\n`).join('')}y: 1\n`,
    set('y', 2),
    `x: &e {A: 1}\n${Array.from({ length: 120 }, (_, i) => `s${i}: *e\n`).join('')}y: 2\n`,
  ],
];

describe.each([
  { kind: 'JSON', cases: json, edit: editJson },
  { kind: 'YAML', cases: yaml, edit: editYaml },
])('$kind', ({ cases, edit }) => {
  test.each(cases)('%s', (_, before, wanted, after) => {
    expect(edit(before, wanted)).toBe(after);
    expect(edit(after, wanted), 'a second time changes nothing').toBe(after);
  });
});

test.each([
  [editJson, '{"a": [1,}', set('a', 1), /not JSON: .* line 1, column 10/],
  [editJson, '{"a": 1}', set('a.b', 1), /"a" is a number, which has no "b"/],
  [editJson, '{"a": [1]}', set('a.5', 1), /"a" has 1 items/],
  [editJson, '{"a": 1}', set('a', 1, { append: true }), /"a" is a number, not a list/],
  [editYaml, 'a: [1', set('a', 1), /not YAML/],
  [editYaml, 'a: 1\n---\nb: 2\n', set('a', 1), /several YAML documents/],
  [
    editYaml,
    `a: &a [x]\n${Array.from('bcdefghijk', (name, i) => `${name}: &${name} [${`*${'abcdefghijk'[i]}, `.repeat(9)}]\n`).join('')}`,
    set('z', 1),
    /Excessive alias count/,
  ],
])('what cannot be edited is told', (edit, text, wanted, says) => {
  expect(() => edit(text, wanted)).toThrow(says);
});

/** A small generator with a seed, so that a failure can be had again. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomData(next: (below: number) => number, depth: number): Data {
  const scalars: readonly Data[] = [
    0,
    1,
    -2.5,
    true,
    null,
    '',
    'x',
    'two words',
    'a: b',
    '- no',
    '# no',
    '12',
    'line\nline\n',
    'ü',
    "it's",
    '"',
    'yes',
    ' blank ',
    'a,b]}',
  ];
  const kind = depth === 0 ? 2 : next(3);
  if (kind === 0) return Array.from({ length: next(4) }, () => randomData(next, depth - 1));
  if (kind === 1)
    return Object.fromEntries(
      Array.from({ length: next(4) }, () => [
        ['a', 'b', 'c d', 'é', '1', 'x:y'][next(6)] ?? 'a',
        randomData(next, depth - 1),
      ]),
    );
  return scalars[next(scalars.length)] ?? null;
}

describe('any document becomes any other, and then stays', () => {
  const edits = Array.from({ length: 400 }, (_, seed) => {
    const next = random(seed + 1);
    const before = { top: randomData(next, 3), k: randomData(next, 2) };
    return { seed, before, edit: set(['', 'top', 'k'][next(3)] ?? '', randomData(next, 3), { merge: false }), next };
  });
  test('JSON', () => {
    const wrong = edits.filter(({ before, edit, next }) => {
      const text = JSON.stringify(before, null, next(2) === 0 ? 2 : undefined).replaceAll(/\n(?=\s*")/g, () =>
        next(5) === 0 ? ' // c\n' : '\n',
      );
      const made = editJson(text, edit);
      const node = parseJson(made);
      return !node || !isDeepStrictEqual(dataOf(node), editData(before, edit)) || editJson(made, edit) !== made;
    });
    expect(wrong.slice(0, 3)).toEqual([]);
  });
  test('YAML', () => {
    const wrong = edits.filter(({ before, edit, next }) => {
      const text = next(3) === 0 ? JSON.stringify(before) : blockStyle(before, next(2) === 0);
      const made = editYaml(text, edit);
      return !isDeepStrictEqual(parseDocument(made).toJS(), editData(before, edit)) || editYaml(made, edit) !== made;
    });
    expect(wrong.slice(0, 3)).toEqual([]);
  });
});

function blockStyle(value: Data, indentSeq: boolean): string {
  return new Document(value).toString({ indentSeq, lineWidth: 0 });
}
