import { family } from '../drift/metrics.ts';
import type { JobState } from './job-state.ts';

/** Prometheus' text format, for node_exporter's textfile collector. @param now milliseconds since the epoch */
export function jobMetrics(all: ReadonlyMap<string, readonly JobState[]>, now: number): string {
  const states = [...all].flatMap(([host, jobs]) => jobs.map((state) => ({ host, ...state })));
  const samples = (value: (state: JobState) => number | undefined) =>
    states.flatMap((state) => {
      const { host, job } = state;
      const number = value(state);
      return number === undefined
        ? []
        : [[{ host, critical_job: job.name, loses: job.loses }, Math.round(number)] as const];
    });
  return [
    ...family(
      'play_job_deadline_timestamp_seconds',
      'When the first run of a critical job that has not succeeded must have, or data is lost.',
      samples(({ deadline }) => deadline),
    ),
    ...family(
      'play_job_due_timestamp_seconds',
      'When that run was to begin.',
      samples(({ deadline, job }) => deadline && deadline - job.within),
    ),
    ...family(
      'play_job_success_timestamp_seconds',
      'When a critical job last succeeded.',
      samples(({ succeeded }) => succeeded),
    ),
    ...family('play_jobs_last_end_timestamp_seconds', 'When play jobs last ended.', [[{}, Math.floor(now / 1000)]]),
    '',
  ].join('\n');
}

/** Rules for these metrics: their value is the time by which data is lost. */
export const alertRules = `groups:
  - name: critical-jobs
    rules:
      - alert: CriticalJobLate
        expr: play_job_deadline_timestamp_seconds and (time() - play_job_due_timestamp_seconds) / (play_job_deadline_timestamp_seconds - play_job_due_timestamp_seconds) > 0.5
        labels:
          severity: page
        annotations:
          summary: '{{ $labels.critical_job }} on {{ $labels.host }} has not succeeded yet'
          description: 'Unless it succeeds by {{ $value | humanizeTimestamp }}, this is lost: {{ $labels.loses }}'
      - alert: CriticalJobMissed
        expr: play_job_deadline_timestamp_seconds < time()
        labels:
          severity: page
        annotations:
          summary: '{{ $labels.critical_job }} on {{ $labels.host }} was missed'
          description: 'Lost since {{ $value | humanizeTimestamp }}: {{ $labels.loses }}'
      - alert: PlayJobsDoesNotRun
        expr: time() - play_jobs_last_end_timestamp_seconds > 1800
        annotations:
          summary: 'play jobs has not run for half an hour: nobody knows how critical jobs stand'
`;
