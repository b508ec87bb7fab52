/** Which request a fault of the suite strikes, where runs before it have come on the way. */
import { expect, test } from 'vitest';
import { nextRow, reachedBy, stepOfRest, type Fault } from './steps/schedule.ts';
import type { SurveyedSection } from './steps/survey.ts';

const section: SurveyedSection = {
  section: { name: 'one', args: [] },
  // What asks comes again and again: it is the same request.
  steps: Array.from({ length: 40 }, (_, n) => ({ seconds: 0.1, request: n % 10 === 9 ? 'asks' : `${n + 1}` })),
  quietSteps: 10,
  states: new Map(),
  end: new Map(),
  units: new Map(),
  switched: new Map(),
  telling: new Set(),
  mounts: new Set(),
};

test('a host has come as far as the request that was struck, not as far as was meant', () => {
  expect(reachedBy({ request: '7', number: 7 }, undefined, section)).toBe(7);
  expect(stepOfRest(25, 7, section)).toBe(25);
  expect(stepOfRest(25, 21, section)).toBe(14);
  expect(reachedBy({ request: '25', number: 14 }, 21, section)).toBe(25);
  expect(reachedBy({ request: '3', number: 12 }, 21, section), 'what was done before is asked about').toBe(21);
  expect(reachedBy({ request: 'asks', number: 19 }, 21, section), 'of several the one that is due').toBe(30);
  expect(reachedBy({ request: 'of other runs', number: 12 }, 21, section)).toBe(21);
  expect(reachedBy({ request: 'of other runs', number: 24 }, 21, section)).toBe(31);
});

test('what a run may survive ends its row', () => {
  const fault = (kind: string, step: number): Fault => ({ kind, step, moment: 'before', delay: 0 });
  const untried = [fault('stall', 3), fault('kill', 30), fault('cut', 2), fault('request', 20), fault('full', 9)];
  expect(nextRow(section, untried, false).map(({ kind }) => kind)).toEqual(['cut', 'full', 'request']);
  expect(nextRow(section, untried.slice(1, 3), false).map(({ kind }) => kind)).toEqual(['cut', 'kill']);
});
