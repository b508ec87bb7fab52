/** One fault, and what has to hold after it. */
import { Counter } from './counting-shell.ts';
import type { Ground } from './host.ts';
import { faultKinds } from './kinds.ts';
import { halfFiles, leftRunning, whyNotFine, wrongOnDisk, wrongUnits } from './laws.ts';
import type { Fault } from './schedule.ts';
import type { Surveyed, SurveyedSection } from './survey.ts';
import { readTree } from './tree.ts';

export interface FaultResult {
  /** False where the run had no such request: nothing happened to it. */
  readonly struck: boolean;
  /** How the run that was struck ended. */
  readonly code: number | null;
  /** What does not hold. */
  readonly wrong: readonly string[];
  /** All that the runs told, where something does not hold. */
  readonly told: string;
}

export interface StrikeContext {
  readonly job: Surveyed;
  readonly ground: Ground;
  readonly unsteady: ReadonlySet<string>;
}

/** play's exit code for what is its own mistake. */
const ownMistake = 250;

export async function strike(
  { job, ground, unsteady }: StrikeContext,
  section: SurveyedSection,
  fault: Fault,
): Promise<FaultResult> {
  const { host } = job;
  const kind = faultKinds[fault.kind];
  if (kind === undefined) throw new Error(`there is no fault ${fault.kind}`);
  const before = job.ofApt ? new Map<string, string>() : readTree(host.upper, [], unsteady).tree;
  const counter = new Counter(host.root);
  counter.arm(fault.step, fault.moment, fault.delay, kind.onHost);
  const running = job.play(section.section);
  const context = { play: running.child, host, ground };
  const isStruck = await counter.reached(fault.step, running.isOver);
  if (isStruck) {
    await kind.strike?.(context);
    counter.release(fault.step);
    await kind.afterwards?.(context, running.isOver);
  }
  const told = await running.ended;
  const half = job.ofApt ? [] : halfFiles(section, before, readTree(host.upper, [], unsteady).tree, unsteady);
  if (isStruck) await kind.fix?.(context);
  new Counter(host.root).disarm();
  const next = await job.play(section.section).ended;
  const nextWrong = whyNotFine(next, false);
  const quiet = nextWrong.length > 0 ? [] : whyNotFine(await job.play(section.section).ended, true);
  const { tree, telling } = readTree(host.upper, job.secrets(), unsteady);
  const wrong = [
    ...(told.code === ownMistake ? [`the run that was struck ended with ${ownMistake}`] : []),
    ...(isStruck && kind.harmless === true && told.code !== 0 ? [`the run did not survive: code ${told.code}`] : []),
    ...half,
    ...nextWrong,
    ...quiet,
    ...(nextWrong.length > 0 ? [] : wrongOnDisk(section, tree, telling, unsteady)),
    ...(await leftRunning(host, section)),
    ...(nextWrong.length > 0 ? [] : await wrongUnits(host, section)),
  ];
  return {
    struck: isStruck,
    code: told.code,
    wrong,
    told:
      wrong.length === 0
        ? ''
        : `the run that was struck (code ${told.code}):\n${told.output}\nthe next run:\n${next.output}`,
  };
}
