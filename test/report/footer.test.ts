import { expect, test, vi } from 'vitest';
import type { Event } from '../../src/engine/index.ts';
import { FooterBoard } from '../../src/report/footer/footer-board.ts';
import { footerLines, type FooterLook } from '../../src/report/footer/footer-lines.ts';
import { canHaveFooter, Footer } from '../../src/report/footer/footer.ts';
import { humanReport, makeStyle, masked } from '../../src/report/index.ts';
import { Redactor } from '../../src/secrets/index.ts';
import { recapEvent, taskEvent } from './events.ts';

const names = ['db1', 'web1', 'web2', 'web3', 'web4'];
const keys = ['Ctrl-\\ details', 'Ctrl-Z leave', 'Ctrl-C stop'];

interface Clock {
  now: number;
}

/** A board that has heard these events, a second apart. */
function boardOf(events: readonly Event[], clock: Clock, tasks?: ReadonlyMap<string, number>): FooterBoard {
  const board = new FooterBoard(tasks, () => clock.now);
  for (const event of events) {
    clock.now += 1000;
    board.hear(masked(event, new Redactor()));
  }
  return board;
}

const working = (host: string, task: string, more = {}): Event => ({ event: 'working', host, task, ...more });

function shown(board: FooterBoard, clock: Clock, look: Partial<FooterLook> = {}): string[] {
  return footerLines(board.standing(), {
    width: 79,
    rows: 24,
    style: makeStyle(false),
    keys,
    now: clock.now,
    lastLine: () => undefined,
    ...look,
  });
}

test('the slowest hosts, how far the run is, and the keys', () => {
  const clock = { now: 0 };
  const board = boardOf(
    [
      { event: 'play', play: 'site', hosts: names, check: false },
      ...names.map((host) => working(host, 'apt nginx')),
      taskEvent({ host: 'web4', status: 'changed' }),
      taskEvent({ host: 'db1', status: 'failed' }),
    ],
    clock,
    new Map(names.map((host) => [host, 4])),
  );
  board.through('web3', 4);
  clock.now += 60_000;
  expect(shown(board, clock, { lastLine: (host) => (host === 'web1' ? 'Unpacking nginx ...' : undefined) })).toEqual([
    'web1  apt nginx  1 min 5 s  | Unpacking nginx ...',
    'web2  apt nginx  1 min 4 s',
    'web4  looking  1 min 1 s',
    '1 of 5 hosts done, 1 failed, 11 of 20 tasks left, 1 min 8 s   Ctrl-\\ details',
  ]);
  expect(shown(board, clock, { width: 120 }).at(-1)).toMatch(/ {3}Ctrl-\\ details {2}Ctrl-Z leave {2}Ctrl-C stop$/);
  // Few rows are left to what is printed.
  expect(shown(board, clock, { rows: 3 }).map((line) => line.slice(0, 30))).toEqual([
    'web1  apt nginx  1 min 5 s',
    '2 more at work, 1 of 5 hosts d',
  ]);
});

test.each([20, 40, 60, 80, 200])('no line is wider than a terminal of %i columns, whatever is in it', (width) => {
  const clock = { now: 0 };
  const host = 'a-host-with-a-long-name.example.org';
  const board = boardOf(
    [{ event: 'play', play: 'p', hosts: [host], check: false }, working(host, '漢字'.repeat(30))],
    clock,
  );
  clock.now += 5000;
  for (const lastLine of ['x'.repeat(300), 'ü'.repeat(300), '\x1b[31mred\x1b[0m\x07', '漢字'.repeat(90)]) {
    const lines = shown(board, clock, { width, lastLine: () => lastLine });
    expect(lines.length).toBe(2);
    for (const line of lines) {
      const columns = [...line].reduce((sum, one) => sum + (one.charCodeAt(0) < 128 ? 1 : 2), 0);
      expect(columns).toBeLessThanOrEqual(width);
      expect(line).not.toMatch(/[\x00-\x1f\x7f]/);
    }
  }
});

