import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { settled, type ImperativeContext, type Plan, type Resource } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { makeTask, type DeferrableOptions, type Keywords, type Task } from '../../playbook/index.ts';
import { text } from '../kit/schemas.ts';

export interface PauseResult {
  /** What was typed; empty without a `prompt`. */
  readonly userInput: string;
}

const amount = (description: string) => v.optional(v.pipe(v.number(), v.minValue(0), v.description(description)));
const pauseOptions = {
  seconds: amount('Seconds to wait.'),
  minutes: amount('Minutes to wait.'),
  prompt: v.optional(text('The question at the terminal; Enter goes on.')),
};
const confirmOptions = {
  prompt: text('What is about to happen.'),
  answer: v.optional(
    v.pipe(text('What must be typed to go on; anything else fails the task. Default `yes`.'), v.minLength(1)),
    'yes',
  ),
};

const nothing = settled<PauseResult>({ userInput: '' });

/** A plan that changes nothing, but takes its time; check mode reports that it was left out. */
function planned(what: string, imperative: (context: ImperativeContext) => Promise<PauseResult>): Plan<PauseResult> {
  return { ...nothing, changes: [{ what: 'pause', to: what }], quiet: true, again: true, always: true, imperative };
}

const pauseResource: Resource<
  typeof pauseOptions,
  { readonly seconds: number; readonly prompt: string | undefined },
  PauseResult
> = {
  name: 'pause',
  summary: 'Waits for a time, or for Enter at the terminal. Once for all hosts; skipped in check mode.',
  options: pauseOptions,
  example: "pause({ seconds: 10 })\npause({ prompt: 'Look at the dashboard, then press Enter' })",
  validateOptions: ({ seconds, minutes, prompt }) =>
    [seconds, minutes, prompt].filter((one) => one !== undefined).length === 1
      ? undefined
      : 'give one of `seconds`, `minutes` and `prompt`',
  title: ({ seconds, minutes, prompt }) => prompt ?? (minutes === undefined ? `${seconds ?? ''} s` : `${minutes} min`),
  prepare: ({ seconds = 0, minutes = 0, prompt }) => ({ seconds: seconds + minutes * 60, prompt }),
  probes: () => [],
  plan: ({ seconds, prompt }) =>
    planned(prompt ?? `${seconds} s`, async ({ signal, ask }) => {
      if (prompt !== undefined)
        return { userInput: await ask(`${prompt} `, 'Run it at a terminal, or leave the task out with --skip-tags.') };
      await sleep(seconds * 1000, undefined, signal ? { signal } : {}).catch((cause: unknown) => {
        throw new PlayError('Interrupted while waiting', { cause });
      });
      return nothing.result;
    }),
};

const confirmResource: Resource<
  typeof confirmOptions,
  { readonly prompt: string; readonly answer: string },
  PauseResult
> = {
  name: 'confirm',
  summary:
    'Goes on only if the operator types a given word at the terminal. Asked once for all hosts; skipped in check mode.',
  options: confirmOptions,
  example: "confirm({ prompt: 'This removes the database.', answer: 'remove it' })",
  title: ({ prompt }) => prompt ?? '',
  prepare: (given) => given,
  probes: () => [],
  plan: ({ prompt, answer }) =>
    planned(prompt, async ({ ask }) => {
      const userInput = await ask(
        `${prompt}\nType "${answer}" to go on: `,
        'Run it at a terminal, or leave the task out with --skip-tags once you are sure.',
      );
      if (userInput.trim() !== answer)
        throw new PlayError(
          `Not confirmed: ${JSON.stringify(userInput.trim())} was typed, not ${JSON.stringify(answer)}`,
        );
      return { userInput };
    }),
};

type Input<E extends v.ObjectEntries> = DeferrableOptions<v.InferInput<v.StrictObjectSchema<E, undefined>>>;

/** A wait for a time, or for Enter. */
export const pause = Object.assign(
  function pause(options: Input<typeof pauseOptions>, keywords: Keywords<PauseResult> = {}): Task<PauseResult> {
    return makeTask(pauseResource, options, { runOnce: true, ...keywords }, pause);
  },
  { resource: pauseResource },
);

/** A typed confirmation. */
export const confirm = Object.assign(
  function confirm(options: Input<typeof confirmOptions>, keywords: Keywords<PauseResult> = {}): Task<PauseResult> {
    return makeTask(confirmResource, options, { runOnce: true, ...keywords }, confirm);
  },
  { resource: confirmResource },
);
