import type { ShownEvent } from './masked.ts';
import { said } from './shown.ts';
import type { Style } from './style.ts';

/** Milliseconds since the epoch. */
interface Interval {
  readonly from: number;
  to: number;
}

/** Where the time of a run went, in seconds. */
export interface ProfileData {
  readonly stages: readonly { readonly stage: string; readonly seconds: number }[];
  readonly tasks: readonly {
    readonly task: string;
    readonly hosts: number;
    /** By the clock, from when the first host was at it to the last, without the gaps. */
    readonly elapsed: number;
    /** Of all hosts together. */
    readonly sum: number;
    readonly slowest: { readonly host: string; readonly seconds: number };
  }[];
  readonly hosts: readonly {
    readonly host: string;
    /** From the login to its last task. */
    readonly elapsed: number;
    readonly connect: number;
    /** What its tasks changed. */
    readonly tasks: number;
    /** Questions, planning, and waiting for other hosts. */
    readonly rest: number;
  }[];
}

/** Of more lines the rest is summed up. */
const mostLines = 20;
/** Seconds below which a task is not worth a line. */
const worthALine = 0.01;

/** Measures a run by its events. */
export class RunProfile {
  readonly #tasks = new Map<string, { readonly host: string; readonly interval: Interval }[]>();
  readonly #hosts = new Map<string, { readonly began: number; connect: number; last: number }>();
  /** What hosts were seen to work at: tasks are sent together, and what came of them is told once all are over. */
  readonly #seen = new Map<string, { readonly task: string; readonly interval: Interval; isOver: boolean }[]>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  hear(event: ShownEvent): void {
    if (!('host' in event) || event.host === null) return;
    const now = this.#now();
    const { host } = event;
    const known = this.#hosts.get(host);
    if (event.event === 'connected') {
      if (known) known.connect += event.seconds;
      else this.#hosts.set(host, { began: now - event.seconds * 1000, connect: event.seconds, last: now });
      return;
    }
    if (known) known.last = now;
    if (event.event === 'working') this.#working(host, event.task, now);
    if (event.event === 'task' || event.event === 'handler') {
      this.#end(host, now);
      const seen = this.#seen.get(host) ?? [];
      const at = seen.findIndex(({ task }) => task === nameOf(event.task));
      const [one] = at < 0 ? [] : seen.splice(at, 1);
      const interval = one?.interval ?? { from: now - event.seconds * 1000, to: now };
      const name = event.role === null ? event.task : `${event.role} : ${event.task}`;
      this.#tasks.set(name, [...(this.#tasks.get(name) ?? []), { host, interval }]);
    }
  }

  /** @param stages what was measured besides, in order */
  data(stages: ProfileData['stages']): ProfileData {
    const tasks = [...this.#tasks].map(([task, runs]) => {
      const byHost = summed(runs);
      const [host, seconds] = [...byHost].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0] as const);
      return {
        task,
        hosts: byHost.size,
        elapsed: unionOf(runs.map(({ interval }) => interval)),
        sum: [...byHost.values()].reduce((sum, one) => sum + one, 0),
        slowest: { host, seconds },
      };
    });
    const ofTasks = summed([...this.#tasks.values()].flat());
    const hosts = [...this.#hosts].map(([host, { began, connect, last }]) => {
      const elapsed = (last - began) / 1000;
      const ownTasks = ofTasks.get(host) ?? 0;
      return { host, elapsed, connect, tasks: ownTasks, rest: Math.max(0, elapsed - connect - ownTasks) };
    });
    return {
      stages,
      tasks: tasks.sort((a, b) => b.sum - a.sum),
      hosts: hosts.sort((a, b) => b.elapsed - a.elapsed),
    };
  }

  #working(host: string, text: string, now: number): void {
    const task = nameOf(text);
    const seen = this.#seen.get(host) ?? [];
    const last = seen.at(-1);
    // What tells how far it is, is the same work still.
    if (last?.task === task && !last.isOver) return;
    this.#end(host, now);
    this.#seen.set(host, [...seen, { task, interval: { from: now, to: now }, isOver: false }]);
  }

  #end(host: string, now: number): void {
    const last = this.#seen.get(host)?.at(-1);
    if (last === undefined || last.isOver) return;
    last.interval.to = now;
    last.isOver = true;
  }
}

const nameOf = (task: string): string => task.replace(/ \(.*$/s, '');

function summed(runs: readonly { readonly host: string; readonly interval: Interval }[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { host, interval } of runs) sums.set(host, (sums.get(host) ?? 0) + (interval.to - interval.from) / 1000);
  return sums;
}

/** Seconds that are in any of these: hosts work side by side. */
function unionOf(intervals: readonly Interval[]): number {
  let sum = 0;
  let reached = -Infinity;
  for (const { from, to } of [...intervals].sort((a, b) => a.from - b.from)) {
    sum += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return sum / 1000;
}

/** The same for people. */
export function profileLines({ stages, tasks, hosts }: ProfileData, style: Style): string[] {
  const long = tasks.filter(({ sum }) => sum >= worthALine);
  const time = (seconds: number): string => `${seconds.toFixed(2).padStart(8)} s`;
  return [
    '',
    style.bold('time by stage'),
    ...stages.map(({ stage, seconds }) => `${time(seconds)}  ${stage}`),
    '',
    style.bold('time by task') + style.dim('    by the clock, all hosts together, the slowest'),
    ...long.slice(0, mostLines).map(({ task, hosts: count, elapsed, sum, slowest }) => {
      const most =
        count > 1 ? `  ${count} hosts, slowest ${slowest.host} ${slowest.seconds.toFixed(2)} s` : `  ${slowest.host}`;
      return `${time(elapsed)}${time(sum)}  ${said(task)}${style.dim(most)}`;
    }),
    ...rest(long.slice(mostLines), tasks.length - long.length, time),
    '',
    style.bold('time by host'),
    ...hosts.slice(0, mostLines).map(({ host, elapsed, connect, tasks: own, rest: other }) => {
      const parts = `connecting ${connect.toFixed(2)} s, tasks ${own.toFixed(2)} s, looking and waiting ${other.toFixed(2)} s`;
      return `${time(elapsed)}  ${host}  ${style.dim(parts)}`;
    }),
    ...(hosts.length > mostLines ? [`            ${hosts.length - mostLines} more hosts, each faster than these`] : []),
  ];
}

function rest(
  long: readonly ProfileData['tasks'][number][],
  short: number,
  time: (seconds: number) => string,
): string[] {
  const sum = long.reduce((all, one) => all + one.sum, 0);
  return [
    ...(long.length > 0 ? [`          ${time(sum)}  ${long.length} more tasks`] : []),
    ...(short > 0
      ? [`                      ${short} ${short === 1 ? 'task' : 'tasks'} took less than ${worthALine} s`]
      : []),
  ];
}
