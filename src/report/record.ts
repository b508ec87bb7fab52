import type { ShownListener, ShownTaskEvent } from './masked.ts';
import { RightTasks } from './right-tasks.ts';

/**
 * Events to the lines of a run's record: what changed, with its diff, and what went wrong, as it comes; at the end, in a
 * line for each play, which tasks were right.
 */
export function recordReport(write: (entry: object) => void): ShownListener {
  const right = new RightTasks();
  return (event) => {
    switch (event.event) {
      case 'task':
      case 'handler': {
        const isKept = isWorthKeeping(event);
        const nth = right.add(event, isKept);
        if (isKept) write(taskEntry(event, nth));
        break;
      }
      case 'recap':
        for (const entry of right.entries()) write(entry);
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

/** What was found right is told at the end; a guess must be told from what is known. */
function isWorthKeeping({ status, may, assumed }: ShownTaskEvent): boolean {
  return (status !== 'ok' && status !== 'skipped') || may !== null || assumed.length > 0;
}

function taskEntry(event: ShownTaskEvent, nth: number): object {
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
    ...(nth === 0 ? {} : { nth }),
    status,
    ...held,
    changes,
    may,
    assumed,
    error,
    seconds,
  };
}
