import { settled, Unknowable, type Found, type Plan, type Prediction } from '../../contract/index.ts';

/**
 * Combines several plans into one for a task: each is planned against what those before it will have done. If one
 * fails, the task fails, and nothing is done. If one cannot be known, the task `may change`, and the others are still
 * planned.
 *
 * @example inOrder(found, { path }, (now) => planDirectory(folder, now), (now) => planFile(file, now, { path }))
 */
export function inOrder<R>(found: Found, result: R, ...parts: readonly ((found: Found) => Plan<unknown>)[]): Plan<R> {
  const plans: Plan<unknown>[] = [];
  let now = found;
  for (const part of parts) {
    const last = plans.at(-1);
    if (last) now = now.with(last);
    const plan = foreseeingOnce(orOpen(() => part(now)));
    const { failure, hint } = plan;
    if (failure !== undefined) return { ...settled(result), failure, ...(hint === undefined ? {} : { hint }) };
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
    foreseen: () => plans.flatMap((plan) => plan.foreseen?.() ?? []),
    ...(may === undefined ? {} : { may }),
    ...(validate === undefined ? {} : { validate }),
  };
}

/** What it foresees is costly, and read twice: for the parts after it, and for the whole. */
function foreseeingOnce(plan: Plan<unknown>): Plan<unknown> {
  const { foreseen } = plan;
  if (foreseen === undefined) return plan;
  let known: readonly Prediction[] | undefined;
  return { ...plan, foreseen: () => (known ??= foreseen()) };
}

function orOpen(plan: () => Plan<unknown>): Plan<unknown> {
  try {
    return plan();
  } catch (error) {
    if (error instanceof Unknowable) return { ...settled(undefined), may: error.message };
    throw error;
  }
}
