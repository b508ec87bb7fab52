import type { InferInput, ObjectEntries, StrictObjectSchema } from 'valibot';
import type { Resource, TaskDefaults } from '../contract/index.ts';
import { PlayError } from '../errors/index.ts';
import { callSite, placeOf } from './call-site.ts';
import type { DeferrableOptions } from './deferred.ts';
import { checkKeywords, taskKinds } from './keywords.ts';
import { checkOptions } from './options.ts';
import { currentScope, type Scope } from './scope.ts';
import { Task, type Keywords, type TaskBody } from './task.ts';

/** The function a playbook calls: options as in Ansible, then the task's keywords. */
export interface ResourceFunction<E extends ObjectEntries = ObjectEntries, R = unknown> {
  (options: DeferrableOptions<InferInput<StrictObjectSchema<E, undefined>>>, keywords?: Keywords<R>): Task<R>;
  /** The description it was made from. */
  readonly resource: Resource<E, never, R>;
}

/**
 * Makes a resource's function from its description. Options are checked when it is called; those given as functions,
 * once their values are known.
 *
 * @throws PlayError (from the function) for invalid options, naming file and line of the call, the option and the
 * nearest valid name
 * @example export const motd = defineResource({ name: 'motd', options: { text: v.string() }, ...others })
 */
export function defineResource<E extends ObjectEntries, P, R>(resource: Resource<E, P, R>): ResourceFunction<E, R> {
  const make = (options: Readonly<Record<string, unknown>>, keywords: Keywords<never> = {}): Task<R> =>
    makeTask(resource, options, keywords, make);
  return Object.assign(make as ResourceFunction<E, R>, { resource: resource as unknown as Resource<E, never, R> });
}

/**
 * Makes a task of a resource: for resource functions with a type of their own (`local`, whose option is a function).
 *
 * @param below the function whose caller is the playbook
 */
export function makeTask<E extends ObjectEntries, P, R>(
  resource: Resource<E, P, R>,
  options: Readonly<Record<string, unknown>>,
  keywords: Keywords<never>,
  below: (...args: never[]) => unknown,
): Task<R> {
  const at = callSite(below);
  const scope = currentScope();
  const given: unknown = options;
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new PlayError(`${resource.name} needs its options`, {
      ...placeOf({ at: at() }),
      hint: `Write ${resource.name}({ ... }).`,
    });
  const checked = checkOptions(resource, isDeferred(options) ? options : withDefaults(resource, options, scope), at);
  checkKeywords(keywords, { of: `a task of ${resource.name}`, kinds: taskKinds, at });
  if (!scope) {
    throw new PlayError(`The task "${keywords.name ?? resource.name}" is made outside the tasks of a role or play`, {
      ...placeOf({ at: at() }),
      hint: "Create it inside `tasks: () => [ ... ]` (or in a handler's function), so that it is clear which host it is for.",
    });
  }
  // The engine calls prepare, probes and plan of one resource with that resource's own data only.
  const body: TaskBody = { resource: resource as unknown as TaskBody['resource'], options: checked };
  return new Task<R>(body, keywords, scope, at, resource.title(knownOptions<E>(checked)));
}

/** Whether an option waits for the run. */
export function isDeferred(options: Readonly<Record<string, unknown>>): boolean {
  return Object.values(options).some((value) => typeof value === 'function');
}

/** Options with what their role or play gives to all its tasks, where they do not say it themselves. */
export function withDefaults(
  resource: { defaults?(given: TaskDefaults, options: Readonly<Record<string, unknown>>): object },
  options: Readonly<Record<string, unknown>>,
  scope: Scope | undefined,
): Readonly<Record<string, unknown>> {
  const given = Object.entries(resource.defaults?.(scope?.defaults ?? {}, options) ?? {});
  return { ...Object.fromEntries(given.filter(([, value]) => value !== undefined)), ...options };
}

/** The options that are values already; those given as functions are left out. */
function knownOptions<E extends ObjectEntries>(options: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => typeof value !== 'function')) as Parameters<
    Resource<E>['title']
  >[0];
}
