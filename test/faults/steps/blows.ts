/** Faults in a row, each in the run that is to mend what the one before it did; then what has to hold. */
import { leftRunning, whyNotFine, wrongOnDisk, wrongUnits } from './laws.ts';
import type { Told } from './play-process.ts';
import { reachedBy, stepOfRest, type Fault } from './schedule.ts';
import { strike, type Blow, type StrikeContext } from './strike.ts';
import type { SurveyedSection } from './survey.ts';

/** A fault that was tried. */
export interface FaultResult extends Fault {
  /** Its place in the row, from 0: the first strikes a host that nothing happened to. */
  readonly nth: number;
  /** The number that the request had in its run; `step` is that of a run without faults. */
  readonly number: number;
  readonly struck: boolean;
  /** Which request was struck, as survey and other runs know it. */
  readonly request: string;
  /** How the run that was struck ended. */
  readonly code: number | null;
  /** What does not hold. Of what is seen at the end of the row only: with the last one. */
  readonly wrong: readonly string[];
  /** All that the runs told, where something does not hold. */
  readonly told: string;
  readonly seconds: number;
}

/**
 * @param faults their steps in rising order, as runs without faults have them
 * @returns those that were tried: a run that comes to its end ends the row
 */
export async function strikeInARow(
  context: StrikeContext,
  section: SurveyedSection,
  faults: readonly Fault[],
): Promise<FaultResult[]> {
  const { job, unsteady } = context;
  let disk = job.ofApt ? new Map<string, string>() : job.host.readDisk(unsteady).tree;
  const tried: { readonly fault: Fault; readonly number: number; readonly blow: Blow; readonly seconds: number }[] = [];
  let reached: number | undefined;
  for (const fault of faults) {
    const number = stepOfRest(fault.step, reached, section);
    const begun = performance.now();
    const blow = await strike(context, section, { ...fault, step: number }, disk);
    disk = blow.disk;
    reached = reachedBy({ request: blow.request, number }, reached, section);
    tried.push({ fault, number, blow, seconds: (performance.now() - begun) / 1000 });
    if (blow.told.code === 0 || blow.wrong.length > 0) break;
  }
  const last = tried.at(-1);
  const next = last !== undefined && !last.blow.struck ? last.blow.told : await job.play(section.section).ended;
  const wrong = await lawsBroken(context, section, next);
  const isRight = wrong.length === 0 && tried.every(({ blow }) => blow.wrong.length === 0);
  const story = (): string =>
    [
      ...tried.map(
        ({ fault, number, blow }) =>
          `a run with ${fault.kind} ${fault.moment} its request ${number} (code ${blow.told.code}):\n${blow.told.output}`,
      ),
      `the next run:\n${next.output}`,
    ].join('\n');
  return tried.map(({ fault, number, blow, seconds }, nth) => ({
    ...fault,
    nth,
    number,
    struck: blow.struck,
    request: blow.request,
    code: blow.told.code,
    wrong: [...blow.wrong, ...(nth === tried.length - 1 ? wrong : [])],
    told: isRight || nth < tried.length - 1 ? '' : story(),
    seconds,
  }));
}

async function lawsBroken(
  { job, ground, unsteady }: StrikeContext,
  section: SurveyedSection,
  next: Told,
): Promise<readonly string[]> {
  const failed = whyNotFine(next, false);
  if (failed.length > 0) return [...failed, ...(await leftRunning(job.host, section))];
  const { tree, telling } = job.host.readDisk(unsteady);
  return [
    ...wrongOnDisk(section, tree, telling, unsteady, (path) => job.host.stateAtFirst(ground, path)),
    ...(await leftRunning(job.host, section)),
    ...(await wrongUnits(job.host, section)),
  ];
}
