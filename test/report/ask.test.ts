/** `--ask`: what may be typed, and what comes of it. */
import { expect, test, vi } from 'vitest';
import { Questions } from '../../src/operator/questions.ts';
import { stepper } from '../../src/operator/step.ts';
import { masked, type ShownTaskEvent } from '../../src/report/index.ts';
import { Redactor } from '../../src/secrets/index.ts';
import { taskEvent } from './events.ts';

const event = masked(taskEvent({ status: 'changed', task: 'write\nit' }), new Redactor()) as ShownTaskEvent;

/** Asks about two changes. @returns what was decided, and what was asked */
async function decide(...typed: string[]): Promise<{ decided: boolean[]; asked: string[] }> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const asked: string[] = [];
  try {
    const questions = new Questions(
      () => undefined,
      async (text) => {
        asked.push(text);
        return await Promise.resolve(typed.shift());
      },
    );
    const step = stepper({ questions, output: 'human', signal: new AbortController().signal });
    return { decided: [await step(event), await step(event)], asked };
  } finally {
    write.mockRestore();
  }
}

test('yes, no, Enter, all; no terminal is a no', async () => {
  expect((await decide('y', ' No ')).decided).toEqual([true, false]);
  expect((await decide('', 'YES')).decided).toEqual([false, true]);
  expect(await decide('a')).toMatchObject({ decided: [true, true], asked: [expect.anything()] });
  expect((await decide()).decided).toEqual([false, false]);
});

test('a slip of the finger is asked again, on one line', async () => {
  const { decided, asked } = await decide('u', 'y', 'n');
  expect(decided).toEqual([true, false]);
  expect(asked[0]).toMatch(/^Perform task: .*write\\nit on web1 \(N\)o/);
  expect(asked[1]).toBe(`Not an answer. ${asked[0] ?? ''}`);
});
