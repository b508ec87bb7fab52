/** What each section does when nothing happens to it: its requests, every state its files are in, and how it ends. */
import { ofApt, type Counter } from './counting-shell.ts';
import type { FaultHost, Ground } from './host.ts';
import { allOf, type Section } from './jobs.ts';
import { whyNotFine } from './laws.ts';
import type { Running, Told } from './play-process.ts';
import { changedAt, clockStep, unsteady, type Tree } from './tree.ts';
import { readUnits, type Units } from './units.ts';

/** A request of a section. */
export interface SurveyedStep {
  /** Seconds it takes, and the way there and back. */
  readonly seconds: number;
  /** Which one it is, in other runs too. */
  readonly request: string;
}

export interface SurveyedSection {
  readonly section: Section;
  readonly steps: readonly SurveyedStep[];
  /** How many requests a run has in which everything is right already. */
  readonly quietSteps: number;
  /** By path, all that a file may be between two requests. */
  readonly states: ReadonlyMap<string, ReadonlySet<string>>;
  readonly end: Tree;
  readonly units: Units;
  /** Units that ran and were restarted or reloaded, with the files that were changed in the section before that. */
  readonly switched: ReadonlyMap<string, ReadonlySet<string>>;
  /** Files that hold a secret in the end. */
  readonly telling: ReadonlySet<string>;
  readonly mounts: ReadonlySet<string>;
}

export interface Survey {
  readonly sections: readonly SurveyedSection[];
  /** What differs from run to run. */
  readonly unsteady: ReadonlySet<string>;
}

export interface Surveyed {
  readonly host: FaultHost;
  /** apt is at work: only its requests are counted and struck, and of half files nothing is said, as dpkg has ways of its own. */
  readonly ofApt: boolean;
  /** @param more arguments */
  play(section: Section, more?: readonly string[]): Running;
}

/** Which requests have numbers; undefined: all. */
export const countedBy = (job: Pick<Surveyed, 'ofApt'>): string | undefined => (job.ofApt ? ofApt : undefined);

/**
 * Runs the sections one after the other, on a new disk; with `times: 2` once more, to see what differs from run to run.
 *
 * @throws Error when one does not converge
 */
export async function survey(
  job: Surveyed,
  ground: Ground,
  sections: readonly Section[],
  times: 1 | 2,
): Promise<Survey> {
  const first = await surveyOnce(job, ground, sections);
  const second = times === 2 ? await surveyOnce(job, ground, sections) : first;
  const differing = new Set(
    first.flatMap(({ end }, i) => (second[i] === undefined ? [] : unsteady(end, second[i].end))),
  );
  return {
    unsteady: differing,
    sections: first.map((one, i) => {
      const other = second[i] ?? one;
      const paths = new Set([...one.states.keys(), ...other.states.keys()]);
      return {
        ...one,
        states: new Map(
          [...paths].map((path) => [
            path,
            new Set([...(one.states.get(path) ?? []), ...(other.states.get(path) ?? [])]),
          ]),
        ),
        switched: new Map(
          [...one.switched].flatMap(([unit, files]) => {
            const both = other.switched.get(unit);
            return both === undefined ? [] : [[unit, new Set([...files].filter((path) => both.has(path)))]];
          }),
        ),
        telling: new Set([...one.telling, ...other.telling]),
        mounts: new Set([...one.mounts, ...other.mounts]),
      };
    }),
  };
}

async function surveyOnce(job: Surveyed, ground: Ground, sections: readonly Section[]): Promise<SurveyedSection[]> {
  const counter = await job.host.boot(ground);
  const done: SurveyedSection[] = [];
  for (const section of sections) done.push(await surveySection(job, counter, section));
  requireQuiet(await job.play(allOf(sections)).ended);
  return done;
}

async function surveySection(job: Surveyed, counter: Counter, section: Section): Promise<SurveyedSection> {
  const before = await readUnits(job.host);
  const found = job.host.readDisk().tree;
  counter.arm('every', 'after', 0, { only: countedBy(job) });
  const running = job.play(section);
  const states = new Map<string, Set<string>>();
  const steps: SurveyedStep[] = [];
  let from = performance.now();
  while (await counter.reached(steps.length + 1, running.isOver)) {
    const number = steps.length + 1;
    const seconds = (performance.now() - from) / 1000;
    steps.push({ seconds, request: counter.requestOf(number) });
    for (const [path, state] of job.ofApt ? [] : job.host.readDisk().tree) {
      const all = states.get(path) ?? new Set();
      states.set(path, all.add(state));
    }
    counter.release(number);
    from = performance.now();
  }
  requireSuccess(section, await running.ended);
  counter.arm(0, 'before', 0, { only: countedBy(job) });
  const again = await job.play(section).ended;
  const quietSteps = Math.max(1, counter.count());
  counter.disarm();
  requireQuiet(again);
  const units = await readUnits(job.host);
  const { tree, telling } = job.host.readDisk();
  const changed = [...tree].flatMap(([path, state]) =>
    path.startsWith('etc/') && state.startsWith('file ') && found.get(path) !== state ? [path] : [],
  );
  return {
    section,
    steps,
    quietSteps,
    states,
    end: tree,
    units,
    switched: new Map(
      [...units].flatMap(([name, unit]) => {
        const earlier = before.get(name);
        const isSwitched =
          earlier?.since !== unit.since && [earlier, unit].every((one) => one?.state.startsWith('active running'));
        const isRead = (path: string): boolean => changedAt(job.host.upper, path) < unit.since / 1e6 + clockStep;
        return isSwitched ? [[name, new Set(changed.filter(isRead))]] : [];
      }),
    ),
    telling: new Set(telling),
    mounts: new Set(job.host.mounts()),
  };
}

function requireQuiet(told: Told): void {
  const wrong = whyNotFine(told, true);
  if (wrong.length > 0) throw new Error(`without any fault, ${wrong.join('\n')}`);
}

function requireSuccess({ name }: Section, told: Told): void {
  if (told.code !== 0)
    throw new Error(`${name} fails without any fault, with code ${told.code}:\n${told.output.slice(-4000)}`);
}
