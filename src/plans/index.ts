/**
 * Plans that people sign off: what a check run foretold, as a file; compared with what would be done now, and what a run
 * is held to. Imports report, engine (events), secrets, trust, errors. A run without a plan loads none of it.
 */
export { planSchema, type Plan, type PlannedOptions, type PlannedPatch } from './schema.ts';
export { PlanWriter } from './plan-writer.ts';
export { planText } from './plan-text.ts';
export { PlanKey } from './plan-key.ts';
export { cleaned, parsePlan, readPlan, readPlanBytes } from './read-plan.ts';
export { comparePlans, type Comparison, type Move } from './compare-plans.ts';
export { PlanGuard } from './plan-guard.ts';
export { replay } from './replay-plan.ts';
export { ConsoleScript } from './console-script.ts';
export { within } from './planned-task.ts';