test('tasks that were sent together are begun one after the other, and count as they are', () => {
  const clock = { now: 0 };
  const all = new Map([['web1', 3]]);
  const board = boardOf([{ event: 'play', play: 'p', hosts: ['web1'], check: false }], clock, all);
  const left = (event: Event): number | undefined => {
    board.hear(masked(event, new Redactor()));
    return board.standing().tasks?.left;
  };
  expect([
    left(working('web1', 'first')),
    left(working('web1', 'second')),
    left(working('web1', 'second (1 of 3 tries)')),
    left(working('web1', 'third')),
    left(taskEvent({ task: 'first' })),
    left(taskEvent({ task: 'second' })),
    left(taskEvent({ task: 'third' })),
  ]).toEqual([3, 2, 2, 1, 1, 1, 0]);
});

test('what a task with noLog prints is not looked at, nor what a host prints that only waits', () => {
  const clock = { now: 0 };
  const board = boardOf(
    [
      { event: 'play', play: 'p', hosts: ['a', 'b', 'c'], check: false },
      working('a', 'secret', { hidden: true }),
      working('b', 'gate (1 of 9 tries)', { wait: { tries: 1, most: 9, seconds: 1, saw: '' } }),
      working('c', 'apt'),
    ],
    clock,
  );
  expect(board.standing().doing.map(({ host, hasOutput }) => [host, hasOutput])).toEqual([
    ['b', false],
    ['a', false],
    ['c', true],
  ]);
});

test('it makes way for what is printed, for questions and for the end, and is drawn below', () => {
  vi.useFakeTimers();
  try {
    let out = '';
    const stream = { isTTY: true, columns: 60, rows: 20, write: (text: string) => (out += text) };
    const footer = new Footer({ stream, style: makeStyle(false) });
    const hear = (event: Event): void => footer.hear(masked(event, new Redactor()));
    const next = (): string => {
      const text = out;
      out = '';
      return text;
    };
    hear({ event: 'play', play: 'p', hosts: ['web1'], check: false });
    hear(working('web1', 'apt'));
    expect(next()).toBe('');
    vi.advanceTimersByTime(100);
    expect(next()).toBe('\rweb1  apt\x1b[K\n0 s\x1b[K\x1b[J\x1b[1A\r');
    vi.advanceTimersByTime(1000);
    expect(next()).toContain('1 s');
    vi.advanceTimersByTime(200);
    next();
    footer.print('changed  web1\n');
    expect(next()).toMatch(/^\r\x1b\[Jchanged {2}web1\n\rweb1 {2}apt/);
    // What did not end its line yet has the rest of it.
    footer.around('Password: ', () => stream.write('Password: '));
    vi.advanceTimersByTime(5000);
    expect(next()).toBe('\r\x1b[JPassword: ');
    footer.print('\n');
    expect(next()).toMatch(/^\n\rweb1/);
    hear({ event: 'question', host: 'web1', text: 'Go on?' });
    vi.advanceTimersByTime(60_000);
    expect(next()).toBe('\r\x1b[J');
    hear(working('web1', 'next'));
    vi.advanceTimersByTime(100);
    expect(next()).toContain('next');
    hear(recapEvent());
    vi.advanceTimersByTime(60_000);
    expect(next()).toBe('\r\x1b[J');
  } finally {
    vi.useRealTimers();
  }
});

test.each([
  [{ TERM: 'xterm' }, true, true],
  [{ TERM: 'xterm', NO_COLOR: '1' }, true, true],
  [{ TERM: 'dumb' }, true, false],
  [{}, true, false],
  [{ TERM: 'xterm', CI: 'true' }, true, false],
  [{ TERM: 'xterm' }, false, false],
])('with %j and a terminal: %s, a footer: %s', (env, isTTY, has) => {
  expect(canHaveFooter({ isTTY }, env)).toBe(has);
});

test('what shows one change of a run, as --ask does, draws no footer of its own over the question', () => {
  vi.useFakeTimers();
  vi.stubEnv('TERM', 'xterm');
  vi.stubEnv('CI', '');
  try {
    let screen = '';
    const stream = { isTTY: true, columns: 80, rows: 24, write: (text: string) => ((screen += text), true) };
    const show = humanReport({ stream, style: makeStyle(false), check: true, diff: 'full', verbosity: 1 });
    show(masked(taskEvent({ host: 'web1', status: 'changed' }), new Redactor()));
    const asked = screen;
    vi.advanceTimersByTime(10_000);
    expect(screen).toBe(asked);
    expect(asked).not.toContain('looking');
  } finally {
    vi.unstubAllEnvs();
    vi.useRealTimers();
  }
});
