/**
 * The hosts of a run spread over worker processes, through a queue engine on Redis. Nothing of it is loaded without
 * `--workers`. Imports report, run, engine, secrets, trust, errors.
 */
import type { Elsewhere } from '../run/index.ts';
import { Crew, type CrewOptions } from './crew.ts';
import { engineFolders } from './redis.ts';
import { serveRuns as serve, type ServeOptions } from './serve.ts';
import { WorkerKey } from './worker-key.ts';

export type { RunInputs } from './messages.ts';
export type { OpenedRun } from './worker-run.ts';

/** What stands on a command line about workers. */
export interface WorkersPlace {
  readonly url: string;
  readonly keyFile: string;
  readonly project: string;
  /** The folder of this installation. */
  readonly root: string;
}

/** The workers of a run. @throws PlayError where there is no key, engine or Redis */
export async function openCrew(
  place: WorkersPlace,
  options: Omit<CrewOptions, 'url' | 'key' | 'folders'>,
): Promise<Elsewhere> {
  return await Crew.open({ ...options, ...wayTo(place) });
}

/** Works for runs until it is told to leave. @throws PlayError where there is no key, engine or Redis */
export async function serveRuns(
  place: WorkersPlace,
  options: Omit<ServeOptions, 'url' | 'key' | 'folders'>,
): Promise<void> {
  await serve({ ...options, ...wayTo(place) });
}

/** Writes a new key for a run and its workers. @throws PlayError where there is such a file */
export function makeWorkerKey(file: string): void {
  WorkerKey.make(file);
}

function wayTo({ url, keyFile, project, root }: WorkersPlace): Pick<CrewOptions, 'url' | 'key' | 'folders'> {
  return { url, key: WorkerKey.read(keyFile), folders: engineFolders(project, root) };
}
