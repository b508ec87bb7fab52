import { dirname } from 'node:path';
import * as v from 'valibot';
import { type Found, type Plan } from '../../contract/index.ts';
import { criticalFile, criticalText, type CriticalRecord } from '../../probes/index.ts';
import { planDirectory } from '../kit/directory.ts';
import { inOrder } from '../kit/in-order.ts';
import { planManagedFile, planNoFile } from '../kit/managed-file.ts';
import { path, text } from '../kit/schemas.ts';

const seconds = (description: string, least: number) =>
  v.pipe(v.number(), v.minValue(least), v.maxValue(7 * 24 * 3600), v.description(description));

/** The option of what starts jobs: that a run which is missed loses data. */
export const critical = v.optional(
  v.pipe(
    v.union([
      v.literal(false),
      v.strictObject({
        loses: v.pipe(text('What is lost if a run is missed.'), v.regex(/^[^\r\n\0]+$/, 'must be one line')),
        within: seconds('Seconds after its scheduled time by which a run must have succeeded, or the data is lost.', 1),
        before: v.optional(
          seconds('Seconds before its scheduled time during which nothing on the host is changed.', 0),
          600,
        ),
        after: v.optional(
          seconds('Seconds after its scheduled time during which nothing on the host is changed.', 0),
          600,
        ),
        archive: v.optional(
          path(
            'What a run leaves behind, with its time as in date(1): `/srv/archive/%Y-%m-%d-%H`. `play gaps` looks for missing ones.',
          ),
        ),
      }),
    ]),
    v.description(
      'Missing a run of this job loses data: `{ loses, within, before, after, archive }`. Recorded on the host, so that play stays out of its way and `play jobs` knows its deadline. `false` removes the record. Default: as it is.',
    ),
  ),
);

export type Critical = v.InferOutput<typeof critical>;

/** A job, as it is on record. */
export interface WantedCritical {
  /** What it is told from others by: its table and name, or its timer. */
  readonly id: string;
  /** Undefined: on record no more. */
  readonly record: CriticalRecord | undefined;
}

/**
 * What is to be on record of a job.
 *
 * @param job when it runs: `cron` or `timer`
 * @returns undefined where nothing is said of it
 */
export function wantedCritical(
  id: string,
  given: Critical,
  state: 'present' | 'absent',
  job: Pick<CriticalRecord, 'name' | 'cron' | 'timer'>,
): WantedCritical | undefined {
  if (state === 'absent') return { id, record: undefined };
  if (given === undefined) return undefined;
  if (given === false) return { id, record: undefined };
  const { loses, within, before, after, archive } = given;
  return { id, record: { ...job, loses, within, before, after, ...(archive === undefined ? {} : { archive }) } };
}

/** Plans a job together with its record: on record before it is there, and no longer once it is gone. */
export function withCritical<R>(
  wanted: WantedCritical | undefined,
  found: Found,
  plan: (found: Found) => Plan<R>,
): Plan<R> {
  if (wanted === undefined) return plan(found);
  const own = plan(found);
  const { units, again, always } = own;
  const both = inOrder(found, own.result, (now) => planRecord(wanted, now), plan);
  return {
    ...both,
    ...(units === undefined ? {} : { units }),
    ...(again === undefined ? {} : { again }),
    ...(always === undefined ? {} : { always: always && both.changes.length === own.changes.length }),
    ...(own.failure === undefined ? {} : { changes: own.changes, after: own.after }),
  };
}

function planRecord({ id, record }: WantedCritical, found: Found): Plan<unknown> {
  const file = criticalFile(id);
  if (record === undefined) {
    const plan = planNoFile(file, found, undefined);
    return plan.changes.length === 0 ? plan : { ...plan, changes: [{ what: 'critical', to: 'no more' }] };
  }
  const content = Buffer.from(criticalText(record));
  const roots = { owner: 'root', group: 'root' };
  const plan = inOrder(
    found,
    undefined,
    // Debts are nobody else's business, but runs without root must get past them to these records.
    (now) => planDirectory({ path: dirname(dirname(file)), ...directory, mode: '0755', ...roots }, now),
    (now) =>
      planManagedFile({ path: file, content, mode: '0644', ...roots }, { mode: '0755', ...roots }, now, undefined),
  );
  if (plan.changes.length === 0) return plan;
  // The file is nobody's concern: what is told is what it says.
  const isNew = plan.changes.some((change) => change.what === 'content');
  return { ...plan, changes: [{ what: 'critical', ...(isNew ? { to: `loses ${record.loses}` } : {}) }] };
}

const directory = { state: 'directory', force: false, recurse: false } as const;
