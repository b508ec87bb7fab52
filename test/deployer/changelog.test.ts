import { expect, test } from 'vitest';
import { renderBadge } from '../../src/deployer/badge.ts';
import { entriesBetween, parseChangelog } from '../../src/deployer/changelog.ts';

const text = `app (1.10) unstable; urgency=medium

  * Ten
    goes on

 -- A <a@example.org>  Tue, 07 Nov 2023 10:00:00 +0000

app (1.9) unstable; urgency=medium

  * Nine

 -- A <a@example.org>  Mon, 06 Nov 2023 10:00:00 +0000

app (1.9~rc1) unstable; urgency=medium

  * Candidate
`;

test.each([
  ['1.9~rc1', '1.10', ['1.10', '1.9']],
  ['1.9', '1.10', ['1.10']],
  ['1.10', '1.9', ['1.10']],
  ['1.10', '1.10', []],
  [undefined, '1.9', ['1.9']],
])('between %s and %s', (from, to, expected) => {
  expect(entriesBetween(parseChangelog(text), from, to).map(({ version }) => version)).toEqual(expected);
});

test('an entry keeps its lines and who signed it, a cut one what is left', () => {
  const [ten, , cut] = parseChangelog(text);
  expect(ten).toEqual({
    version: '1.10',
    signed: 'A <a@example.org>  Tue, 07 Nov 2023 10:00:00 +0000',
    lines: ['  * Ten', '    goes on'],
  });
  expect(cut).toEqual({ version: '1.9~rc1', signed: '', lines: ['  * Candidate'] });
});

test('a badge is 20 pixels high, each half 7 a character and 8 around, and the same for the same version', () => {
  const badge = renderBadge('fastpath', '0.81~pr748-191');
  expect(badge).toBe(renderBadge('fastpath', '0.81~pr748-191'));
  expect(badge).toContain(`width="${8 * 7 + 8 + 14 * 7 + 8}" height="20"`);
  expect(badge).toContain('>fastpath</text>');
  expect(badge).toContain('>0.81~pr748-191</text>');
  expect(renderBadge('x', '1<2&"')).toContain('>1&lt;2&amp;&quot;</text>');
  expect(renderBadge('x', undefined)).toContain('>not installed</text>');
});
