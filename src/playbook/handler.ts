import type { TaskContext } from '../contract/index.ts';
import { PlayError, type Location } from '../errors/index.ts';
import { callSite, placeOf } from './call-site.ts';
import type { Task } from './task.ts';

/**
 * Returns a handler's task for one host. Called in the scope of the first role (or play) of the play that notifies it.
 */
export type HandlerBody = (context: TaskContext) => Task;

let declared = 0;

/**
 * A task that runs when notified, once, at the end of the play. It belongs to the first role (or play) whose tasks notify
 * it. Handlers of one role run in the order in which they were declared, whatever the order of notification.
 */
export class Handler {
  readonly name: string;
  readonly body: HandlerBody;
  /** Its place among all handlers, in the order of their declaration. */
  readonly order: number = declared++;
  /** Where this one runs, these have nothing left to do. */
  readonly insteadOf: readonly Handler[];
  readonly #at: () => Location | undefined;

  constructor(name: string, body: HandlerBody, insteadOf: readonly Handler[], at: () => Location | undefined) {
    this.name = name;
    this.body = body;
    this.insteadOf = insteadOf;
    this.#at = at;
  }
  get at(): Location | undefined {
    return this.#at();
  }
}

/** A named list of handlers: Ansible's `listen`. Notifying it notifies them all. */
export class Topic {
  readonly name: string;
  readonly handlers: readonly Handler[];
  constructor(name: string, handlers: readonly Handler[]) {
    this.name = name;
    this.handlers = handlers;
  }
}

/** Options of a handler. */
export interface HandlerOptions {
  /**
   * Handlers that this one makes unnecessary, as a restart does a reload: they do not run if both are due and this one
   * has no `when`.
   */
  readonly insteadOf?: Handler | readonly Handler[];
}

/** What a task may notify. */
export type Notifiable = Handler | Topic;

/**
 * Declares a handler: a task that runs once, at the end of the play, if a task that notifies it changed something.
 * Handlers are values rather than names, so a misspelt one does not compile, and they need not be listed anywhere.
 *
 * The handlers of a role run in the order in which they are declared. A handler belongs to the first role (or play)
 * that notifies it, and uses the templates and variables of that role; output and records call it `ROLE : NAME`.
 *
 * @param name what it does, as shown to the operator; its task must not have a `name` of its own
 * @param body returns its task
 * @param options which other handlers it makes unnecessary
 * @throws PlayError if it has no name, or `body` is not a function
 *
 * @example
 * const reload = handler('reload nginx', () => systemd({ name: 'nginx', state: 'reloaded' }));
 * const restart = handler('restart nginx', () => systemd({ name: 'nginx', state: 'restarted' }), { insteadOf: reload });
 * // and among the tasks:
 * template({ src: 'nginx.conf.hbs', dest: '/etc/nginx/nginx.conf' }, { notify: reload })
 */
export function handler(name: string, body: HandlerBody, options: HandlerOptions = {}): Handler {
  const at = callSite(handler);
  const refuse = (what: string, hint: string): never => {
    throw new PlayError(what, { ...placeOf({ at: at() }), hint });
  };
  const given: readonly unknown[] = [name, body];
  if (typeof given[0] !== 'string' || given[0].trim() === '')
    refuse('A handler has no name', "Write handler('reload nginx', () => systemd({ ... })).");
  if (typeof given[1] !== 'function')
    refuse(
      `The handler "${name}" needs a function`,
      `Write handler('${name}', () => systemd({ ... })): its task is made for each host.`,
    );
  const { insteadOf = [] } = options;
  const others: readonly unknown[] = 'length' in insteadOf ? insteadOf : [insteadOf];
  if (!others.every((one) => one instanceof Handler))
    refuse(`What the handler "${name}" runs instead of is not a handler`, 'Give it what handler() returned.');
  return new Handler(
    name,
    body,
    others.filter((one) => one instanceof Handler),
    at,
  );
}

/**
 * Declares a topic: a named list of handlers that a task can notify together.
 *
 * @example const nginxChanged = topic('nginx changed', [checkNginx, reloadNginx]);
 */
export function topic(name: string, handlers: readonly Handler[]): Topic {
  const given: unknown = handlers;
  if (!Array.isArray(given) || !given.every((one) => one instanceof Handler))
    throw new PlayError(`The topic "${name}" needs a list of handlers`, {
      ...placeOf({ at: callSite(topic)() }),
      hint: 'List what handler() returned.',
    });
  if (handlers.length === 0)
    throw new PlayError(`The topic "${name}" has no handlers`, {
      ...placeOf({ at: callSite(topic)() }),
      hint: 'List the handlers it stands for.',
    });
  return new Topic(name, handlers);
}

/** The handlers behind what `notify` was given. */
export function notified(notify: Notifiable | readonly Notifiable[] | undefined): Handler[] {
  const list = notify === undefined ? [] : 'length' in notify ? notify : [notify];
  return [...new Set(list.flatMap((one) => (one instanceof Topic ? one.handlers : [one])))];
}
