import { PlayError, type Location } from '../errors/index.ts';
import type { Deferrable } from './deferred.ts';
import type { Notifiable } from './handler.ts';
import type { Resource } from './resource.ts';
import type { Scope } from './scope.ts';

/** What may be said of a task of any resource, as in Ansible. */
export interface Keywords {
  /** What the task is for, in the operator's words. Default: the resource and its title. */
  readonly name?: string;
  /** Tags; a string may hold several, separated by commas. Inherited: play -> role -> task. */
  readonly tags?: string | readonly string[];
  /** Run only if true. A function may read facts and earlier results. */
  readonly when?: Deferrable<boolean>;
  /** Handlers (or topics) to run, once, when this task changed something. */
  readonly notify?: Notifiable | readonly Notifiable[];
  /** Become another user for this task. Default: as the play says. */
  readonly become?: boolean;
  /** Whom to become; implies `become: true`. Default `root`. */
  readonly becomeUser?: string;
  /** Show neither diff nor output of this task. */
  readonly noLog?: boolean;
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
    ...(task.at ? { where: task.at } : {}),
    hint: 'Read it inside a function: when: ({ results }) => results(task).changed',
  });
};

/**
 * One task of one host: what resource functions return. It is a description; its result exists only during the run and is
 * read there with `results(task)`.
 */
export class Task<R = unknown> {
  readonly body: TaskBody;
  readonly keywords: Keywords;
  readonly scope: Scope | undefined;
  readonly #at: () => Location | undefined;
  readonly name: string;
  /** Only for the type: what `results(task)` gives. */
  declare readonly _result?: R;

  constructor(body: TaskBody, keywords: Keywords, scope: Scope | undefined, at: () => Location | undefined, title: string) {
    this.body = body;
    this.keywords = keywords;
    this.scope = scope;
    this.#at = at;
    this.name = keywords.name ?? `${body.resource.name} ${title}`.trim();
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

// Not declared in the type, so that reading them in plain code is a type error; this says what to write when it is run anyway.
for (const property of ['changed', 'failed', 'skipped', 'stdout', 'stderr', 'rc', 'stat']) {
  Object.defineProperty(Task.prototype, property, {
    get(this: Task) {
      return outside(this, `"${property}"`);
    },
  });
}
