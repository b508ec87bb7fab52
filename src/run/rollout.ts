import type { Event, RolloutStoppedEvent } from '../engine/index.ts';
import type { PreparedPlay } from './types.ts';

type Failed = RolloutStoppedEvent['failed'][number];

/** Hears the events of a run, and knows of each host what it failed at last. */
export class Failures {
  readonly #last = new Map<string, Failed>();

  hear(event: Event): void {
    if (event.event === 'unreachable' || event.event === 'host-failed')
      this.#last.set(event.host, { host: event.host, gate: null, task: null });
    if (event.event !== 'task' && event.event !== 'handler') return;
    const { status, ignored, rescued, host, gate, task } = event;
    if ((status === 'failed' || status === 'unreachable') && !ignored && !rescued)
      this.#last.set(host, { host, gate: gate === undefined || gate === 'healthy' ? null : gate, task });
  }

  of(host: string): Failed | undefined {
    return this.#last.get(host);
  }
}

interface Rollout {
  readonly play: PreparedPlay;
  /** All of the play, in their order. */
  readonly hosts: readonly string[];
  /** Those that were begun. */
  readonly begun: ReadonlySet<string>;
  readonly isOut: (host: string) => boolean;
  readonly isGone: (host: string) => boolean;
  readonly failures: Failures;
  readonly isInterrupted: boolean;
  /** Of these hosts it is known that what was there before could not be put back. */
  readonly broken: readonly string[];
  /** The command of this run for other hosts; null where there is none. */
  readonly commandFor: (hosts: readonly string[]) => string | null;
}

/** Where each host stands once a roll-out was stopped, and the commands to go on or back. */
export function stoppedRollout(rollout: Rollout): RolloutStoppedEvent {
  const { play, hosts, begun, isOut, isGone, failures, commandFor } = rollout;
  const done = hosts.filter((host) => begun.has(host) && !isOut(host) && !isGone(host));
  const failed = hosts
    .filter((host) => begun.has(host) && isOut(host))
    .map((host) => failures.of(host) ?? { host, gate: null, task: null });
  const notBegun = hosts.filter((host) => !begun.has(host));
  const command = (some: readonly string[]): string | null =>
    some.length === 0 ? null : commandFor(hosts.filter((host) => some.includes(host)));
  const changed = failed.filter(({ gate }) => gate !== 'before').map(({ host }) => host);
  return {
    event: 'rollout-stopped',
    play: play.name,
    why: whyStopped(rollout, failed),
    done,
    failed,
    gone: hosts.filter(isGone),
    notBegun,
    goOn: command([...failed.map(({ host }) => host), ...notBegun]),
    goBack: command([...done, ...changed]),
  };
}

function whyStopped(
  { hosts, begun, isGone, isInterrupted, failures, broken }: Rollout,
  failed: readonly Failed[],
): string {
  const names = (some: readonly Failed[]): string => some.map(({ host }) => host).join(', ');
  if (isInterrupted && failed.every(({ host }) => failures.of(host) === undefined)) return 'interrupted';
  if (broken.length > 0) return `NOT RESTORED on ${broken.join(', ')}`;
  const gated = failed.filter(({ gate }) => gate !== null);
  if (failed.length === 0)
    return `the canary is ${hosts.some((host) => begun.has(host) && isGone(host)) ? 'gone' : 'held'}`;
  return gated.length > 0 ? `the gate fails on ${names(gated)}` : `${names(failed)} failed`;
}
