/** What holds after any fault. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../../../src/sandbox/command.ts';
import type { FaultHost } from './host.ts';
import type { Told } from './play-process.ts';
import type { SurveyedSection } from './survey.ts';
import { changedAt, clockStep, isBelow, treeDifferences, type Tree } from './tree.ts';
import { readUnits } from './units.ts';

/** Names that stand for a file until it is whole, or a folder of such; the next run takes them away. */
const passingName = /(?:^|\/)\.play-[^/]*(?:\/|$)|\.dpkg-(?:new|tmp)$/;

/**
 * Files that are neither as before, nor as after one of the section's requests.
 *
 * @param atFirst how a path was before anything was changed: what is put back by itself (commit-confirm) may be older
 * than the run
 */
export function halfFiles(
  { states }: SurveyedSection,
  before: Tree,
  struck: Tree,
  unsteady: ReadonlySet<string>,
  atFirst: (path: string) => string | undefined,
): string[] {
  return [...struck].flatMap(([path, state]) =>
    state === before.get(path) ||
    states.get(path)?.has(state) ||
    passingName.test(path) ||
    isBelow(path, unsteady) ||
    isBelow(path, new Set(['var/lib/play'])) ||
    state === (atFirst(path) ?? 'gone')
      ? []
      : [
          `half: /${path}: ${state}; it was ${before.get(path) ?? 'not there'}, and should become ${[...(states.get(path) ?? ['nothing'])].join(' or ')}`,
        ],
  );
}

/** The run that came to its end with nothing wrong; undefined then. */
export function whyNotFine(told: Told, isQuiet: boolean): string[] {
  const { code, recap } = told;
  const isFine =
    code === 0 &&
    recap?.['failed'] === 0 &&
    recap['unreachable'] === 0 &&
    (!isQuiet || (recap['changed'] === 0 && told.eventful.length === 0));
  if (isFine) return [];
  const name = isQuiet ? 'the run after that is not quiet' : 'the next run fails';
  return [`${name}: code ${code}, ${JSON.stringify(recap)}\n${told.eventful.join('\n')}`];
}

/** The disk in the end: as if nothing had happened. */
export function wrongOnDisk(
  survey: SurveyedSection,
  found: Tree,
  telling: readonly string[],
  unsteady: ReadonlySet<string>,
  atFirst: (path: string) => string | undefined,
): string[] {
  return [
    ...treeDifferences(survey.end, found, unsteady, atFirst),
    ...telling.filter((path) => !survey.telling.has(path)).map((path) => `a secret is left in /${path}`),
  ];
}

/** What is left beside the disk: folders of lanes, processes, mounts, units that were meant for a while. */
export async function leftRunning(host: FaultHost, { mounts }: SurveyedSection): Promise<string[]> {
  const look = (): string[] => [
    ...['run', 'dev/shm', 'tmp', 'var/tmp'].flatMap((folder) =>
      namesIn(host, folder)
        .filter((name) => /^\.?play[.-]/.test(name))
        .map((name) => `left: /${folder}/${name}`),
    ),
    ...namesIn(host, 'var/lib/play')
      .filter((name) => !['log', 'backups', 'holds', 'critical'].includes(name))
      .map((name) => `left: /var/lib/play/${name}`),
    ...namesIn(host, 'run/systemd/transient')
      .filter((name) => /play/.test(name))
      .map((name) => `left: unit ${name}`),
    ...host
      .processes()
      .filter((words) => /\/play\.\d|take\(\) \{/.test(words))
      .map((words) => `left: process ${words.replaceAll('\0', ' ').slice(0, 120)}`),
    ...host
      .mounts()
      .filter((path) => !mounts.has(path) && !/^\/(?:run|var\/lib\/(?:docker|containerd))\//.test(path))
      .map((path) => `left: mount ${path}`),
  ];
  // Lanes take a moment to end.
  await waitFor(() => (look().length === 0 ? true : undefined), 5, 100);
  return look();
}

function namesIn(host: FaultHost, folder: string): string[] {
  const path = join(host.root, folder);
  return existsSync(path) ? readdirSync(path) : [];
}

/**
 * Services are in the state they are in without the fault, and those that the section restarts or reloads did so after
 * the last change of a file they were to read.
 */
export async function wrongUnits(host: FaultHost, { units, switched }: SurveyedSection): Promise<string[]> {
  const look = async (): Promise<string[]> => {
    const now = await readUnits(host);
    const wrong = [...units].flatMap(([name, { state }]) => {
      const found = now.get(name)?.state ?? 'unknown';
      return found === state || isSettling(state, found)
        ? []
        : [`unit ${name}: ${found}, and without the fault: ${state}`];
    });
    const unpaid = [...switched].flatMap(([name, files]) =>
      [...files].flatMap((path) => {
        const late = changedAt(host.upper, path) - (now.get(name)?.since ?? 0) / 1e6;
        return late > clockStep ? [`unpaid: /${path} changed ${late.toFixed(2)} s after ${name} last did`] : [];
      }),
    );
    return [...wrong, ...unpaid];
  };
  // Units come up a moment after the run.
  let wrong = await look();
  for (let n = 0; wrong.length > 0 && n < 10; n++) {
    await new Promise((done) => setTimeout(done, 500));
    wrong = await look();
  }
  return wrong;
}

/** Jobs of timers are between two runs, or in one, or systemd forgot them since a boot. */
const isSettling = (wanted: string, found: string): boolean => {
  const isJob = (state: string): boolean => /^(?:inactive|activating|failed) /.test(state);
  const enabled = (state: string): string => state.split(' ').slice(2).join(' ');
  return isJob(wanted) && (found === 'unknown' || (isJob(found) && enabled(wanted) === enabled(found)));
};
