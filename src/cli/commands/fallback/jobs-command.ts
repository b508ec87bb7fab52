import { setTimeout as sleep } from 'node:timers/promises';
import type { Lane } from '../../../connection/index.ts';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { watchInterrupts } from '../../../operator/interrupt.ts';
import { makeCommand } from '../../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import { timeText } from '../../../probes/index.ts';
import type { Launch } from '../../../project/launch.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { chooseHosts } from '../../../targets/chosen-hosts.ts';
import { parseWithConfig } from '../../parse.ts';
import { requireMetricsFolder, writeMetrics } from '../drift/metrics.ts';
import { onHosts, type TellHost } from '../on-hosts.ts';
import { alertRules, jobMetrics } from './job-metrics.ts';
import { jobStates, type JobState, type JobStatus } from './job-state.ts';
import { lookingLane } from './looking-lane.ts';

interface JobsFlags extends HostFlags {
  readonly wait: boolean;
  readonly metrics?: string;
  readonly rules: boolean;
}

/** Seconds between two looks at a job that is waited for. */
const pause = 5;

/** `play jobs [PATTERN]`: whether critical jobs did their work, when they run next, and until when that must succeed. */
export async function runJobsCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(
    makeCommand(
      'play jobs',
      'Shows the state of critical jobs, which lose data if they are missed. Changes nothing on the hosts.',
    ),
  )
    .argument('[pattern]', 'the hosts (default: all)')
    .option('--wait', 'wait until each has run once more and succeeded; fails once it is too late', false)
    .option('--metrics <file>', "also write it for node_exporter's textfile collector")
    .option('--rules', 'print Prometheus alerting rules for these metrics, and stop', false);
  await parseWithConfig(command, args, launch);
  const flags = command.opts<JobsFlags>();
  if (flags.rules) {
    process.stdout.write(alertRules);
    return ExitCode.ok;
  }
  if (flags.metrics !== undefined) requireMetricsFolder(flags.metrics);
  const chosen = await chooseHosts({ flags, launch, redactor, pattern: command.args[0] ?? 'all' });
  const signal = watchInterrupts(
    () => process.stderr.write('\nInterrupted. Ctrl-C again quits at once.\n'),
    () => undefined,
  );
  const all = new Map<string, readonly JobState[]>();
  const bad: readonly JobStatus[] = flags.wait ? ['lost', 'failed', 'unknown'] : ['lost', 'failed'];
  const exit = await onHosts({
    flags,
    redactor,
    chosen,
    judge: (code) =>
      signal.aborted
        ? ExitCode.interrupted
        : [...all.values()].flat().some(({ status }) => bad.includes(status))
          ? Math.max(code, ExitCode.hostFailed)
          : code,
    async work(host, open, tell) {
      const lane = await lookingLane(host, await open(), chosen);
      const states = flags.wait ? await waited(host, lane, tell, signal) : await jobStates(lane, host);
      all.set(host, states);
      for (const state of states) tellJob(host, state, tell);
    },
  });
  const states = [...all.values()].flat();
  if (states.length === 0 && exit === ExitCode.ok && flags.output === 'human')
    process.stdout.write(
      `no critical jobs on ${chosen.hosts.length === 1 ? (chosen.hosts[0] ?? '') : `${chosen.hosts.length} hosts`}\n`,
    );
  if (flags.metrics !== undefined) writeMetrics(flags.metrics, jobMetrics(all, Date.now()));
  return exit;
}

/** Waits until each job of a host has succeeded once more, or cannot in time. */
async function waited(host: string, lane: Lane, tell: TellHost, signal: AbortSignal): Promise<JobState[]> {
  const first = await jobStates(lane, host);
  const since = new Map(first.map(({ job, succeeded }) => [job.name, succeeded ?? 0]));
  // What is waited for: the run that has yet to come, by its own deadline.
  const until = new Map(first.map(({ job, deadline }) => [job.name, deadline]));
  const isOver = ({ job, status, succeeded = 0 }: JobState): boolean => {
    const end = until.get(job.name);
    return (
      status === 'unknown' || succeeded > (since.get(job.name) ?? 0) || end === undefined || Date.now() / 1000 >= end
    );
  };
  for (const { job, deadline } of first)
    if (deadline !== undefined)
      tell(host, { event: 'waiting', host, job: job.name, until: iso(deadline) }, [
        `waiting for ${job.name}, until ${timeText(deadline)} at most`,
      ]);
  let now = first;
  while (!now.every(isOver) && !signal.aborted) {
    await sleep(pause * 1000, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) now = await jobStates(lane, host);
  }
  if (signal.aborted) throw new PlayError('interrupted before all jobs had run', { exitCode: ExitCode.hostFailed });
  return now.map((state) => {
    const hasSucceeded = (state.succeeded ?? 0) > (since.get(state.job.name) ?? 0);
    return hasSucceeded || state.status === 'unknown' ? state : { ...state, status: 'lost' };
  });
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

function tellJob(host: string, state: JobState, tell: TellHost): void {
  const { job, status, last, next, succeeded, deadline } = state;
  const orNull = (time: number | undefined): string | null => (time === undefined ? null : iso(time));
  tell(
    host,
    {
      event: 'job',
      host,
      job: job.name,
      status,
      last: orNull(last),
      next: orNull(next),
      succeeded: orNull(succeeded),
      deadline: orNull(deadline),
      loses: job.loses,
    },
    [`${job.name}  ${jobText(state)}`],
  );
}

/** @example ok: succeeded at 00:05, runs next at 01:05, must have succeeded by 01:55 */
export function jobText({ job, status, last, next, succeeded, deadline }: JobState): string {
  const at = (time: number | undefined): string => (time === undefined ? 'never' : timeText(time));
  const coming = [
    ...(next === undefined ? ['it is not known when it runs next'] : [`runs next at ${at(next)}`]),
    ...(deadline === undefined || status === 'lost'
      ? []
      : [`must have succeeded by ${at(deadline)}, or this is lost: ${job.loses}`]),
  ].join(', ');
  switch (status) {
    case 'ok':
      return `ok: succeeded at ${at(succeeded)}, ${coming}`;
    case 'waiting':
      return `has not run yet: ${coming}`;
    case 'due':
      return `due since ${at(last)}: last succeeded ${succeeded === undefined ? 'never' : `at ${at(succeeded)}`}, ${coming}`;
    case 'failed':
      return `failed at ${at(job.ended?.at)} (${job.ended?.result ?? ''}): ${coming}`;
    case 'lost':
      return `lost: its run of ${at(last)} has not succeeded, so this is lost: ${job.loses}; ${coming}`;
    case 'unknown':
      return `not known whether it succeeded (say where its archive is: critical: { archive }): ${coming}`;
  }
}
