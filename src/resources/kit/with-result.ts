import type { Plan } from '../../contract/index.ts';

/** The same plan, whose result is made of the one it has: for a resource that does its work by another's plan. */
export function withResult<A, B>(plan: Plan<A>, of: (result: A) => B): Plan<B> {
  const { conclude, report, imperative, ...rest } = plan;
  return {
    ...rest,
    result: of(plan.result),
    ...(conclude === undefined ? {} : { conclude: (outputs) => of(conclude(outputs)) }),
    ...(report === undefined
      ? {}
      : {
          report(outputs) {
            const said = report(outputs);
            return { ...said, result: of(said.result) };
          },
        }),
    ...(imperative === undefined ? {} : { imperative: async (context) => of(await imperative(context)) }),
  };
}
