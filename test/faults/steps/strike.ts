/** One fault: the run that it strikes, and what is on the disk right after that. */
import { Counter } from './counting-shell.ts';
import type { Ground } from './host.ts';
import { faultKinds } from './kinds.ts';
import { halfFiles } from './laws.ts';
import type { Told } from './play-process.ts';
import type { Fault } from './schedule.ts';
import { countedBy, type Surveyed, type SurveyedSection } from './survey.ts';
import type { Tree } from './tree.ts';

export interface StrikeContext {
  readonly job: Surveyed;
  readonly ground: Ground;
  readonly unsteady: ReadonlySet<string>;
}

/** What came of a fault. */
export interface Blow {
  /** False where the run had no such request: nothing happened to it. */
  readonly struck: boolean;
  /** Which request it was: the same for the same one of another run. */
  readonly request: string;
  readonly told: Told;
  /** What does not hold right after it. */
  readonly wrong: readonly string[];
  readonly disk: Tree;
}

/** play's exit code for what is its own mistake. */
const ownMistake = 250;

/** @param before the disk as the run finds it */
export async function strike(
  { job, ground, unsteady }: StrikeContext,
  section: SurveyedSection,
  fault: Fault,
  before: Tree,
): Promise<Blow> {
  const { host } = job;
  const kind = faultKinds[fault.kind];
  if (kind === undefined) throw new Error(`there is no fault ${fault.kind}`);
  const counter = new Counter(host.root);
  counter.arm(fault.step, fault.moment, fault.delay, { strike: kind.onHost, only: countedBy(job) });
  const running = job.play(section.section, kind.args);
  const context = { play: running.child, host, ground };
  const isStruck = await counter.reached(fault.step, running.isOver);
  // The host may be another one, with nothing in its memory, once it has struck.
  const request = counter.requestOf(fault.step);
  if (isStruck) {
    await kind.strike?.(context);
    counter.release(fault.step);
    await kind.afterwards?.(context, running.isOver);
  }
  const told = await running.ended;
  const disk = job.ofApt ? before : host.readDisk(unsteady).tree;
  const atFirst = (path: string): string | undefined => host.stateAtFirst(ground, path);
  const half = job.ofApt ? [] : halfFiles(section, before, disk, unsteady, atFirst);
  if (isStruck) await kind.fix?.(context);
  new Counter(host.root).disarm();
  return {
    struck: isStruck,
    request,
    told,
    disk,
    wrong: [
      ...(told.code === ownMistake ? [`the run that was struck ended with ${ownMistake}`] : []),
      ...(isStruck && kind.harmless === true && told.code !== 0 ? [`the run did not survive: code ${told.code}`] : []),
      ...half,
    ],
  };
}
