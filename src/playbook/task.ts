import type { Resource } from '../contract/index.ts';
import { PlayError, type Location } from '../errors/index.ts';
import type { Secret } from '../secrets/index.ts';
import { placeOf } from './call-site.ts';
import type { Deferrable, RunContext, TaskOutcome } from './deferred.ts';
import type { Notifiable } from './handler.ts';
import type { Scope } from './scope.ts';
import type { Service } from './service.ts';

/** How changes have to be confirmed. */
export interface CommitConfirmed {
  /** Seconds from the last change until the host puts the old state back by itself. Default 120. */
  readonly within?: number;
  /** sh that undoes what nobody else knows how to: run as root on the host after all else was put back. */
  readonly undo?: string;
}

/** Environment variables by their names. */
export type Environment = Readonly<Record<string, string | Secret>>;

/** What tasks and blocks have in common; tasks inherit it from their blocks. */
export interface SharedKeywords {
  /** Tags; a string may contain several, separated by commas. Inherited: play -> role -> block -> task. */
  readonly tags?: string | readonly string[];
  /** Become another user. Default: as set by the play. */
  readonly become?: boolean;
  /** The user to become; implies `become: true`. Default `root`. */
  readonly becomeUser?: string;
  /** Environment variables for whatever is run on the host. A function may read facts and earlier results. */
  readonly environment?: Deferrable<Environment>;
  /**
   * Report a failure, count it as ignored, and go on with the next task. A function may read facts and earlier results.
   */
  readonly ignoreErrors?: Deferrable<boolean>;
  /** Report an unreachable host, and go on with the rest of the play where possible. */
  readonly ignoreUnreachable?: boolean;
  /** Run it on this host instead (`localhost`: this machine), with the play host's variables. */
  readonly delegateTo?: string;
  /**
   * Run it once in the whole run, on the first host that gets there; every host gets the result. What counts as the
   * same task on all hosts is decided by its `name`, or without one by the line that creates it.
   */
  readonly runOnce?: boolean;
  /** How many hosts may run the task at once, regardless of `--forks` and `serial`. Default: all of them. */
  readonly throttle?: number;
  /** Show neither diff nor output. */
  readonly noLog?: boolean;
  /**
   * True: the task only reports what it would do, even in a real run, and changes nothing. It counts as `ok` and
   * notifies no handlers; `changed` in its result says whether there was something to do
   * (`failedWhen: ({ result }) => result.changed`). Tasks whose effect is known only by running them, such as commands,
   * are skipped. Unlike in Ansible, there is no `false`, since check mode never changes anything; a read-only command
   * runs there with `changes: 'never'`. Default: as the run.
   */
  readonly checkMode?: true;
  /** Seconds after which whatever is running on the host is stopped and the task fails. */
  readonly timeout?: number;
  /** The service it is part of: who runs it, and what to do when it breaks. */
  readonly service?: Service;
  /**
   * Keep its changes only if a new login works afterwards, by the same route and including become; otherwise the host
   * restores the old state by itself. Default: where a change might lock play out. False: never, for the task and
   * everything inside it.
   */
  readonly commitConfirmed?: boolean | CommitConfirmed;
}

/**
 * What the functions `failedWhen`, `changedWhen` and `until` may read: the task's own result, besides facts and earlier
 * results.
 */
export interface JudgeContext<R> extends RunContext {
  /** The result of the task itself. */
  readonly result: R & TaskOutcome;
}

/** Keywords that any task may have, as in Ansible. */
export interface Keywords<R = unknown> extends SharedKeywords {
  /** What the task is for, as shown to the operator. Default: the resource and its title. */
  readonly name?: string;
  /** Run only if true. A function may read facts and earlier results. */
  readonly when?: Deferrable<boolean>;
  /** Handlers (or topics) to run, once, when this task changed something. */
  readonly notify?: Notifiable | readonly Notifiable[];
  /** Whether it failed, decided from its result. Replaces the resource's own interpretation of an exit code. */
  readonly failedWhen?: boolean | ((context: JudgeContext<R>) => boolean);
  /** Whether it changed something, decided from its result. */
  readonly changedWhen?: boolean | ((context: JudgeContext<R>) => boolean);
  /** Run it again until this is true, at most `retries` times, `delay` seconds apart; even after a lost connection. */
  readonly until?: (context: JudgeContext<R>) => boolean;
  /** How often to run it again. Default 3. */
  readonly retries?: number;
  /** Seconds between attempts. Default 5. */
  readonly delay?: number;
}

type AnyResource = Resource<never, never, unknown>;

/** The type of what a task is made of, with the resource's own types forgotten. */
export interface TaskBody {
  readonly resource: AnyResource;
  /** Options as written; functions among them are resolved when the task's turn comes. */
  readonly options: Readonly<Record<string, unknown>>;
}

const outside = (task: Task, what: string): never => {
  throw new PlayError(`${what} of the task "${task.name}" is not known while the task list is made`, {
    ...placeOf(task),
    hint: 'Read it inside a function: when: ({ results }) => results(task).changed',
  });
};

/** Options that say what a task is about. Of tasks without any the title says how: `security` of an upgrade. */
const thingOptions = ['path', 'dest', 'name', 'user', 'unit', 'src'];

/**
 * A task for one host, as returned by resource functions. It only describes what to do; its result exists during the
 * run, and is read there with `results(task)`.
 */
export class Task<R = unknown> {
  readonly body: TaskBody;
  readonly keywords: Keywords<never>;
  readonly scope: Scope | undefined;
  readonly #at: () => Location | undefined;
  readonly name: string;
  /** The resource's title of it, where it has a name of its own and is about something. */
  readonly subject: string | undefined;
  /** Only for the type: what `results(task)` gives. */
  declare readonly _result?: R;

  constructor(
    body: TaskBody,
    keywords: Keywords<never>,
    scope: Scope | undefined,
    at: () => Location | undefined,
    title: string,
  ) {
    this.body = body;
    this.keywords = keywords;
    this.scope = scope;
    this.#at = at;
    this.name = keywords.name ?? `${body.resource.name} ${title}`.trim();
    const isOfThing = thingOptions.some((name) => Object.hasOwn(body.options, name));
    this.subject = keywords.name === undefined || title === '' || !isOfThing ? undefined : title;
    scope?.made.add(this);
  }

  /** Where the playbook made this task. */
  get at(): Location | undefined {
    return this.#at();
  }

  [Symbol.toPrimitive](): never {
    return outside(this, 'The result');
  }
}

// Not declared in the type, so that reading them in plain code is a type error; this says what to write when it is run
// anyway.
for (const property of ['changed', 'failed', 'skipped', 'stdout', 'stderr', 'rc', 'stat']) {
  Object.defineProperty(Task.prototype, property, {
    get(this: Task) {
      return outside(this, `"${property}"`);
    },
  });
}
