import { expect, test } from 'vitest';
import { makeCommand, parseWith } from '../../src/options/command.ts';
import { addRunOptions, type Flags } from '../../src/options/flags.ts';

test.each<[string, boolean | 'full', boolean]>([
  ['site.ts', false, false],
  ['site.ts -D', true, false],
  ['-CD site.ts', true, true],
  ['-DC site.ts', true, true],
  ['--diff site.ts', true, false],
  ['--diff -C site.ts', true, true],
  ['--diff=full site.ts -C', 'full', true],
  ['-D --diff=full site.ts', 'full', false],
  ['--diff=full -D site.ts', 'full', false],
  ['-D --no-diff site.ts', false, false],
])('%s', (line, diff, check) => {
  const command = addRunOptions(makeCommand('play', 'x')).argument('<playbook>');
  parseWith(command, line.split(' '));
  expect(command.args).toEqual(['site.ts']);
  expect(command.opts<Flags>()).toMatchObject({ diff, check });
});

test('there is no other kind of diff', () => {
  const command = addRunOptions(makeCommand('play', 'x')).argument('<playbook>');
  expect(() => parseWith(command, ['--diff=ful', 'site.ts'])).toThrow('There is no --diff=ful');
});
