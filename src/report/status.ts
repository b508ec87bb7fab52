import { durationText } from './duration.ts';
import type { ShownListener } from './masked.ts';

/** What one host is doing at the moment. */
export interface HostStatus {
  readonly host: string;
  readonly doing: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** A change is in progress there whose output may be shown, and is worth a look. */
  readonly isWorking: boolean;
  readonly isOver: boolean;
}

/** Remembers what each host of a run is doing, for a status in the middle of it. */
export class StatusBoard {
  readonly #hosts = new Map<string, HostStatus>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  readonly listener: ShownListener = (event) => {
    switch (event.event) {
      case 'play':
        for (const host of event.hosts) this.#set(host, `waiting for its turn in "${event.play}"`);
        break;
      case 'connected':
        this.#set(event.host, 'looking at the present state');
        break;
      case 'working':
        this.#set(event.host, event.task, { isWorking: event.hidden !== true });
        break;
      case 'task':
      case 'handler':
        if (event.status === 'failed' && !event.ignored && !event.rescued)
          this.#set(event.host, `failed: ${event.task}`, { isOver: true });
        else this.#set(event.host, `done with: ${event.task}`);
        break;
      case 'notice':
        if (event.host !== null) this.#set(event.host, event.text);
        break;
      case 'held':
      case 'gone':
        this.#set(event.host, event.event, { isOver: true });
        break;
      case 'unreachable':
      case 'host-failed':
        this.#set(event.host, event.event === 'unreachable' ? 'unreachable' : 'failed', { isOver: true });
        break;
      default:
    }
  };

  connecting(host: string): void {
    this.#set(host, 'connecting');
  }

  #set(host: string, doing: string, { isWorking = false, isOver = false } = {}): void {
    this.#hosts.set(host, { host, doing, since: this.#now(), isWorking, isOver });
  }

  all(): readonly HostStatus[] {
    return [...this.#hosts.values()];
  }
}

/** A status as a line, and below it the last the host printed. @example web1  apt nginx  for 1 min 12 s */
export function statusLines(
  { host, doing, since }: HostStatus,
  lastLine: string | undefined,
  now: number,
  width: number,
): string[] {
  const line = `${host.padEnd(width)}  ${doing}  for ${durationText((now - since) / 1000)}`;
  return lastLine === undefined || lastLine === '' ? [line] : [line, `${' '.repeat(width)}  | ${lastLine}`];
}
