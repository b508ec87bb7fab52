import type { HostCounts, RecapEvent, TaskFailure } from '../engine/index.ts';
import type { ShownEvent, ShownListener } from '../report/index.ts';

/** What went wrong on a host, secrets masked. */
export interface Failure {
  /** The task, preceded by its role; null if the host was lost before one began. */
  readonly task: string | null;
  /** What is wrong, as a sentence. */
  readonly what: string;
  /** What to do about it; null if nothing is known. */
  readonly hint: string | null;
  /** `file:line:column` of the task; null if it has none. */
  readonly at: string | null;
  /** The exit code of what was run on the host; null if there is none. */
  readonly code: number | null;
  /** What it printed. */
  readonly stdout: string;
  /** What it printed on stderr. */
  readonly stderr: string;
}

/**
 * The outcome of a run on one host. Tasks and handlers are counted as Ansible counts them; in check mode, as they would
 * be.
 */
export interface HostResult {
  /** Tasks whose state is now as wanted, including those that changed something. */
  readonly ok: number;
  /** Tasks that changed something. */
  readonly changed: number;
  /** Tasks that failed, or 1 if nothing could be started. */
  readonly failed: number;
  /** 1 if the host could not be reached, or was lost. */
  readonly unreachable: number;
  /** Tasks that were skipped: `when`, `onlyIf`. */
  readonly skipped: number;
  /** Failures that a `rescue` took care of. */
  readonly rescued: number;
  /** Failures that `ignoreErrors` let pass. */
  readonly ignored: number;
  /** Tasks that were not run because an operator holds what they work on, or 1 if the whole host is held. */
  readonly held: number;
  /** Whether it vanished and its play allows that. */
  readonly isGone: boolean;
  /** Check mode: tasks of which it is not known whether they will change something. */
  readonly mayChange: number;
  /** Check mode: tasks that are based on an assumption. */
  readonly assumed: number;
  /** What went wrong, in order, except what was rescued or ignored. */
  readonly failures: readonly Failure[];
}

/** The outcome of a run. */
export interface RunResult {
  /**
   * As `play` would exit: 0 success, 2 a host failed, 4 one was unreachable, 5 something is held, 99 interrupted, 250 a
   * bug in play.
   */
  readonly exit: number;
  /** Whether it was check mode, in which nothing is changed. */
  readonly check: boolean;
  /** How long it took. */
  readonly seconds: number;
  /** Every host that the run reached, by name. */
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
