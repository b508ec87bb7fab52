import * as v from 'valibot';
import { $ as shell, ProcessOutput, type Shell } from 'zx';
import { settled, type ImperativeContext, type Plan, type Resource } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { makeTask, type Deferrable, type Keywords, type Task } from '../../playbook/index.ts';
import { anything, path, text } from '../kit/schemas.ts';

/** What the function of `local` is given. */
export interface LocalTools<A> {
  /**
   * `zx` on this machine: `` await $`make -C ${folder}` ``. Inserted values are quoted; an exit code other than 0 fails
   * the task.
   */
  readonly $: Shell;
  /** The host the task is for. */
  readonly host: string;
  /** The value of the option `args`. */
  readonly args: A;
}

/** The options of `local`. The types of `args`, and of the `value` that later tasks read, follow from the function. */
export interface LocalOptions<A, R> {
  /** What to do. */
  readonly run: (tools: LocalTools<A>) => R | Promise<R>;
  /**
   * `always`: it counts as a change, and check mode only announces it. `never`: it only reads, and runs in check mode
   * too.
   */
  readonly changes: 'always' | 'never';
  /** Passed to the function. Use it for results of earlier tasks. */
  readonly args?: Deferrable<A>;
  /** The working directory of `$` on this machine. Default: the role's folder. */
  readonly chdir?: string;
  /** What it does, in a few words. */
  readonly title?: string;
}

export interface LocalResult<R> {
  /** What the function returned. */
  readonly value: R;
}

/** A function that is an option's value, wrapped so that it is not taken for one that gives the value. */
class LocalFunction {
  readonly run: (tools: LocalTools<unknown>) => unknown;
  constructor(run: (tools: LocalTools<unknown>) => unknown) {
    this.run = run;
  }
}

interface Wanted {
  readonly work: LocalFunction;
  readonly args: unknown;
  readonly looksOnly: boolean;
  readonly chdir: string;
  readonly title: string;
}

const options = {
  run: v.pipe(
    v.instance(LocalFunction, 'must be a function'),
    v.description(
      'What to do: a function of `{ $, host, args }`, where `$` is zx. Its return value is `value` of the result.',
    ),
  ),
  changes: v.pipe(
    v.picklist(['always', 'never']),
    v.description(
      '`always`: it counts as a change, and check mode only announces it. `never`: it only reads, and runs in check mode too.',
    ),
  ),
  args: v.optional(
    v.pipe(
      anything,
      v.description(
        'Passed to the function; the place for results of earlier tasks, given as a function of `{ facts, results }`.',
      ),
    ),
  ),
  chdir: v.optional(path("The directory `$` works in, on this machine. Default: the role's folder.")),
  title: v.optional(text('What it does, in a few words.')),
};

const resource: Resource<typeof options, Wanted, LocalResult<unknown>> = {
  name: 'local',
  summary: 'Runs a function on this machine, with zx available, once for each host (with `runOnce`, once).',
  options,
  example:
    "const build = local({ changes: 'never', run: async ({ $ }) => (await $`git rev-parse HEAD`).stdout.trim() });\ncopy({ dest: '/srv/app/REVISION', content: ({ results }) => results(build).value })",
  title: (given) => given.title ?? '',
  prepare: ({ run, args, changes, chdir, title }, scope) => ({
    work: run,
    args,
    looksOnly: changes === 'never',
    chdir: chdir ?? scope.dir,
    title: title ?? 'a function of the playbook',
  }),
  probes: () => [],
  plan: (wanted): Plan<LocalResult<unknown>> => ({
    ...settled({ value: undefined }),
    changes: [{ what: 'run here', to: wanted.title }],
    again: true,
    always: true,
    imperative: (context) => imperative(wanted, context),
    ...(wanted.looksOnly ? { quiet: true, looksOnly: true } : { unforeseen: true }),
  }),
};

async function imperative(
  { work, args, chdir }: Wanted,
  { host, signal }: ImperativeContext,
): Promise<LocalResult<unknown>> {
  const $ = shell({
    cwd: chdir,
    stdio: ['ignore', 'pipe', 'pipe'],
    verbose: false,
    quiet: true,
    ...(signal ? { signal } : {}),
  });
  try {
    return { value: await work.run({ $, host, args }) };
  } catch (error) {
    if (error instanceof PlayError) throw error;
    if (error instanceof ProcessOutput)
      throw new PlayError(
        `A command on this machine ended with ${error.signal === null ? `code ${error.exitCode}` : error.signal}`,
        { detail: error.stderr || error.stdout },
      );
    throw new PlayError(`The local step failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Work on this machine. */
export const local = Object.assign(
  function local<A = undefined, R = unknown>(
    { run, ...given }: LocalOptions<A, R>,
    keywords: Keywords<LocalResult<R>> = {},
  ): Task<LocalResult<R>> {
    // The function is called with the `args` of its own task only.
    const work = new LocalFunction(run as LocalFunction['run']);
    return makeTask(resource, { ...given, run: work }, keywords, local) as Task<LocalResult<R>>;
  },
  { resource },
);
