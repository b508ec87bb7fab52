import type { Listener, TaskEvent } from '../engine/index.ts';
import type { Redactor } from '../secrets/index.ts';
import { unifiedDiff } from './diff.ts';

/**
 * Events to the lines of a run's record: what changed, with its diff, and what went wrong. What was right is counted in the
 * recap alone: records are kept for months.
 */
export function recordReport(write: (entry: object) => void, redactor: Redactor): Listener {
  return (event) => {
    switch (event.event) {
      case 'task':
      case 'handler':
        if ((event.status !== 'ok' && event.status !== 'skipped') || event.may !== null) write(taskEntry(event, (text) => redactor.redact(text)));
        break;
      case 'recap':
        write({ event: 'recap', hosts: event.hosts, exit: event.exit });
        break;
      case 'notice':
      case 'unreachable':
      case 'host-failed':
        write(event);
        break;
      default:
    }
  };
}

function taskEntry(event: TaskEvent, redact: (text: string) => string): object {
  const { host, play, role, task, resource, status, may, assumed, error, seconds, hidden } = event;
  const changes = hidden ? [] : event.changes.map(({ what, from, to, text }) => ({ what, from, to, ...(text ? { path: text.path, diff: unifiedDiff(text, redact) } : {}) }));
  return { event: event.event, host, play, role, task, resource, status, changes, may, assumed, error: error && hidden ? { ...error, stdout: '', stderr: '' } : error, seconds };
}
