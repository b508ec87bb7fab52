import type { TaskContext } from '../contract/index.ts';
import { PlayError, type Location } from '../errors/index.ts';
import { callSite, placeOf } from './call-site.ts';
import type { Task } from './task.ts';

/** Makes a handler's task for one host; called in the scope of the role or play that lists the handler. */
export type HandlerBody = (context: TaskContext) => Task;

/**
 * A task that runs when notified, once, at the end of the play. Typed value, not a name: a misspelt one does not
 * compile. Handlers run in the order of their role's (or play's) `handlers` list, whatever the order of notification.
 */
export class Handler {
  readonly name: string;
  readonly body: HandlerBody;
  readonly #at: () => Location | undefined;

  constructor(name: string, body: HandlerBody, at: () => Location | undefined) {
    this.name = name;
    this.body = body;
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

/** What a task may notify. */
export type Notifiable = Handler | Topic;

/**
 * Declares a handler. List it in the role's `handlers`, notify it from tasks.
 *
 * @example
 * const reload = handler('reload nginx', () => systemd({ name: 'nginx', state: 'reloaded' }));
 */
export function handler(name: string, body: HandlerBody): Handler {
  const at = callSite(handler);
  const refuse = (what: string, hint: string): never => {
    throw new PlayError(what, { ...placeOf({ at: at() }), hint });
  };
  const given: readonly unknown[] = [name, body];
  if (typeof given[0] !== 'string' || given[0].trim() === '')
    refuse('A handler has no name', "Write handler('reload nginx', () => systemd({ ... })).");
  if (typeof given[1] !== 'function')
    refuse(
      `The handler "${name}" is not given a function`,
      `Write handler('${name}', () => systemd({ ... })): its task is made for each host.`,
    );
  return new Handler(name, body, at);
}

/** Declares a topic. @example const nginxChanged = topic('nginx changed', [checkNginx, reloadNginx]); */
export function topic(name: string, handlers: readonly Handler[]): Topic {
  const given: unknown = handlers;
  if (!Array.isArray(given) || !given.every((one) => one instanceof Handler))
    throw new PlayError(`The topic "${name}" is not given a list of handlers`, {
      ...placeOf({ at: callSite(topic)() }),
      hint: 'List what handler() gave.',
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
