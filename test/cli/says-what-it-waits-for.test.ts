/** Nothing is waited for in silence. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useVerdict } from '../../src/cli/commands/type-verdict.ts';
import { tellingWait } from '../../src/sandbox/command.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Something that is done when told. */
function work<T>(): { readonly done: (value: T) => void; readonly promise: Promise<T> } {
  let done: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => (done = resolve));
  return { done, promise };
}

test('a type check says so after a second, and takes that back on a terminal', async () => {
  const told: string[] = [];
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => told.push(String(text)) > 0);
  const isTTY = process.stderr.isTTY;
  try {
    for (const terminal of [false, true]) {
      process.stderr.isTTY = terminal;
      const { done, promise } = work<{ kind: 'good' }>();
      const used = useVerdict('/x/site.ts', promise);
      await vi.advanceTimersByTimeAsync(990);
      told.push('a second');
      await vi.advanceTimersByTimeAsync(20);
      done({ kind: 'good' });
      await used;
    }
  } finally {
    process.stderr.isTTY = isTTY;
    write.mockRestore();
  }
  const text = 'checking the types of site.ts (--no-typecheck goes without)';
  expect(told).toEqual([
    'a second',
    `${text}\n`,
    'a second',
    `${text} ...`,
    process.env['TERM'] === 'dumb' ? '\n' : '\r\x1b[K',
  ]);
});

test('a throwaway host that does not come is told of again and again, and one that comes soon is not', async () => {
  const told: string[] = [];
  const soon = work<string>();
  const quick = tellingWait(
    (text) => told.push(text),
    () => 'web1 to boot',
    () => soon.promise,
  );
  await vi.advanceTimersByTimeAsync(5000);
  soon.done('up');
  expect(await quick).toBe('up');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual([]);
  const late = work<void>();
  const slow = tellingWait(
    (text) => told.push(text),
    () => 'the sshd of web1 to answer',
    () => late.promise,
  );
  await vi.advanceTimersByTimeAsync(70_000);
  late.done();
  await slow;
  await vi.advanceTimersByTimeAsync(600_000);
  expect(told).toEqual([
    'sandbox: waiting for the sshd of web1 to answer, 8 s so far',
    'sandbox: waiting for the sshd of web1 to answer, 38 s so far',
    'sandbox: waiting for the sshd of web1 to answer, 68 s so far',
  ]);
});
