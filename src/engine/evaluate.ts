import { ProbeFailed, settled, Unanswered, Unknowable, type Plan, type Question } from '../contract/index.ts';
import { PlayError } from '../errors/index.ts';
import {
  callUserCode,
  checkOptions,
  isDeferred,
  placeOf,
  withDefaults,
  withPlace,
  type Deferrable,
  type ListedTask,
  type RunContext,
  type Task,
  type TaskOutcome,
} from '../playbook/index.ts';
import { commonFacts, fact, factNames, type Facts } from '../probes/index.ts';
import { FoundView, UnansweredAt, UnmetNeed } from './found-view.ts';
import { flawOf, misunderstood } from './misunderstood.ts';
import { Unasked } from './not-asked.ts';
import { refuseOwnWay } from './own-way.ts';
import { refuseByPermission } from './permission.ts';
import type { Place, PlacedQuestion } from './place.ts';
import { environmentOf, hasRunKeywords, resolveRunKeywords } from './run-keywords.ts';
import type { HostState } from './state.ts';
import { followingLinks, planInSight } from './turned-links.ts';

/** What a finished task left for later ones to read. */
export type Results = Map<Task, LeftResult>;

export interface LeftResult {
  readonly result: TaskOutcome & Readonly<Record<string, unknown>>;
  /** Check mode: what it rests on. Whoever reads the result rests on it too. */
  readonly assumed: readonly string[];
}

/** What became of trying to plan a task. */
export type Evaluation =
  /** Not yet: these must be asked first. */
  | { readonly is: 'needs'; readonly questions: readonly PlacedQuestion[] }
  /** Not yet: it reads the result of this task. */
  | { readonly is: 'waits'; readonly for: Task }
  | { readonly is: 'skipped'; readonly assumed: readonly string[] }
  /** Check mode: cannot be known. */
  | { readonly is: 'unknown'; readonly why: string }
  /** `isUnmet`: it lacks something on the host, which may be there at the next try. */
  | {
      readonly is: 'failed';
      readonly what: string;
      readonly hint: string | undefined;
      readonly assumed?: readonly string[];
      readonly isUnmet?: boolean;
    }
  | {
      readonly is: 'planned';
      readonly plan: Plan<unknown>;
      /** With all functions resolved. */
      readonly options: Readonly<Record<string, unknown>>;
      readonly probes: readonly Question[];
      readonly read: readonly Question[];
      readonly assumed: readonly string[];
      readonly may: string | undefined;
    };

/** Of results with something open: why. */
export const openReasons = new WeakMap<object, string>();

/**
 * The result of a task whose outcome is open in check mode: reading what is not known makes the reader `may change`.
 */
export function openResult(known: Partial<TaskOutcome>, why: string): TaskOutcome & Readonly<Record<string, unknown>> {
  const open = new Proxy(known as TaskOutcome & Record<string, unknown>, {
    get(target, name) {
      if (name in target) return Reflect.get(target, name);
      throw new Unknowable(why);
    },
  });
  openReasons.set(open, why);
  return open;
}

class WaitsFor extends Error {
  readonly task: Task;
  constructor(task: Task) {
    super('waits for a result');
    this.task = task;
  }
}

export interface EvaluateInput {
  readonly listed: ListedTask;
  /** Where the task is carried out. */
  readonly place: Place;
  /** Whose facts its functions read: the play's host, also where the task is delegated. */
  readonly own: Place;
  readonly results: Results;
  readonly check: boolean;
  /** Planned as a notified handler. */
  readonly notified: boolean;
}

const prepared = new WeakMap<Task, unknown>();

/**
 * Does a task's local work (reading files, rendering templates) where no option waits for the run.
 * @throws PlayError at the desk, before any host is touched
 */
export function prepareTask(listed: ListedTask): void {
  const { task } = listed;
  if (!isDeferred(task.body.options) && !hasRunKeywords(listed)) prepared.set(task, prepare(listed, task.body.options));
}

/** What `prepareTask` made; undefined where that waits for the run. */
export function preparedOf(task: Task): unknown {
  return prepared.get(task);
}

function prepare(listed: ListedTask, options: Readonly<Record<string, unknown>>): unknown {
  const { task } = listed;
  const { resource } = task.body;
  if (!task.scope) throw new PlayError(`The task "${task.name}" has no role or play`);
  const environment = environmentOf(listed);
  const scope = environment === undefined ? task.scope : { ...task.scope, environment };
  return withPlace(task, () => resource.prepare(options as never, scope));
}

/** What a task came to when it was looked at ahead of its turn. */
interface LookedAt {
  readonly state: HostState;
  readonly version: number;
  readonly place: string;
  readonly evaluation: Evaluation;
}

