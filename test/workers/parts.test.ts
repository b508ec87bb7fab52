/** What carries a run to its workers: what was lost comes again, once and in order, and what others made opens nothing. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openResult } from '../../src/engine/evaluate.ts';
import { MarkTable, readResult, writeResult } from '../../src/engine/index.ts';
import { Link, type Frame } from '../../src/workers/link.ts';
import { Places } from '../../src/workers/places.ts';
import { seatId } from '../../src/workers/seat.ts';
import { within } from '../../src/workers/within.ts';
import { WorkerKey } from '../../src/workers/worker-key.ts';
import { Dice } from '../support/dice.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('worker-key');
const keyFile = (name: string): string => {
  WorkerKey.make(join(folder, name));
  return join(folder, name);
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.for([1, 2, 3])('messages come once and in order over a way that loses and repeats (seed %d)', async (seed) => {
  const chance = new Dice(seed);
  const heard: unknown[] = [];
  const carry = (to: () => Link) => (frame: Frame) => {
    // What is away for a moment says so, and is not sent to.
    if (chance.chance(0.1)) return false;
    for (let copies = chance.below(3); copies > 0; copies--) queueMicrotask(() => to().receive(frame));
    return true;
  };
  const there: Link = new Link(
    carry(() => here),
    (body) => heard.push(body),
  );
  const here: Link = new Link(
    carry(() => there),
    () => undefined,
  );
  const sent = Array.from({ length: 200 }, (_, i) => ({ i, text: 'x'.repeat(chance.below(20_000)) }));
  for (const body of sent) {
    here.post(body);
    if (chance.chance(0.1)) await vi.advanceTimersByTimeAsync(300);
  }
  const settled = vi.fn();
  void here.settled().then(settled);
  for (let seconds = 0; seconds < 300 && settled.mock.calls.length === 0; seconds++) {
    here.tick();
    there.tick();
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(heard).toEqual(sent);
  expect(settled).toHaveBeenCalledOnce();
});

test('what was sealed with another key, for another purpose, or was changed, does not open', () => {
  const key = WorkerKey.read(keyFile('one'));
  const other = WorkerKey.read(keyFile('two'));
  const sealed = key.seal('a>b', Buffer.from('work'));
  expect(key.open('a>b', sealed)?.toString()).toBe('work');
  expect(key.open('b>a', sealed)).toBeUndefined();
  expect(other.open('a>b', sealed)).toBeUndefined();
  for (const at of [0, 12, sealed.length - 1]) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(key.open('a>b', changed)).toBeUndefined();
  }
  expect(key.open('a>b', Buffer.alloc(5))).toBeUndefined();
  expect(key.id).not.toBe(other.id);
});

test('a key that is short, or that others may read, is refused', () => {
  const file = join(folder, 'short');
  writeFileSync(file, 'x', { mode: 0o600 });
  expect(() => WorkerKey.read(file)).toThrow('has 1 bytes');
  const open = keyFile('open');
  chmodSync(open, 0o644);
  expect(() => WorkerKey.read(open)).toThrow('is readable by others');
  expect(() => WorkerKey.make(open)).toThrow('EEXIST');
});

test('what is not known of a result is not known in another process either', () => {
  const open = { result: openResult({ changed: true }, 'only once it has run'), assumed: ['a guess'] };
  const read = readResult(JSON.parse(JSON.stringify(writeResult(open))) as ReturnType<typeof writeResult>);
  expect(read.result.changed).toBe(true);
  expect(() => read.result['stdout']).toThrow('only once it has run');
  expect(read.assumed).toEqual(['a guess']);
});

test('who takes a host over knows what was begun there, and of what runs once what was begun anywhere', () => {
  const run = new MarkTable();
  run.add({ is: 'begun', at: '1', host: 'a', part: 0, key: 'x' });
  run.add({ is: 'begun', at: '1', host: 'b', part: 0, key: 'y' });
  run.add({ is: 'done', at: '2', host: 'b', part: 0, key: 'y', changed: true });
  const worker = new MarkTable();
  worker.take(0, run.tasksOf(0, 'a'));
  expect(worker.of(0, 'a', 'x')).toEqual({ is: 'begun', at: '1' });
  expect(worker.of(0, 'a', 'y')).toBeUndefined();
  expect(worker.of(0, undefined, 'y')).toMatchObject({ is: 'done' });
});

test('no more places are taken than there are, however many wait for one', async () => {
  const places = new Places(2);
  const leaves = [await places.take(), await places.take()];
  const more = [1, 2, 3, 4].map(() => places.take());
  const most: number[] = [];
  for (const one of [...leaves.map((leave) => Promise.resolve(leave)), ...more]) {
    const leave = await one;
    leave();
    // A second call gives nothing back.
    leave();
    for (let turns = 0; turns < 20; turns++) await Promise.resolve();
    most.push(places.taken);
  }
  expect(most).toEqual([2, 2, 2, 2, 1, 0]);
});

test('who leaves waits for what ends, fails or never comes, and for that no longer than it says', async () => {
  await within(1000, Promise.resolve());
  await within(1000, Promise.reject(new Error('Connection is closed.')));
  expect(vi.getTimerCount()).toBe(0);
  const left = vi.fn();
  void within(1000, new Promise(() => undefined)).then(left);
  await vi.advanceTimersByTimeAsync(999);
  expect(left).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(left).toHaveBeenCalledOnce();
});

test('no host is called by a number, which the queue does not take', () => {
  expect(seatId(Buffer.from('8385701006087905', 'hex'))).toBe('s8385701006087905');
});
