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
  /** Tags; a string may hold several, separated by commas. Inherited: play -> role -> block -> task. */
  readonly tags?: string | readonly string[];
  /** Become another user. Default: as the play says. */
  readonly become?: boolean;
  /** Whom to become; implies `become: true`. Default `root`. */
  readonly becomeUser?: string;
  /** Environment variables for what it runs on the host. A function may read facts and earlier results. */
  readonly environment?: Deferrable<Environment>;
  /** A failure is reported and counted as ignored, and the next task runs. A function may read facts and earlier results. */
  readonly ignoreErrors?: Deferrable<boolean>;
  /** An unreachable host is reported, and the rest of the play goes on where it can. */
  readonly ignoreUnreachable?: boolean;
  /** Run it on this host instead (`localhost`: this machine), with the play host's variables. */
  readonly delegateTo?: string;
  /**
   * Run it once in the whole run, on the first host that gets there; every host gets the result. A task with a `name`
   * goes by that on all hosts, any other by the line that makes it.
   */
  readonly runOnce?: boolean;
  /** How many hosts may run the task at once, whatever `--forks` and `serial` say. Default: all of them. */
  readonly throttle?: number;
  /** Show neither diff nor output. */
  readonly noLog?: boolean;
  /**
   * True: the task only reports what it would do, in a run as in check mode, and does nothing. It counts as `ok` and
   * notifies nobody; `changed` in its result says whether there was something to do (`failedWhen: ({ result }) =>
   * result.changed`). Whatever is known only after running, such as a command, is skipped. There is no `false` as in
   * Ansible: check mode touches nothing; a read-only command runs there with `changes: 'never'`. Default: as the run.
   */
  readonly checkMode?: true;
  /** Seconds until what it runs on the host is ended and the task fails. */
  readonly timeout?: number;
  /** The service it is part of: who runs it, and what to do when it breaks. */
  readonly service?: Service;
  /**
   * Its changes are kept only once a new login the same way works, become included; otherwise the host puts the old
   * state back by itself. Default: if it may close our own way in. False: never, including everything inside.
   */
  readonly commitConfirmed?: boolean | CommitConfirmed;
}

/** What a function that judges a task may read: its result besides facts and earlier results. */
export interface JudgeContext<R> extends RunContext {
  /** The result of the task itself. */
  readonly result: R & TaskOutcome;
}

/** Keywords that any task may have, as in Ansible. */
export interface Keywords<R = unknown> extends SharedKeywords {
  /** What the task is for, in the operator's words. Default: the resource and its title. */
  readonly name?: string;
  /** Run only if true. A function may read facts and earlier results. */
  readonly when?: Deferrable<boolean>;
  /** Handlers (or topics) to run, once, when this task changed something. */
  readonly notify?: Notifiable | readonly Notifiable[];
  /** Whether it failed, judged by its result; replaces the resource's own judgement of an exit code. */
  readonly failedWhen?: boolean | ((context: JudgeContext<R>) => boolean);
  /** Whether it changed something, judged by its result. */
  readonly changedWhen?: boolean | ((context: JudgeContext<R>) => boolean);
  /** Run it again until this holds, at most `retries` times, `delay` seconds apart; even if the connection was lost. */
  readonly until?: (context: JudgeContext<R>) => boolean;
  /** How often to run it again; default 3. */
  readonly retries?: number;
  /** Seconds between tries; default 5. */
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
 * One task of one host: what resource functions return. It is a description; its result exists only during the run and
 * is read there with `results(task)`.
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
