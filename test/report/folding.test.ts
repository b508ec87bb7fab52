import { expect, test } from 'vitest';
import type { Event } from '../../src/engine/index.ts';
import { humanReport, makeStyle, masked } from '../../src/report/index.ts';
import { Redactor } from '../../src/secrets/index.ts';
import { taskEvent } from './events.ts';
import { TestClock } from './screens.ts';

/** A run on these hosts, told at these milliseconds. */
class Run {
  readonly #clock = new TestClock();
  readonly #report;
  #text = '';

  constructor(hosts: readonly string[], diff: boolean | 'full' = false) {
    this.#report = humanReport({
      stream: { isTTY: false, columns: 0, write: (part: string) => void (this.#text += part) },
      style: makeStyle(false),
      check: false,
      diff,
      verbosity: 0,
      clock: this.#clock,
    });
    this.hear({ event: 'play', play: 'site', hosts, check: false });
  }

  hear(event: Event): void {
    this.#report(masked(event, new Redactor()));
  }

  /** @param what of the change, where it is not that of all */
  changes(host: string, task: string, what = 'state'): void {
    const change = { what, from: 'old', to: 'new' };
    this.hear(taskEvent({ host, role: null, task, status: 'changed', changed: true, changes: [change] }));
  }

  wait(milliseconds: number): void {
    this.#clock.advance(this.#clock.now() + milliseconds);
  }

  /** What was printed since it was asked last. */
  printed(): string[] {
    const lines = this.#text.trimEnd().split('\n');
    this.#text = '';
    return lines.filter((line) => line !== '');
  }
}

const change = 'state old -> new';

test('an equal change is told once, when all have come to it, and of the late by name', () => {
  const run = new Run(['a', 'b', 'c']);
  for (const host of ['a', 'b']) run.changes(host, 'one');
  expect(run.printed()).toEqual([]);
  run.changes('c', 'one');
  expect(run.printed()).toEqual([`changed  a, b, c  one  ${change}`]);
  run.changes('a', 'two');
  // Nobody waits for the slowest.
  run.wait(600);
  expect(run.printed()).toEqual([`changed  a  two  ${change}`]);
  run.changes('b', 'two');
  run.changes('c', 'two');
  run.wait(60_000);
  expect(run.printed()).toEqual(['changed  b, c  as on a:  two']);
});

test('what keeps coming is not held back for longer than a few seconds', () => {
  const run = new Run(Array.from({ length: 100 }, (_, at) => `web${at}`));
  for (let at = 0; at < 50; at++) {
    run.changes(`web${at}`, 'one');
    run.wait(100);
  }
  expect(run.printed()[0]).toMatch(/^changed {2}web\[0:1\d\] {2}one/);
});

test('what differs is told by itself, and each host keeps its order', () => {
  const run = new Run(['a', 'b', 'c']);
  run.changes('a', 'one');
  run.changes('b', 'one', 'mode');
  run.changes('b', 'two');
  // In a way `a` must not be told of, as its "one" would come behind its "two".
  run.changes('a', 'two');
  run.changes('c', 'two');
  run.changes('c', 'one');
  expect(run.printed()).toEqual([
    `changed  a  one  ${change}`,
    'changed  b  one  mode old -> new',
    `changed  a, b, c  two  ${change}`,
  ]);
  run.wait(60_000);
  expect(run.printed()).toEqual(['changed  c  as on a:  one']);
});

test('a failure is told at once, behind what its host did before; the same of others in a line', () => {
  const run = new Run(['a', 'b', 'c', 'd']);
  const error = { what: 'it broke', hint: null, code: null, stdout: '', stderr: '', at: null };
  const fails = (host: string): void =>
    run.hear(taskEvent({ host, role: null, task: 'two', status: 'failed', error: { ...error, stderr: `on ${host}` } }));
  run.changes('a', 'one');
  run.changes('b', 'one');
  fails('a');
  expect(run.printed()).toEqual([`changed  a, b  one  ${change}`, 'failed  a  two', '    it broke', '    | on a']);
  fails('b');
  run.wait(600);
  expect(run.printed()).toEqual(['failed  b  as on a:  two']);
  run.hear({ event: 'unreachable', host: 'c', play: 'site', error });
  expect(run.printed()).toEqual(['unreachable  c', '    it broke']);
  // Who is lost is not waited for.
  for (const host of ['a', 'b', 'd']) run.changes(host, 'three');
  expect(run.printed()).toEqual([`changed  a, b, d  three  ${change}`]);
});

test('texts that differ in the own names of hosts are one; --diff=full shows each', () => {
  const told = (diff: true | 'full'): string[] => {
    const run = new Run(['web1.example.org', 'web2.example.org'], diff);
    for (const host of ['web1.example.org', 'web2.example.org'])
      run.hear(
        taskEvent({
          host,
          role: null,
          task: 'motd',
          status: 'changed',
          changes: [
            {
              what: 'content',
              to: 'new file',
              text: { path: '/etc/motd', before: null, after: Buffer.from(`at ${host}\n`) },
            },
          ],
        }),
      );
    run.wait(60_000);
    return run.printed().filter((line) => !/^(?:---|\+\+\+|@@)/.test(line));
  };
  expect(told(true)).toEqual([
    'changed  web1.example.org, web2.example.org  motd  new file, 1 line',
    '    (as on web1.example.org; the others have their own names in it)',
    '+at web1.example.org',
  ]);
  expect(told('full')).toEqual(
    ['web1', 'web2'].flatMap((name) => [
      `changed  ${name}.example.org  motd`,
      '    content -> new file',
      `+at ${name}.example.org`,
    ]),
  );
});

test('nothing is lost that is held back when a run ends, a question comes, or a play begins', () => {
  const run = new Run(['a', 'b']);
  run.changes('a', 'one');
  run.hear({ event: 'question', host: null, text: 'Go on?' });
  expect(run.printed()).toHaveLength(1);
  run.changes('b', 'one');
  run.hear({ event: 'play', play: 'next', hosts: ['a', 'b'], check: false });
  expect(run.printed()).toEqual(['changed  b  as on a:  one']);
});
