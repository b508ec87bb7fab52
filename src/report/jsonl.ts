import type { Hold } from '../probes/index.ts';
import type { ShownEvent, ShownListener, ShownTaskEvent } from './masked.ts';

export interface JsonlOptions {
  readonly write: (text: string) => void;
  /** From 3 on also what is in progress and what is sent. */
  readonly verbosity: number;
}

/**
 * One compact JSON object on a line for each event, as docs/jsonl.md describes: a stable format, and nothing else on
 * stdout.
 */
export function jsonlReport({ write, verbosity }: JsonlOptions): ShownListener {
  return (event) => {
    const form = publicForm(event, verbosity);
    if (form !== undefined) write(`${JSON.stringify(form)}\n`);
  };
}

function publicForm(event: ShownEvent, verbosity: number): unknown {
  switch (event.event) {
    case 'task':
    case 'handler':
      return taskForm(event);
    case 'play':
      return { event: 'play', play: event.play, hosts: event.hosts };
    case 'recap':
      return { event: 'recap', hosts: event.hosts, held: event.held, gone: event.gone, exit: event.exit };
    case 'held':
      return { event: 'held', host: event.host, play: event.play, ...holdForm(event.hold) };
    // For the record of the run alone.
    case 'foretold':
    case 'mark':
      return undefined;
    case 'working':
      return verbosity >= 3 ? event : undefined;
    case 'sent':
      return verbosity >= 3
        ? { event: 'sent', host: event.host, account: event.account, scripts: event.scripts }
        : undefined;
    default:
      return event;
  }
}

/**
 * A hold for programs, with times in ISO 8601.
 *
 * @example holdForm(hold)  // { unit: null, by: 'anna@laptop', holder: null, since: '2026-11-28T02:10:00.000Z', until: null, reason: '...' }
 */
export function holdForm({ unit, by, holder, since, until, reason }: Hold): object {
  const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
  return {
    unit: unit ?? null,
    by,
    holder: holder ?? null,
    since: iso(since),
    until: until === undefined ? null : iso(until),
    reason,
  };
}

function taskForm(event: ShownTaskEvent): unknown {
  const { host, play, role, task, subject, resource, tags, gate } = event;
  const { status, changed, assumed, may, message, detail, error } = event;
  const diff = event.changes.flatMap(({ text }) => (text ? [{ path: text.path, unified: text.diff }] : []));
  return {
    event: event.event,
    host,
    play,
    role,
    task,
    ...(subject === undefined ? {} : { subject }),
    resource,
    tags,
    ...(gate === undefined ? {} : { gate }),
    status,
    changed,
    assumed,
    may,
    message,
    ...(detail === undefined ? {} : { detail }),
    diff,
    error,
    seconds: event.seconds,
  };
}
