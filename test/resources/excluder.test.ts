import { expect, test } from 'vitest';
import { excluder } from '../../src/resources/kit/tree/wanted.ts';

/** As gitignore(5) has it. */
const cases: readonly (readonly [pattern: string, excluded: readonly string[], kept: readonly string[]])[] = [
  ['*.tmp', ['a.tmp', 'sub/a.tmp', 'x.tmp/below'], ['tmp', 'a.tmp2']],
  ['cache/', ['cache', 'sub/cache', 'cache/x'], ['mycache']],
  ['a/b', ['a/b', 'a/b/c'], ['x/a/b', 'a/bc']],
  ['/top', ['top', 'top/x'], ['sub/top2']],
  ['d/*', ['d/x', 'd/x/y'], ['d', 'e/d/x']],
  ['d/**/z', ['d/x/z', 'd/x/y/z'], ['d/z2']],
  ['[a-c]?', ['ab', 'x/cz'], ['da', 'abc']],
  ['[!a]', ['b'], ['a', 'bb']],
  ['a.b+(c)', ['a.b+(c)'], ['aXb+(c)']],
  ['-ü *', ['-ü x', 's/-ü \n'], ['ü x']],
];

test.each(cases)('%s', (pattern, excluded, kept) => {
  const isExcluded = excluder([pattern]);
  expect(excluded.filter((name) => !isExcluded(name))).toEqual([]);
  expect(kept.filter((name) => isExcluded(name))).toEqual([]);
});
