import type { ShownListener, ShownTaskEvent } from './masked.ts';

/**
 * Events to the lines of a run's record: what changed, with its diff, and what went wrong. Tasks that were right are
 * only counted in the recap: records are kept for months.
 */
export function recordReport(write: (entry: object) => void): ShownListener {
  return (event) => {
    switch (event.event) {
      case 'task':
      case 'handler':
        if ((event.status !== 'ok' && event.status !== 'skipped') || event.may !== null) write(taskEntry(event));
        break;
      case 'recap':
        write({ event: 'recap', hosts: event.hosts, held: event.held, gone: event.gone, exit: event.exit });
        break;
      case 'held':
        write({ event: 'held', host: event.host, text: event.text });
        break;
      case 'foretold':
      case 'always':
      case 'notice':
      case 'rollout-stopped':
      case 'gone':
      case 'unreachable':
      case 'host-failed':
        write(event);
        break;
      default:
    }
  };
}

function taskEntry(event: ShownTaskEvent): object {
  const { host, play, role, task, resource, gate, status, may, assumed, error, seconds } = event;
  const changes = event.changes.map(({ what, from, to, text }) => ({ what, from, to, ...text }));
  const held = status === 'held' ? { held: event.message } : {};
  return {
    event: event.event,
    host,
    play,
    role,
    task,
    resource,
    gate,
    status,
    ...held,
    changes,
    may,
    assumed,
    error,
    seconds,
  };
}
