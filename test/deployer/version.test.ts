import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { compareVersions, newestOf } from '../../src/deployer/version.ts';

test.each([
  ['1.0.79~pr751-194', '1.0.79', 'lt'],
  ['1.9', '1.10', 'lt'],
  ['1.0~pr999-1', '1.0~pr1000-1', 'lt'],
  ['1:0.1', '99', 'gt'],
  ['1.0-1+b1', '1.0-1', 'gt'],
  ['1.0a', '1.0+', 'lt'],
  ['1.0', '1.0-0', 'eq'],
  ['1.0', '1.00', 'eq'],
  ['0:1.0', '1.0', 'eq'],
  ['1.0~~', '1.0~', 'lt'],
  ['20231107123456789012345678', '20231107123456789012345679', 'lt'],
] as const)('%s is %s: %s', (a, b, word) => {
  expect(wordOf(compareVersions(a, b))).toBe(word);
  expect(wordOf(compareVersions(b, a))).toBe({ lt: 'gt', gt: 'lt', eq: 'eq' }[word]);
});

test('the newest of several is found, and of none there is none', () => {
  expect(newestOf(['1.9', '1.10~rc1', '1.10', '1.2'])).toBe('1.10');
  expect(newestOf([])).toBeUndefined();
});

// Small numbers of pieces, and a second version that is often the first with one piece changed: else nearly all pairs
// differ early.
test('hundreds of random pairs stand to each other as dpkg has it', () => {
  const random = generator(20231107);
  const pairs = Array.from({ length: 600 }, () => pairOf(random));
  const script =
    'while read -r a b; do if dpkg --compare-versions "$a" lt "$b"; then echo lt; elif dpkg --compare-versions "$a" eq "$b"; then echo eq; else echo gt; fi; done';
  const input = pairs.map((pair) => `${pair.join(' ')}\n`).join('');
  const said = execFileSync('sh', ['-c', script], { input, encoding: 'utf8' }).trim().split('\n');
  const wrong = pairs.flatMap(([a, b], i) =>
    wordOf(compareVersions(a, b)) === said[i] ? [] : [`${a} ${said[i] ?? ''} ${b}`],
  );
  expect(wrong).toEqual([]);
  // All three answers were asked for.
  expect(new Set(said)).toEqual(new Set(['lt', 'eq', 'gt']));
});

function wordOf(order: number): string {
  return order < 0 ? 'lt' : order > 0 ? 'gt' : 'eq';
}

const pieces = [
  '0',
  '00',
  '1',
  '9',
  '10',
  '01',
  '~',
  '~~',
  '.',
  '..',
  '+',
  '-',
  'a',
  'b',
  'Z',
  'pr',
  'rc',
  '+b1',
  '~pr751',
  '.dfsg',
];

function pairOf(random: () => number): [string, string] {
  const parts = Array.from({ length: 1 + (random() % 6) }, () => pieces[random() % pieces.length] ?? '');
  const others =
    random() % 3 === 0
      ? Array.from({ length: 1 + (random() % 6) }, () => pieces[random() % pieces.length] ?? '')
      : parts.map((part, i) => (i === random() % parts.length ? (pieces[random() % pieces.length] ?? '') : part));
  return [versionOf(parts, random), versionOf(random() % 5 === 0 ? others.slice(0, -1) : others, random)];
}

/** dpkg wants a digit first, and something on both sides of what it splits at. */
function versionOf(parts: readonly string[], random: () => number): string {
  const epoch = random() % 5 === 0 ? `${random() % 3}:` : '';
  return `${epoch}1${parts.join('')}`.replace(/-$/, '-0').replace(/-(?=-)/g, '-0');
}

/** A linear congruential generator: failures come again. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state >> 8;
  };
}
