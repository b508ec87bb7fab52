import type { Lane } from '../../../connection/index.ts';
import { datedPath } from '../../../formats/dated-path.ts';
import { criticalSh, decodeCritical, type CriticalJob } from '../../../probes/index.ts';
import { ask } from '../on-hosts.ts';
import { decodeArchive, listArchive } from './archive.ts';

/**
 * `ok`: its last run succeeded; `due`: it has not yet, and there is still time; `failed`: the same, and the run ended
 * badly; `lost`: the time is over; `waiting`: it never was to run yet; `unknown`: nothing on the host tells.
 */
export type JobStatus = 'ok' | 'due' | 'failed' | 'lost' | 'waiting' | 'unknown';

/** How a critical job stands. Times are seconds since the epoch, by our clock. */
export interface JobState {
  readonly job: CriticalJob;
  readonly status: JobStatus;
  readonly last: number | undefined;
  readonly next: number | undefined;
  /** When it last succeeded, as far as that is known. */
  readonly succeeded: number | undefined;
  /** By when the first of its runs that has not succeeded must have, or data is lost. */
  readonly deadline: number | undefined;
}

/** Asks a host for all of its critical jobs. */
export async function jobStates(lane: Lane, host: string): Promise<JobState[]> {
  const { stdout } = await ask(lane, host, { script: `${criticalSh}\nexit 0`, timeout: 60 });
  const { jobs, ahead } = decodeCritical(stdout.toString('utf8').split('\n'));
  const states: JobState[] = [];
  for (const job of jobs) states.push(stateOf(job, await newest(job, lane, host), Date.now() / 1000 + ahead, ahead));
  return states.toSorted((a, b) => (a.job.name < b.job.name ? -1 : 1));
}

/** When the last file of its archive was written; undefined where it has none, null where there is no archive. */
async function newest({ archive }: CriticalJob, lane: Lane, host: string): Promise<number | undefined | null> {
  const dated = archive === undefined ? undefined : datedPath(archive);
  if (dated === undefined) return null;
  const files = decodeArchive((await ask(lane, host, listArchive(dated))).stdout, dated).filter((one) => !one.isEmpty);
  return files.length === 0 ? undefined : files.reduce((latest, { written }) => Math.max(latest, written), 0);
}

/**
 * How a job stands.
 *
 * @param written when the newest file of its archive was written; null: it has no archive
 * @param now by the host's clock @param ahead how far that is ahead of ours
 */
export function stateOf(job: CriticalJob, written: number | undefined | null, now: number, ahead: number): JobState {
  const { last, next, within, ended } = job;
  const endedWell = ended?.result === 'success' ? ended.at : undefined;
  const succeeded = written === null ? endedWell : written;
  const isSeen = written !== null || job.timer !== undefined;
  const isDone = last === undefined || (succeeded !== undefined && succeeded >= last);
  const open = isDone ? next : last;
  const deadline = open === undefined ? undefined : open + within;
  const hasFailed = ended !== undefined && ended.result !== 'success' && ended.at >= (last ?? 0);
  const status = !isSeen
    ? 'unknown'
    : last === undefined && succeeded === undefined
      ? 'waiting'
      : isDone
        ? 'ok'
        : deadline !== undefined && now >= deadline
          ? 'lost'
          : hasFailed
            ? 'failed'
            : 'due';
  const ours = (time: number | undefined): number | undefined => time && time - ahead;
  return { job, status, last: ours(last), next: ours(next), succeeded: ours(succeeded), deadline: ours(deadline) };
}
