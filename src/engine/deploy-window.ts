import { setTimeout as sleep } from 'node:timers/promises';
import { Unreachable } from '../connection/index.ts';
import { recordsSubject, timeText, type CriticalJob, type FoundCritical } from '../probes/index.ts';
import { isRecords, recordOverruled, recordsQuestion } from './host-records.ts';
import { askAll, type Place } from './place.ts';
import type { FailureSource } from './task-event.ts';

/** How a run behaves where a critical job of a host is about to run, or runs. */
export interface WindowRule {
  /** Why the host is changed all the same, such as `--ignore-window`. Default: it is not. */
  readonly ignore?: string | undefined;
  /** Seconds to wait until its time is over; Infinity: as long as it takes, 0: not at all. */
  readonly wait: number;
}

/** A job that a change now would come into the way of. */
export interface ClosedWindow {
  readonly job: CriticalJob;
  /** When it runs, or ran: seconds since the epoch by the host's clock. */
  readonly slot: number;
  /** When the host may be changed again, as far as this job is concerned. */
  readonly until: number;
}

/**
 * The job that keeps a host from being changed at a time; of several the one that does so longest.
 *
 * @param now seconds since the epoch, by the host's clock
 * @returns undefined where none does
 */
export function closedWindow(jobs: readonly CriticalJob[], now: number): ClosedWindow | undefined {
  const closed = jobs.flatMap((job) =>
    [job.last, job.next].flatMap((slot): ClosedWindow[] => {
      if (slot === undefined || now < slot - job.before || now >= slot + job.after) return [];
      return [{ job, slot, until: slot + job.after }];
    }),
  );
  return closed.toSorted((a, b) => b.until - a.until)[0];
}

/** What the passage needs of the run. */
export interface WindowInput {
  readonly rule: WindowRule;
  readonly check: boolean;
  /** `bob@laptop`, for the record of who went ahead. */
  readonly by: string;
  readonly signal: () => AbortSignal | undefined;
  readonly notice: (text: string) => void;
}

/** Keeps the first change of a play on each host clear of the times of its critical jobs. */
export class DeployWindow {
  readonly #input: WindowInput;
  readonly #passed = new Map<Place['session'], Promise<FailureSource | undefined>>();

  constructor(input: WindowInput) {
    this.#input = input;
  }

  /** Waits until the host may be changed. @returns why it is not to be changed now */
  pass(place: Place): Promise<FailureSource | undefined> {
    const known = this.#passed.get(place.session) ?? this.#pass(place);
    this.#passed.set(place.session, known);
    return known;
  }

  /** Whether anything was changed there, or was about to be. */
  isPassed({ session }: Place): boolean {
    return this.#passed.has(session);
  }

  async #pass(place: Place): Promise<FailureSource | undefined> {
    const { rule, check, signal, notice } = this.#input;
    const { host } = place.session;
    const started = Date.now();
    for (;;) {
      const found = criticalOf(place);
      const now = hostTime(found);
      const closed = closedWindow(found?.jobs ?? [], now);
      if (closed === undefined) return undefined;
      const text = windowText(closed, found);
      if (rule.ignore !== undefined) {
        notice(`${text}; it is changed all the same (${rule.ignore})`);
        if (!check) await place.session.exchange(place.account, [recordOverruled(this.#input.by, 'critical')], []);
        return undefined;
      }
      const left = Math.max(1, Math.ceil(closed.until - now));
      const isTooLong = (Date.now() - started) / 1000 + left > rule.wait;
      if (check) {
        notice(`${text}. A run now would ${isTooLong ? 'change nothing here' : `wait ${waitText(left)} before it`}.`);
        return undefined;
      }
      if (isTooLong)
        return {
          what: `${host} is not changed now: ${text}`,
          hint: `Run again at ${timeText(ourTime(closed.until, found))}; --wait waits for it, --ignore-window changes it all the same.`,
          nothingDone: true,
        };
      notice(`${text}: waiting ${waitText(left)}`);
      try {
        await sleep(left * 1000, undefined, { signal: signal() });
      } catch {
        return { what: `interrupted while waiting: ${text}`, nothingDone: true };
      }
      const fresh = await freshCritical(place);
      if (closedWindow(fresh?.jobs ?? [], hostTime(fresh)) === undefined)
        notice(`the time of ${closed.job.name} is over, going on`);
    }
  }
}

/** What is known of the critical jobs of a host, by whichever of its accounts. */
export function criticalOf({ session, account }: Place): FoundCritical | undefined {
  for (const one of [account, 'root', '']) {
    const answer = session.state.answer(one, recordsQuestion)?.answer;
    if (isRecords(answer)) return answer.critical;
  }
  return undefined;
}

/** The same, asked again: time has passed, or the run has changed it. Undefined where the host is lost by now. */
export async function freshCritical(place: Place): Promise<FoundCritical | undefined> {
  place.session.state.expire([], [recordsSubject]);
  try {
    await askAll([{ place, question: recordsQuestion }]);
  } catch (error) {
    // Whatever comes next finds that out, and tells.
    if (!(error instanceof Unreachable)) throw error;
  }
  return criticalOf(place);
}

/** Now, by the host's clock. */
function hostTime(found: FoundCritical | undefined): number {
  return Date.now() / 1000 + (found?.ahead ?? 0);
}

/** A time of the host's clock by ours. */
function ourTime(seconds: number, found: FoundCritical | undefined): number {
  return seconds - (found?.ahead ?? 0);
}

/** @example its critical job metrics-db runs at 01:05, so that nothing is to be changed there until 01:15 */
function windowText({ job, slot, until }: ClosedWindow, found: FoundCritical | undefined): string {
  const verb = slot > hostTime(found) ? 'runs' : 'ran';
  return `its critical job "${job.name}" ${verb} at ${timeText(ourTime(slot, found))}, so that nothing is to be changed there until ${timeText(ourTime(until, found))}`;
}

function waitText(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/**
 * What is reported about a critical job once its host was changed: by when it must have shown that it still works.
 *
 * @example metrics-db (critical) runs next at 01:05. Unless it has succeeded by 01:55, this is lost: ...
 */
export function deadManText(job: CriticalJob, host: string, found: FoundCritical): string {
  if (job.next === undefined)
    return `it is not known when the critical job "${job.name}" runs next; a run that is missed loses ${job.loses}`;
  const [next, by] = [job.next, job.next + job.within].map((time) => timeText(ourTime(time, found)));
  return `the critical job "${job.name}" runs next at ${next}. Unless it has succeeded by ${by}, this is lost: ${job.loses}. play jobs ${host} --wait sees whether it has.`;
}
