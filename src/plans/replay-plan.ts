import type { HostCounts, RecapEvent } from '../engine/index.ts';
import { ExitCode } from '../errors/index.ts';
import type { ShownEvent, ShownTaskEvent } from '../report/index.ts';
import type { Plan, PlannedHost, PlannedTask } from './schema.ts';

/** The events of a plan's check run, host by host: for reports. */
export function* replay(plan: Plan): Generator<ShownEvent> {
  const hosts = Object.entries(plan.hosts).toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const { part, play } of playsOf(plan)) {
    const members = hosts.filter(([, { plays }]) => plays.some((one) => one.part === part));
    yield { event: 'play', play, hosts: members.map(([host]) => host), check: true };
    for (const [host, { plays }] of members)
      for (const task of plays.find((one) => one.part === part)?.tasks ?? []) yield taskEvent(task, host, play);
  }
  for (const [host, one] of hosts) yield* restOf(host, one);
  yield recapOf(hosts);
}

function playsOf({ hosts }: Plan): { readonly part: number; readonly play: string }[] {
  const plays = new Map(
    Object.values(hosts).flatMap((host) => host.plays.map(({ part, play }) => [part, play] as const)),
  );
  return [...plays].toSorted(([a], [b]) => a - b).map(([part, play]) => ({ part, play }));
}

/** What was said of a host besides its tasks. */
function* restOf(host: string, { notices = [], out, plays }: PlannedHost): Generator<ShownEvent> {
  for (const text of notices) yield { event: 'notice', host, text };
  if (out === undefined) return;
  const play = plays.at(-1)?.play ?? '';
  const error = { what: out.why, hint: null, code: null, stdout: '', stderr: '', at: null };
  if (out.is === 'held') yield { event: 'notice', host, text: out.why };
  else yield { event: out.is === 'failed' ? 'host-failed' : out.is, host, play, error };
}

function taskEvent(task: PlannedTask, host: string, play: string): ShownTaskEvent {
  return {
    event: task.handler ? 'handler' : 'task',
    host,
    play,
    role: task.role ?? null,
    task: task.task,
    ...(task.subject === undefined ? {} : { subject: task.subject }),
    resource: task.resource,
    tags: task.tags ?? [],
    status: task.status,
    changed: task.status === 'changed',
    assumed: task.assumed ?? [],
    may: task.may ?? null,
    changes: (task.changes ?? []).map(({ what, from, to, along, path, diff = [] }) => ({
      what,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(along === undefined ? {} : { along }),
      ...(path === undefined ? {} : { text: { path, diff: `${diff.join('\n')}\n` } }),
    })),
    message: task.message ?? null,
    error: task.error ? { ...task.error, at: task.at ?? null } : null,
    seconds: 0,
    hidden: task.hidden ?? false,
    ignored: task.ignored ?? false,
    rescued: task.rescued ?? false,
    ...(task.gate === undefined ? {} : { gate: task.gate }),
    ...(task.delegatedTo === undefined ? {} : { delegatedTo: task.delegatedTo }),
  };
}

function recapOf(hosts: readonly (readonly [string, PlannedHost])[]): RecapEvent {
  const count = (is: (task: PlannedTask) => boolean): Record<string, number> =>
    Object.fromEntries(
      hosts.flatMap(([host, { plays }]) => {
        const found = plays.flatMap(({ tasks }) => tasks.filter(is)).length;
        return found > 0 ? [[host, found]] : [];
      }),
    );
  return {
    event: 'recap',
    hosts: Object.fromEntries(hosts.map(([host, { counts }]): [string, HostCounts] => [host, counts])),
    assumed: count(({ assumed }) => assumed !== undefined),
    may: count(({ may }) => may !== undefined),
    held: count(({ status }) => status === 'held'),
    gone: hosts.flatMap(([host, { out }]) => (out?.is === 'gone' ? [host] : [])),
    exit: exitOf(hosts.map(([, host]) => host)),
    seconds: 0,
    check: true,
  };
}

/** As the check run would have exited. */
function exitOf(hosts: readonly PlannedHost[]): number {
  if (hosts.some(({ counts }) => counts.failed > 0)) return ExitCode.hostFailed;
  if (hosts.some(({ counts }) => counts.unreachable > 0)) return ExitCode.unreachable;
  const isHeld = hosts.some(
    ({ out, plays }) => out?.is === 'held' || plays.some(({ tasks }) => tasks.some(({ status }) => status === 'held')),
  );
  return isHeld ? ExitCode.held : ExitCode.ok;
}