const lookedAt = new WeakMap<ListedTask, LookedAt>();

/**
 * Plans one task against what is known. Pure but for deferred options, which may read local files.
 *
 * A task that is asked for ahead is planned then and at its turn; where nothing but what its host has answered decides,
 * the second time is spared if the host was asked nothing more meanwhile. In check mode that is as long as no change is
 * planned.
 */
export function evaluate(input: EvaluateInput): Evaluation {
  const { listed, place, check, notified } = input;
  const { state } = place.session;
  const isOfAnswers =
    (!check || (state.isAsFound && place.session.run.changed === undefined)) &&
    prepared.has(listed.task) &&
    listed.conditions.every((when) => typeof when === 'boolean');
  if (!isOfAnswers) return planned(input);
  const asked = `${place.account} ${notified}`;
  const before = lookedAt.get(listed);
  lookedAt.delete(listed);
  if (before?.state === state && before.version === state.version && before.place === asked) return before.evaluation;
  const evaluation = planned(input);
  lookedAt.set(listed, { state, version: state.version, place: asked, evaluation });
  return evaluation;
}

function planned(input: EvaluateInput): Evaluation {
  const { listed, place, check, notified } = input;
  const { task } = listed;
  const found = new FoundView(place, { check, notified });
  try {
    const context = runContext(input, found);
    if (!listed.conditions.every((when) => holds(when, task, context)))
      return { is: 'skipped', assumed: [...found.assumed] };
    resolveRunKeywords(listed, (keyword, given) =>
      callUserCode(`"${keyword}" of the task "${task.name}"`, task, () => given(context), isSignal),
    );
    if (place.account !== '' && place.account !== 'root') found.needAccounts();
    if (check && place.session.state.presence(place.account) === 'gone')
      return {
        is: 'failed',
        what: `there is no user ${place.account} on ${place.session.connection.target.name}`,
        hint: 'A task before it removes them.',
      };
    const resource = task.body.resource;
    const isPrepared = prepared.has(task);
    const options = isPrepared ? task.body.options : resolveOrSay(task, context);
    if (options instanceof SaysThen) return saysThen(options, found);
    const ready = isPrepared ? prepared.get(task) : prepare(listed, options);
    const probes = resource.probes(ready as never);
    const missing = found.missing(probes);
    if (missing.length > 0) return { is: 'needs', questions: missing.map((question) => ({ place, question })) };
    const isFollowing = task.body.options['follow'] === true;
    const ofResource = (): Plan<unknown> => {
      const plan = resource.plan(ready as never, found);
      return check ? asForeseen(plan) : plan;
    };
    const wanted = isFollowing ? ofResource() : planInSight(ofResource, found);
    // What was taken for granted on the way may fail first.
    if ('refused' in wanted) return { is: 'failed', ...wanted.refused, assumed: [...found.assumed] };
    const plan = isFollowing ? followingLinks(wanted) : wanted;
    const flaw = flawOf(plan);
    if (flaw !== undefined) return { is: 'failed', ...misunderstood(flaw) };
    const refused =
      refuseOwnWay(plan, found) ??
      (place.account === 'root' ? undefined : refuseByPermission(plan, probes, found, isFollowing));
    if (refused !== undefined) return { is: 'failed', ...refused, assumed: [...found.assumed] };
    return {
      is: 'planned',
      plan,
      options,
      probes,
      read: [...probes, ...found.read],
      assumed: [...found.assumed, ...(plan.assumed ?? [])],
      may: plan.may ?? found.may,
    };
  } catch (error) {
    return fromError(error, found);
  }
}

/** A plan as check mode sees it: with everything known of the state after, and without work that only takes time. */
function asForeseen<R>(wanted: Plan<R>): Plan<R> {
  const { plan, after } = withForeseen(wanted);
  if (plan.imperative === undefined || !plan.quiet || plan.looksOnly) return { ...plan, after };
  return {
    ...plan,
    after,
    changes: [],
    message: `${plan.changes[0]?.to ?? ''}: left out in check mode`,
    messageOpen: true,
    unforeseen: true,
  };
}

/** With more of the state after, where that can be worked out: the forecast of a run may lack what it takes. */
function withForeseen<R>(plan: Plan<R>): { readonly plan: Plan<R>; readonly after: Plan<R>['after'] } {
  try {
    return { plan, after: [...plan.after, ...(plan.foreseen?.() ?? [])] };
  } catch (error) {
    if (!(error instanceof Unasked)) throw error;
    return { plan: { ...plan, unforeseen: true }, after: plan.after };
  }
}

