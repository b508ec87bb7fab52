import type { HostCounts, RecapEvent, TaskFailure } from '../engine/index.ts';
import type { ShownEvent, ShownListener } from '../report/index.ts';

/** What went wrong on a host, secrets masked. */
export interface Failure {
  /** The task, with its role before it; null where the host was lost before one began. */
  readonly task: string | null;
  /** What is wrong, as a sentence. */
  readonly what: string;
  /** What to do about it; null where nothing is known. */
  readonly hint: string | null;
  /** `file:line:column` of the task; null where it has none. */
  readonly at: string | null;
  /** The exit code of what was run on the host; null where there is none. */
  readonly code: number | null;
  /** What that printed. */
  readonly stdout: string;
  /** What that said of its failure. */
  readonly stderr: string;
}

/** What a run came to on one host. Tasks and handlers are counted as Ansible counts them; in check mode, what would be. */
export interface HostResult {
  /** Tasks that are right now, those that changed something included. */
  readonly ok: number;
  /** Tasks that changed something. */
  readonly changed: number;
  /** Tasks that failed, or 1 where nothing could be begun. */
  readonly failed: number;
  /** 1 where the host could not be reached, or was lost. */
  readonly unreachable: number;
  /** Tasks that were left out: `when`, `onlyIf`. */
  readonly skipped: number;
  /** Failures that a `rescue` took care of. */
  readonly rescued: number;
  /** Failures that `ignoreErrors` let pass. */
  readonly ignored: number;
  /** Tasks that were left alone because an operator holds what they work on, or 1 where the whole host is held. */
  readonly held: number;
  /** Whether it vanished, and its play lets it go. */
  readonly isGone: boolean;
  /** Check mode: tasks of which nobody can tell whether they will change something. */
  readonly mayChange: number;
  /** Check mode: tasks that rest on an assumption. */
  readonly assumed: number;
  /** What went wrong, in order; neither what was rescued nor what was ignored. */
  readonly failures: readonly Failure[];
}

/** What a run came to. */
export interface RunResult {
  /** As `play` would exit: 0 fine, 2 a host failed, 4 one was unreachable, 5 something is held, 99 interrupted, 250 a fault of play. */
  readonly exit: number;
  /** Whether it was check mode, in which nothing is changed. */
  readonly check: boolean;
  /** How long it took. */
  readonly seconds: number;
  /** By name, every host that the run came to. */
  readonly hosts: Readonly<Record<string, HostResult>>;
}

/** Collects what a run's result is made of. */
export class Results {
  readonly #failures = new Map<string, Failure[]>();

  readonly listener: ShownListener = (event) => {
    const failure = failureOf(event);
    if (!failure) return;
    const { host } = failure;
    this.#failures.set(host, [...(this.#failures.get(host) ?? []), failure.failure]);
  };

  of({ hosts, held, gone, assumed, may, exit, check, seconds }: RecapEvent): RunResult {
    const one = ([host, counts]: readonly [string, HostCounts]): [string, HostResult] => [
      host,
      {
        ...counts,
        held: held[host] ?? 0,
        isGone: gone.includes(host),
        mayChange: may[host] ?? 0,
        assumed: assumed[host] ?? 0,
        failures: this.#failures.get(host) ?? [],
      },
    ];
    return { exit, check, seconds, hosts: Object.fromEntries(Object.entries(hosts).map(one)) };
  }
}

function failureOf(event: ShownEvent): { readonly host: string; readonly failure: Failure } | undefined {
  switch (event.event) {
    case 'unreachable':
    case 'host-failed':
      return { host: event.host, failure: asFailure(null, event.error) };
    case 'task':
    case 'handler': {
      const isFailure = (event.status === 'failed' || event.status === 'unreachable') && event.error !== null;
      if (!isFailure || event.ignored || event.rescued) return undefined;
      const task = event.role === null ? event.task : `${event.role} : ${event.task}`;
      return { host: event.host, failure: asFailure(task, event.error) };
    }
    default:
      return undefined;
  }
}

function asFailure(task: string | null, { what, hint, at, code, stdout, stderr }: TaskFailure): Failure {
  return { task, what, hint, at, code, stdout, stderr };
}
