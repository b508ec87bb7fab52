/** The laws of the fault suite can be broken: what it would be a fault not to see. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { halfFiles, whyNotFine } from './steps/laws.ts';
import type { SurveyedSection } from './steps/survey.ts';
import { DiskReader, treeDifferences, unsteady, type Tree } from './steps/tree.ts';

const before: Tree = new Map([['etc/a', 'file 0644 0:0 old 3']]);
const section: SurveyedSection = {
  section: { name: 'one', args: [] },
  steps: [{ seconds: 0.1, request: 'one' }],
  quietSteps: 1,
  states: new Map([
    ['etc/a', new Set(['file 0644 0:0 new 3'])],
    ['etc/b', new Set(['file 0600 0:0 key 3'])],
  ]),
  end: new Map([['etc/a', 'file 0644 0:0 new 3']]),
  units: new Map(),
  switched: new Map(),
  telling: new Set(),
  mounts: new Set(),
};
const half = (path: string, state: string, steady = new Set<string>()): number =>
  halfFiles(section, before, new Map([[path, state]]), steady, () => 'file 0644 0:0 first 5').length;

test('a file that is neither old nor new is half; one under its passing name is not', () => {
  expect(half('etc/a', 'file 0644 0:0 old 3')).toBe(0);
  expect(half('etc/a', 'file 0644 0:0 new 3')).toBe(0);
  expect(half('etc/a', 'file 0644 0:0 first 5'), 'put back').toBe(0);
  expect(half('etc/a', 'file 0644 0:0 ne 2')).toBe(1);
  expect(half('etc/b', 'file 0644 0:0 key 3'), 'readable for a moment').toBe(1);
  expect(half('etc/c', 'file 0644 0:0 x 1'), 'nobody made it').toBe(1);
  expect(half('etc/.play-x', 'file 0600 0:0 ne 2')).toBe(0);
  expect(half('var/lib/db/table', 'file 0600 0:0 x 1', new Set(['var/lib/db']))).toBe(0);
});

test('what is left, missing or other in the end is told; what differs from run to run is not', () => {
  const end: Tree = new Map([...section.end, ['etc/key', 'file 0600 0:0 one 3']]);
  const again: Tree = new Map([...section.end, ['etc/key', 'file 0600 0:0 two 3']]);
  const known = new Set(unsteady(end, again));
  expect(treeDifferences(end, again, known)).toEqual([]);
  expect(treeDifferences(end, new Map([...again, ['etc/left', 'gone']]), known)).toHaveLength(1);
  const putBack = new Map([...again, ['etc/old', 'file 0644 0:0 old 3']]);
  expect(treeDifferences(end, putBack, known, () => 'file 0644 0:0 old 3')).toEqual([]);
  expect(treeDifferences(end, putBack, known, () => 'file 0644 0:0 older 5')).toHaveLength(1);
  expect(treeDifferences(end, new Map([['etc/a', 'file 0644 0:0 old 3']]), known)).toHaveLength(1);
});

test('a run that fails, or changes what was done, is told', () => {
  const told = { code: 0, output: '', recap: { changed: 0, failed: 0, unreachable: 0 }, eventful: [] };
  expect(whyNotFine(told, true)).toEqual([]);
  expect(whyNotFine({ ...told, recap: undefined }, false)).toHaveLength(1);
  expect(whyNotFine({ ...told, eventful: ['handler changed: x'] }, true)).toHaveLength(1);
  expect(whyNotFine({ ...told, eventful: ['handler changed: x'] }, false)).toEqual([]);
});

test('the day of a password is no difference, the password is', () => {
  const disk = temporaryFolder('disk');
  mkdirSync(join(disk, 'etc'));
  const state = (line: string): string | undefined => {
    writeFileSync(join(disk, 'etc/shadow'), `root:*:20000:0:99999:7:::\n${line}\n`);
    return new DiskReader(disk, () => []).read().tree.get('etc/shadow');
  };
  expect(state('anna:$y$hash:20786:0:99999:7:::')).toBe(state('anna:$y$hash:20787:0:99999:7:::'));
  expect(state('anna:$y$hash:20786:0:99999:7:::')).not.toBe(state('anna:$y$hush:20786:0:99999:7:::'));
});
