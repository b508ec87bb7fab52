import type { HostCounts, TaskFailure } from '../../../engine/index.ts';
import type { ShownEvent, ShownListener } from '../../../report/index.ts';

/** A task that would change its host. */
export interface DriftedTask {
  /** Null: of the play itself. */
  readonly role: string | null;
  readonly task: string;
  readonly resource: string;
}

/**
 * How a host stands to a playbook: `same`, `differs` from it, is `held` (or a unit of it is, and nothing else differs),
 * would `fail`, could not be reached, or is `gone`, as its playbook lets it.
 */
export type DriftStatus = 'same' | 'differs' | 'held' | 'failed' | 'unreachable' | 'gone';

/** What check mode of one playbook found on one host. */
export interface Finding {
  readonly host: string;
  readonly status: DriftStatus;
  readonly tasks: readonly DriftedTask[];
  /** Tasks of which it is not known whether they would change anything. */
  readonly unknown: number;
  /** Why it is held, would fail or is not to be reached. */
  readonly reason: string | null;
}

interface Draft {
  readonly tasks: DriftedTask[];
  readonly reasons: string[];
  unknown: number;
  isHeld: boolean;
  isGone: boolean;
}

/** Makes of the events of a playbook in check mode how each of its hosts stands. */
export class Findings {
  readonly #drafts = new Map<string, Draft>();
  #counts: Readonly<Record<string, HostCounts>> = {};

  readonly listener: ShownListener = (event) => {
    if (event.event === 'recap') this.#counts = event.hosts;
    else if ('host' in event && event.host !== null) this.#hear(event, this.#draft(event.host));
  };

  #hear(event: ShownEvent, draft: Draft): void {
    switch (event.event) {
      case 'held':
        draft.isHeld = true;
        draft.reasons.push(event.text);
        break;
      case 'gone':
        draft.isGone = true;
        draft.reasons.push(event.error.what);
        break;
      case 'unreachable':
      case 'host-failed':
        draft.reasons.push(event.error.what);
        break;
      case 'task':
        if (event.may !== null) draft.unknown++;
        // What is due whatever the host is like has nothing to drift from; handlers follow from other changes.
        else if (event.status === 'changed' && event.always !== true)
          draft.tasks.push({ role: event.role, task: event.task, resource: event.resource });
        if (event.status === 'held') {
          draft.isHeld = true;
          draft.reasons.push(event.message ?? '');
        }
        if (event.status === 'failed' && !event.ignored && !event.rescued) draft.reasons.push(failureText(event));
        break;
      default:
    }
  }

  #draft(host: string): Draft {
    const known = this.#drafts.get(host) ?? { tasks: [], reasons: [], unknown: 0, isHeld: false, isGone: false };
    this.#drafts.set(host, known);
    return known;
  }

  /** How the hosts stand, once the run is over. */
  all(): Finding[] {
    return Object.entries(this.#counts).map(([host, counts]) => {
      const { tasks, reasons, unknown, isHeld, isGone } = this.#draft(host);
      const status: DriftStatus =
        counts.unreachable > 0
          ? 'unreachable'
          : counts.failed > 0
            ? 'failed'
            : tasks.length > 0
              ? 'differs'
              : isHeld
                ? 'held'
                : isGone
                  ? 'gone'
                  : 'same';
      return { host, status, tasks, unknown, reason: reasons[0] ?? null };
    });
  }
}

function failureText({ task, error }: { readonly task: string; readonly error: TaskFailure | null }): string {
  return `${task}: ${error?.what ?? 'failed'}`;
}