/**
 * The part of planning that needs no place: a task's conditions, which read the facts of the play's own host.
 * Undefined: the task is due.
 */
export function evaluateConditions(input: EvaluateInput): Evaluation | undefined {
  const { listed, own, check, notified } = input;
  const found = new FoundView(own, { check, notified });
  try {
    const context = runContext({ ...input, place: own }, found);
    return listed.conditions.every((when) => holds(when, listed.task, context))
      ? undefined
      : { is: 'skipped', assumed: [...found.assumed] };
  } catch (error) {
    return fromError(error, found);
  }
}

function fromError(error: unknown, found: FoundView): Evaluation {
  if (error instanceof UnansweredAt) return { is: 'needs', questions: error.placed };
  if (error instanceof WaitsFor) return { is: 'waits', for: error.task };
  if (error instanceof Unknowable) return { is: 'unknown', why: error.message };
  if (error instanceof ProbeFailed)
    return { is: 'failed', what: error.message, hint: undefined, assumed: [...found.assumed] };
  if (error instanceof PlayError)
    return {
      is: 'failed',
      what: error.message,
      hint: error.hint,
      assumed: [...found.assumed],
      isUnmet: error instanceof UnmetNeed,
    };
  return { is: 'failed', ...misunderstood(error) };
}

function holds(when: Deferrable<boolean>, task: Task, context: RunContext): boolean {
  if (typeof when !== 'function') return when;
  const answer: unknown = callUserCode(`"when" of the task "${task.name}"`, task, () => when(context), isSignal);
  if (typeof answer === 'boolean') return answer;
  throw new PlayError(
    `"when" of the task "${task.name}" gives ${String(answer)}, which is neither true nor false`,
    placeOf(task),
  );
}

/** What functions throw on our behalf when something is not known yet. */
function isSignal(error: unknown): boolean {
  return (
    error instanceof Unanswered ||
    error instanceof WaitsFor ||
    error instanceof Unknowable ||
    error instanceof ProbeFailed
  );
}

/** The options cannot be known yet, and nothing hangs on them. */
class SaysThen {
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

function saysThen({ why }: SaysThen, found: FoundView): Evaluation {
  const plan: Plan<unknown> = {
    ...settled({}),
    message: `(${why})`,
    messageOpen: true,
    unforeseen: true,
    bringsNothing: true,
  };
  return { is: 'planned', plan, options: {}, probes: [], read: [], assumed: [...found.assumed], may: undefined };
}

function resolveOrSay(task: Task, context: RunContext): Readonly<Record<string, unknown>> | SaysThen {
  try {
    return resolve(task, context);
  } catch (error) {
    if (!(error instanceof Unknowable) || task.body.resource.onlySays !== true) throw error;
    return new SaysThen(error.message);
  }
}

function resolve(task: Task, context: RunContext): Readonly<Record<string, unknown>> {
  const options = Object.entries(task.body.options).map(([name, value]): [string, unknown] => {
    if (typeof value !== 'function') return [name, value];
    return [name, callUserCode(`"${name}" of the task "${task.name}"`, task, () => value(context), isSignal)];
  });
  const { resource } = task.body;
  return checkOptions(resource, withDefaults(resource, Object.fromEntries(options), task.scope), () => task.at);
}

/** What functions of a task may read outside of planning: to judge its result. */
export function judgeContext(input: EvaluateInput): RunContext {
  return runContext(input, new FoundView(input.place, { check: input.check, notified: input.notified }));
}

function runContext({ results, own, place, check, notified }: EvaluateInput, found: FoundView): RunContext {
  let facts: Facts | undefined;
  return {
    // Made when read: most tasks read none.
    get facts() {
      facts ??= factsOf(own === place ? found : new FoundView(own, { check, notified }));
      return facts;
    },
    results<R>(task: Task<R>) {
      const left = results.get(task);
      if (!left) throw new WaitsFor(task);
      for (const why of left.assumed) found.assume(why);
      return left.result as R & TaskOutcome;
    },
  };
}

/**
 * Facts as a playbook reads them. A line that reads one usually reads another, and each would cost an exchange; so the
 * first that is missing fetches all of them, in a single request; but those that cost more, or are large.
 */
function factsOf(found: FoundView): Facts {
  const facts = {};
  for (const name of factNames) {
    const get = (): unknown => {
      const asked = commonFacts.includes(name) ? commonFacts : [name];
      found.need(...found.missing(asked.map((one) => fact(one))));
      return found.get(fact(name));
    };
    Object.defineProperty(facts, name, { enumerable: true, get });
  }
  return facts as Facts;
}
