import type { Event, HostCounts, LoggedEnd, RecapEvent } from '../engine/index.ts';
import { ExitCode } from '../errors/index.ts';

type Counts = { -readonly [K in keyof HostCounts]: HostCounts[K] };

/** Counts outcomes as Ansible does: `ok` includes what changed. */
export class Recap {
  readonly #hosts = new Map<string, Counts>();
  readonly #assumed = new Map<string, number>();
  readonly #may = new Map<string, number>();
  readonly #held = new Map<string, number>();
  readonly #gone = new Set<string>();
  readonly #started = Date.now();
  readonly #check: boolean;

  constructor(check: boolean) {
    this.#check = check;
  }

  /** The host is part of the run, whatever happens to it. */
  seen(host: string): Counts {
    let counts = this.#hosts.get(host);
    if (!counts) {
      counts = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };
      this.#hosts.set(host, counts);
    }
    return counts;
  }

  count(event: Event): void {
    if (event.event === 'unreachable') this.seen(event.host).unreachable++;
    if (event.event === 'gone') {
      this.seen(event.host);
      this.#gone.add(event.host);
    }
    if (event.event === 'host-failed') this.seen(event.host).failed++;
    if (event.event === 'held') add(this.#held, event.host);
    if (event.event !== 'task' && event.event !== 'handler') return;
    const counts = this.seen(event.host);
    // An ignored failure may have changed something, as a failed command does.
    if (event.status === 'changed' || (event.ignored && event.changed)) counts.changed++;
    if (event.status === 'changed' || event.status === 'ok' || event.ignored) counts.ok++;
    else if (event.status === 'held') add(this.#held, event.host);
    else if (!event.rescued) counts[event.status]++;
    if (event.ignored) counts.ignored++;
    if (event.rescued) counts.rescued++;
    if (event.assumed.length > 0) add(this.#assumed, event.host);
    // A gate is not among what may change: that it is not known yet says nothing about the host.
    if (event.may !== null && event.gate === undefined) add(this.#may, event.host);
  }

  /** What the run came to on one host. */
  endOf(host: string, interrupted: boolean): LoggedEnd {
    const { changed = 0, failed = 0, unreachable = 0 } = this.#hosts.get(host) ?? {};
    const held = this.#held.get(host) ?? 0;
    return { ended: new Date().toISOString(), changed, failed: failed + unreachable, held, interrupted };
  }

  /** @param faulty something went wrong on this machine, whatever happened on the hosts */
  event(interrupted: boolean, faulty: boolean): RecapEvent {
    return {
      event: 'recap',
      hosts: Object.fromEntries(this.#hosts),
      assumed: Object.fromEntries(this.#assumed),
      may: Object.fromEntries(this.#may),
      held: Object.fromEntries(this.#held),
      gone: [...this.#gone],
      exit: faulty ? ExitCode.internal : this.#exit(interrupted),
      seconds: (Date.now() - this.#started) / 1000,
      check: this.#check,
    };
  }

  #exit(interrupted: boolean): number {
    const all = [...this.#hosts.values()];
    if (interrupted) return ExitCode.interrupted;
    if (all.some((host) => host.unreachable > 0)) return ExitCode.unreachable;
    if (all.some((host) => host.failed > 0)) return ExitCode.hostFailed;
    return this.#held.size > 0 ? ExitCode.held : ExitCode.ok;
  }
}

function add(counts: Map<string, number>, host: string): void {
  counts.set(host, (counts.get(host) ?? 0) + 1);
}
