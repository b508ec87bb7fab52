import type { RunPlan } from '../start-run.ts';
import type { PlanToApply } from './applied-plan.ts';
import type { PlanDesk, PlanNeeds } from './plan-desk.ts';

/** What a run has to do with plans. One that has nothing to do with them loads nothing of what they need. */
export async function runPlan(needs: PlanNeeds, toApply: PlanToApply | undefined): Promise<RunPlan | undefined> {
  const { out, script } = needs.flags;
  if (script !== undefined) {
    const { ScriptDesk } = await import('./script-desk.ts');
    const made = { script: new ScriptDesk(needs.prepared) };
    return out === undefined ? made : { ...made, desk: await planDesk(needs) };
  }
  if (out === undefined && toApply === undefined) return undefined;
  const desk = await planDesk(needs);
  if (toApply === undefined) return { desk };
  const { AppliedPlan } = await import('./applied-plan.ts');
  return { desk, applied: new AppliedPlan(toApply, desk) };
}

async function planDesk(needs: PlanNeeds): Promise<PlanDesk> {
  const { PlanDesk } = await import('./plan-desk.ts');
  return new PlanDesk(needs);
}
