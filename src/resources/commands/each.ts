import * as v from 'valibot';
import type { InferInput, ObjectEntries, StrictObjectSchema } from 'valibot';
import type { Found, Plan, Resource, StepOutput } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import {
  checkOptions,
  makeTask,
  withDefaults,
  type Deferrable,
  type Keywords,
  type Task,
} from '../../playbook/index.ts';

/** The result of an `each` task. */
export interface EachResult<R> {
  /** The result of each item, in order, with whether it changed something. */
  readonly results: readonly (R & { readonly changed: boolean })[];
}

/** A resource's function. */
export interface Repeatable<E extends ObjectEntries, R> {
  /** The description it was made from. */
  readonly resource: Resource<E, never, R>;
}

type OptionsOf<E extends ObjectEntries> = InferInput<StrictObjectSchema<E, undefined>>;

/** Resources by those they repeat, so that one resource has one. */
const known = new WeakMap<object, Resource<never, never, unknown>>();

/**
 * Applies a resource to several sets of options, as one task. The list may depend on facts and results. Its items are
 * done in order, each planned against what those before it will have done. If the plan of one fails, the task fails and
 * nothing is done.
 *
 * If the list is known before the run, write tasks: `names.map((name) => file({ ... }))`.
 *
 * @param of the resource's function
 * @param items the options of each item, or a function that returns them
 * @throws PlayError for options that the resource does not have. For resources that work on both this machine and the
 * host (`reboot`, `pause`, `fetch`, `local`), the task fails
 * @example each(file, ({ results }) => results(old).files.map(({ path }) => ({ path, state: 'absent' })))
 */
export function each<E extends ObjectEntries, R>(
  of: Repeatable<E, R>,
  items: Deferrable<readonly OptionsOf<E>[]>,
  keywords: Keywords<EachResult<R>> = {},
): Task<EachResult<R>> {
  const resource = repeated(of.resource);
  return makeTask(resource, { items }, keywords as Keywords<never>, each) as Task<EachResult<R>>;
}

function repeated(one: Resource): Resource<{ items: v.GenericSchema<readonly object[]> }, unknown[], unknown> {
  const found = known.get(one);
  if (found !== undefined) return found;
  const made: ReturnType<typeof repeated> = {
    name: one.name,
    summary: `Several of ${one.name}, as one task.`,
    options: {
      items: v.pipe(
        v.custom<readonly object[]>(
          (value) => Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null),
          'must be a list of options',
        ),
        v.description('The options of each.'),
      ),
    },
    example: '',
    title: ({ items }) => (items === undefined ? 'each' : `each of ${items.length}`),
    prepare: ({ items }, scope) =>
      items.map((item) => {
        const options = withDefaults(one, { ...item }, scope as Parameters<typeof withDefaults>[2]);
        return one.prepare(
          checkOptions(one, options, () => undefined),
          scope,
        );
      }),
    probes: (wanted) => wanted.flatMap((prepared) => one.probes(prepared as never)),
    plan: (wanted, found) => planned(one, wanted, found),
    ...(one.owns === undefined
      ? {}
      : { owns: (wanted: unknown[]) => wanted.flatMap((prepared) => one.owns?.(prepared as never) ?? []) }),
    ...(one.addsHosts === undefined
      ? {}
      : { addsHosts: (wanted: unknown[]) => wanted.flatMap((prepared) => one.addsHosts?.(prepared as never) ?? []) }),
    ...(one.onlySays === undefined ? {} : { onlySays: one.onlySays }),
  };
  known.set(one, made as unknown as Resource<never, never, unknown>);
  return made;
}

