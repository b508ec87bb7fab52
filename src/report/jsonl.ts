import type { Event, Listener, TaskEvent } from '../engine/index.ts';
import type { Redactor } from '../secrets/index.ts';
import { unifiedDiff } from './diff.ts';

export interface JsonlOptions {
  readonly write: (text: string) => void;
  readonly redactor: Redactor;
  /** From 3 on also what is under way and what is sent. */
  readonly verbosity: number;
}

/** One compact JSON object a line for each event, as docs/jsonl.md describes: stable, nothing else on stdout. */
export function jsonlReport({ write, redactor, verbosity }: JsonlOptions): Listener {
  const redact = (text: string): string => redactor.redact(text);
  return (event) => {
    const shown = publicForm(event, verbosity, redact);
    if (shown !== undefined) write(jsonLine(shown, redactor));
  };
}

/** One line for one event. Each string is masked, and not the line: JSON's own escapes must stay as they are. */
export function jsonLine(event: unknown, redactor: Redactor): string {
  return `${JSON.stringify(event, (_, inner: unknown) => (typeof inner === 'string' ? redactor.redact(inner) : inner))}\n`;
}

function publicForm(event: Event, verbosity: number, redact: (text: string) => string): unknown {
  switch (event.event) {
    case 'task':
    case 'handler':
      return taskForm(event, redact);
    case 'recap':
      return { event: 'recap', hosts: event.hosts, exit: event.exit };
    case 'working':
      return verbosity >= 3 ? event : undefined;
    case 'sent':
      return verbosity >= 3 ? { event: 'sent', host: event.host, account: event.account, scripts: event.scripts } : undefined;
    default:
      return event;
  }
}

function taskForm(event: TaskEvent, redact: (text: string) => string): unknown {
  const { host, play, role, task, resource, tags, status, changed, assumed, may, error, hidden } = event;
  const diff = hidden ? [] : event.changes.flatMap(({ text }) => (text ? [{ path: text.path, unified: unifiedDiff(text, redact) }] : []));
  const shownError = error && hidden ? { ...error, stdout: '', stderr: '' } : error;
  const message = hidden ? null : event.message;
  return { event: event.event, host, play, role, task, resource, tags, status, changed, assumed, may, message, diff, error: shownError, seconds: event.seconds };
}
