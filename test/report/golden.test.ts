import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRecording, screens, shownOn, type Shown } from './screens.ts';

/*
 * What is printed of recorded runs, on all kinds of screens, as files to be looked at: PLAY_UPDATE=1 writes them anew.
 */

const folder = join(import.meta.dirname, 'golden');
const recordings = join(import.meta.dirname, 'recordings');

/** What is looked at: the recording, and how much was asked for. */
const looks: Readonly<Record<string, { readonly of: string } & Shown>> = {
  'first-run': { of: 'first-run' },
  'first-run-diff': { of: 'first-run', diff: true },
  'check': { of: 'check' },
  'check-diff': { of: 'check', diff: true },
  'check-verbose': { of: 'check', verbosity: 1 },
  'four-hosts-diff': { of: 'four-hosts', diff: true },
  'rolling': { of: 'rolling' },
  'rolling-diff': { of: 'rolling', diff: true },
  'failures': { of: 'failures' },
};

test.each(readdirSync(recordings))('%s is looked at', (file) => {
  expect(Object.values(looks).map(({ of }) => `${of}.jsonl`)).toContain(file);
});

describe.each(Object.entries(looks))('%s', (name, { of, ...shown }) => {
  const recording = readRecording(join(recordings, `${of}.jsonl`));
  test.each(Object.entries(screens))('on %s', (screen, on) => {
    const text = shownOn(on, recording, shown).replaceAll('\x1b', '\\e');
    const file = join(folder, `${name}.${screen}.txt`);
    if (process.env['PLAY_UPDATE'] === '1') {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, text);
    }
    expect(text).toBe(readFileSync(file, 'utf8'));
  });
});

const linesOf = (text: string): number => text.trim().split('\n').length;

test('a rolling change of 40 equal hosts fits a screen', () => {
  const recording = readRecording(join(recordings, 'rolling.jsonl'));
  expect(linesOf(shownOn(screens['terminal-80'], recording))).toBeLessThan(24);
  expect(linesOf(shownOn(screens['terminal-80'], recording, { diff: true }))).toBeLessThan(40);
});

test('a first run takes less than two lines a task without --diff', () => {
  const recording = readRecording(join(recordings, 'first-run.jsonl'));
  const tasks = recording.events.filter(({ event }) => event === 'task' || event === 'handler').length;
  expect(linesOf(shownOn(screens['terminal-120'], recording))).toBeLessThan(2 * tasks);
});
