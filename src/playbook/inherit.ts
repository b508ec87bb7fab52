import type { BlockKeywords } from './block.ts';
import type { Deferrable, RunContext } from './deferred.ts';
import { gateOf, type Gate, type ListedGate } from './gate.ts';
import type { Inherited, ListedBlock, ListedHandler, ListedTask } from './listed.ts';
import type { Scope } from './scope.ts';
import { tagList } from './tags.ts';
import type { Environment, SharedKeywords, Task } from './task.ts';

/** What tasks have from what is around them: a play, a role, blocks. */
export interface Defaults {
  readonly tags: readonly string[];
  readonly become: boolean;
  readonly becomeUser: string;
  readonly conditions: readonly Deferrable<boolean>[];
  readonly inherited: Inherited;
  readonly gate?: ListedGate;
}

export type Confirmed = Pick<ListedBlock, 'commitConfirmed'>;

/** A gate is asked whatever the tags chose: who rolls out a part of a play wants to stop at a failure all the same. */
export function insideGate({ retries = 0, delay = 5 }: Gate, when: ListedGate['when'], defaults: Defaults): Defaults {
  return { ...defaults, tags: tagList(defaults.tags, 'always'), gate: { when, retries, delay } };
}

/** What is said of a task or block itself; that it is not to be confirmed holds for all that is inside. */
export function confirmedBy(
  { commitConfirmed = false }: SharedKeywords,
  { inherited }: Defaults,
): Confirmed | undefined {
  if (commitConfirmed === false || inherited.commitConfirmed === false) return undefined;
  return { commitConfirmed: commitConfirmed === true ? {} : commitConfirmed };
}

export function insideBlock(
  { tags, become, becomeUser, when, name: _name, rescue: _rescue, always: _always, ...shared }: BlockKeywords,
  defaults: Defaults,
): Defaults {
  return {
    tags: tagList(defaults.tags, tags),
    become: become ?? (becomeUser === undefined ? defaults.become : true),
    becomeUser: becomeUser ?? defaults.becomeUser,
    conditions: when === undefined ? defaults.conditions : [...defaults.conditions, when],
    inherited: merged(defaults.inherited, shared),
    ...gateOf(defaults),
  };
}

/** What a gate notifies is no gate itself. */
export function ofHandlers({ gate: _gate, ...defaults }: Defaults): Defaults {
  return defaults;
}

type GivenEnvironment = Inherited['environment'];

/** Both together; what is inside wins. One that waits for the run makes the whole wait. */
function bothEnvironments(outer: GivenEnvironment, inner: GivenEnvironment): GivenEnvironment {
  if (outer === undefined || inner === undefined) return inner ?? outer;
  if (typeof outer !== 'function' && typeof inner !== 'function') return { ...outer, ...inner };
  const of = (given: Environment | ((context: RunContext) => Environment), context: RunContext): Environment =>
    typeof given === 'function' ? given(context) : given;
  return (context) => ({ ...of(outer, context), ...of(inner, context) });
}

/** Environments add up; that nothing is to be confirmed holds for all that is inside. */
function merged(outer: Inherited, inner: Inherited): Inherited {
  const environment = bothEnvironments(outer.environment, inner.environment);
  return {
    ...outer,
    ...inner,
    ...(environment === undefined ? {} : { environment }),
    ...(outer.commitConfirmed === false ? { commitConfirmed: false } : {}),
  };
}

export function inherit(
  task: Task,
  scope: Scope,
  defaults: Defaults,
  notify: readonly ListedHandler[],
  key: string,
): ListedTask {
  const { keywords } = task;
  const own = given(Object.fromEntries(inheritable.map((name) => [name, keywords[name]])));
  return {
    task,
    name: task.name,
    role: scope.role,
    tags: tagList(defaults.tags, keywords.tags),
    become: keywords.become ?? (keywords.becomeUser === undefined ? defaults.become : true),
    becomeUser: keywords.becomeUser ?? defaults.becomeUser,
    notify,
    conditions: keywords.when === undefined ? defaults.conditions : [...defaults.conditions, keywords.when],
    inherited: merged(defaults.inherited, own),
    ...gateOf(defaults),
    key,
  };
}

/** The keywords of a task that it may also have from its blocks. */
const inheritable = [
  'environment',
  'ignoreErrors',
  'ignoreUnreachable',
  'delegateTo',
  'runOnce',
  'throttle',
  'noLog',
  'checkMode',
  'timeout',
  'service',
  'commitConfirmed',
] as const satisfies readonly (keyof Inherited)[];

/** Keywords without those that were not given. */
export function given(keywords: { readonly [K in keyof Inherited]?: Inherited[K] | undefined }): Inherited {
  return Object.fromEntries(Object.entries(keywords).filter(([, value]) => value !== undefined));
}
