import type { Known, Plan } from '../playbook/index.ts';
import { questionKey, type Found, type Question, type Seen } from '../probes/index.ts';

/**
 * Plans that one task makes up of: each is planned against what those before it will have done. The first that fails, fails
 * the task; nothing of it is done then.
 *
 * @example inOrder(found, { path }, (now) => planDirectory(folder, now), (now) => planFile(file, now, { path }))
 */
export function inOrder<R>(found: Found, result: R, ...parts: readonly ((found: Found) => Plan<unknown>)[]): Plan<R> {
  const plans: Plan<unknown>[] = [];
  for (const part of parts) {
    const plan = part(withPlanned(found, plans.flatMap((one) => one.after)));
    if (plan.failure !== undefined) return { changes: [], steps: [], after: [], touches: [], result, failure: plan.failure };
    plans.push(plan);
  }
  const assumed = plans.flatMap((plan) => plan.assumed ?? []);
  const may = plans.find((plan) => plan.may !== undefined)?.may;
  const validate = plans.find((plan) => plan.validate)?.validate;
  return {
    changes: plans.flatMap((plan) => plan.changes),
    steps: plans.flatMap((plan) => plan.steps),
    after: plans.flatMap((plan) => plan.after),
    touches: plans.flatMap((plan) => plan.touches),
    assumed,
    result,
    ...(may === undefined ? {} : { may }),
    ...(validate === undefined ? {} : { validate }),
  };
}

/** What is known of the host, with what is planned written over it. */
function withPlanned(found: Found, after: readonly Known[]): Found {
  if (after.length === 0) return found;
  const planned = new Map(after.map((known) => [questionKey(known.question), known.answer]));
  return {
    get<A>(question: Question<A>): A {
      const key = questionKey(question);
      return planned.has(key) ? (planned.get(key) as A) : found.get(question);
    },
    peek<A>(question: Question<A>): Seen<A> {
      const key = questionKey(question);
      return planned.has(key) ? { answer: planned.get(key) as A, assumed: undefined } : found.peek(question);
    },
    need: (...questions) => found.need(...questions.filter((question) => !planned.has(questionKey(question)))),
    assume: (why) => found.assume(why),
    check: found.check,
    notified: found.notified,
    outdated: (question) => found.outdated(question),
    clouded: found.clouded,
    mayAddSources: found.mayAddSources,
    mayBringPrograms: found.mayBringPrograms,
    changedBefore: found.changedBefore,
    changedAnywhere: found.changedAnywhere,
    beyondFiles: found.beyondFiles,
    changesInPlace: found.changesInPlace,
    plannedBelow: (path) => found.plannedBelow(path),
  };
}
