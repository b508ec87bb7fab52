import type { Listener } from '../engine/index.ts';
import type { Redactor } from '../secrets/index.ts';
import { jsonlReport } from './jsonl.ts';

/**
 * Events to the lines of a run's record: what changed, with its diff, and what went wrong. What was right is counted in the
 * recap alone: a record is kept for months.
 */
export function recordReport(write: (line: string) => void, redactor: Redactor): Listener {
  const report = jsonlReport({ write, redactor, verbosity: 0 });
  return (event) => {
    switch (event.event) {
      case 'task':
      case 'handler':
        if (event.status !== 'ok' && event.status !== 'skipped') report(event);
        else if (event.may !== null) report(event);
        break;
      case 'notice':
      case 'unreachable':
      case 'host-failed':
      case 'recap':
        report(event);
        break;
      default:
    }
  };
}