function planned(one: Resource, wanted: readonly unknown[], found: Found): Plan<unknown> {
  const plans: Plan<unknown>[] = [];
  let now = found;
  for (const prepared of wanted) {
    const last = plans.at(-1);
    if (last !== undefined) now = now.with(last);
    const plan = one.plan(prepared, now);
    if (plan.imperative !== undefined)
      throw new PlayError(`each: ${one.name} needs both this machine and the host while it runs`, {
        hint: 'Write a task of its own for each item.',
      });
    if (plan.failure !== undefined) return plan;
    plans.push(plan);
  }
  if (plans.filter(({ validate }) => validate !== undefined).length > 1)
    throw new PlayError(`each: only one ${one.name} in the list may have \`validate\``, {
      hint: 'Check them with a command after it, or with `validate` of a transaction.',
    });
  return together(plans);
}

/** One plan of several: what is known of each is known of all. */
function together(plans: readonly Plan<unknown>[]): Plan<unknown> {
  const any = (field: 'again' | 'always' | 'unforeseen'): object =>
    plans.some((plan) => plan[field] === true) ? { [field]: true } : {};
  const due = plans.filter(({ changes }) => changes.length > 0);
  const opened = plans.filter(({ unforeseen }) => unforeseen === true);
  const may = plans.find((plan) => plan.may !== undefined)?.may;
  const validate = plans.find((plan) => plan.validate !== undefined)?.validate;
  const messages = plans.flatMap(({ message }) => message ?? []);
  const reports = plans.some(({ report }) => report !== undefined);
  return {
    changes: plans.flatMap(({ changes }) => changes),
    steps: plans.flatMap(({ steps }) => steps),
    after: plans.flatMap(({ after }) => after),
    touches: plans.flatMap(({ touches }) => touches),
    foreseen: () => plans.flatMap((plan) => plan.foreseen?.() ?? []),
    units: plans.flatMap(({ units }) => units ?? []),
    closes: plans.flatMap(({ closes }) => closes ?? []),
    assumed: plans.flatMap(({ assumed }) => assumed ?? []),
    result: { results: plans.map((plan) => ({ ...asObject(plan.result), changed: plan.changes.length > 0 })) },
    ...any('again'),
    ...any('always'),
    ...any('unforeseen'),
    ...(opened.length > 0 && opened.every(({ bringsNothing }) => bringsNothing === true)
      ? { bringsNothing: true }
      : {}),
    ...(due.length > 0 && due.every(({ quiet }) => quiet === true) ? { quiet: true } : {}),
    ...(may === undefined ? {} : { may }),
    ...(validate === undefined ? {} : { validate }),
    ...(messages.length === 0 ? {} : { message: messages.join('\n') }),
    ...(reports ? { report: (outputs) => reported(plans, outputs) } : {}),
    ...(reports ? {} : { conclude: (outputs) => concluded(plans, outputs) }),
  };
}

const asObject = (result: unknown): object => (typeof result === 'object' && result !== null ? result : {});

/** Each plan with what its own steps printed. */
function withOutputs(plans: readonly Plan<unknown>[], outputs: readonly StepOutput[]) {
  let at = 0;
  return plans.map((plan) => {
    const own = outputs.slice(at, at + plan.steps.length);
    at += plan.steps.length;
    return { plan, own };
  });
}

function concluded(plans: readonly Plan<unknown>[], outputs: readonly StepOutput[]): unknown {
  return {
    results: withOutputs(plans, outputs).map(({ plan, own }) => ({
      ...asObject(plan.conclude?.(own) ?? plan.result),
      changed: plan.changes.length > 0,
    })),
  };
}

function reported(plans: readonly Plan<unknown>[], outputs: readonly StepOutput[]) {
  const all = withOutputs(plans, outputs).map(
    ({ plan, own }) => plan.report?.(own) ?? { result: plan.conclude?.(own) ?? plan.result, changes: plan.changes },
  );
  const failed = all.find(({ failure }) => failure !== undefined);
  const messages = all.flatMap(({ message }) => message ?? []);
  return {
    ...failed,
    result: { results: all.map(({ result, changes }) => ({ ...asObject(result), changed: changes.length > 0 })) },
    changes: all.flatMap(({ changes }) => changes),
    ...(messages.length === 0 ? {} : { message: messages.join('\n') }),
  };
}
