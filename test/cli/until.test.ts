import { expect, test } from 'vitest';
import { parseUntil } from '../../src/options/option-values.ts';

const now = new Date('2026-11-28T22:30:00');
const at = (text: string): number => new Date(text).getTime() / 1000;

test.each([
  ['90s', { after: 90 }],
  ['30m', { after: 1800 }],
  ['+2h', { after: 7200 }],
  ['3d', { after: 259_200 }],
  ['23:15', { at: at('2026-11-28T23:15:00') }],
  ['06:00', { at: at('2026-11-29T06:00:00') }],
  ['2026-11-29', { at: at('2026-11-29T00:00:00') }],
  ['2026-11-29 06:30', { at: at('2026-11-29T06:30:00') }],
  ['2026-11-29T06:30:00Z', { at: at('2026-11-29T06:30:00Z') }],
])('%s is an end', (text, wanted) => {
  expect(parseUntil('--until', text, now)).toEqual(wanted);
});

test.each(['', 'soon', '0h', '25:00', '2026-13-40', '5'])('%j is none', (text) => {
  expect(() => parseUntil('--until', text, now)).toThrow(/--until needs a time/);
});

test('what is past is refused', () => {
  expect(() => parseUntil('--until', '2026-11-28', now)).toThrow(/--until is past/);
});
