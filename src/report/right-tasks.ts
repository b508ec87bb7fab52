import type { ShownTaskEvent } from './masked.ts';
import { TaskOrder } from './task-order.ts';

/** A task of a play, and the hosts on which it was right, by their number in the play's list; all of them: `all`. */
interface RightTask {
  readonly kind: 'task' | 'handler';
  readonly role: string | null;
  readonly task: string;
  readonly nth?: number;
  readonly resource: string;
  readonly tags?: readonly string[];
  readonly gate?: string;
  readonly ok: readonly number[] | 'all';
  readonly skipped?: readonly number[] | 'all';
}

interface Draft extends Omit<RightTask, 'ok' | 'skipped'> {
  readonly ok: number[];
  readonly skipped: number[];
}

interface OfPlay {
  readonly hosts: Map<string, number>;
  readonly order: TaskOrder<Draft>;
}

/**
 * What was right in a run, for its record: a line for each play at the end, as short as can be, since records are kept
 * for months.
 */
export class RightTasks {
  readonly #plays = new Map<string, OfPlay>();

  /**
   * @param isKept whether the record has an entry of its own for it
   * @returns how many tasks of this name the host has had before in the play: which one is meant, in any run of the
   *   playbook
   */
  add(event: ShownTaskEvent, isKept: boolean): number {
    const { event: kind, host, play, role, task, resource, tags, gate, status } = event;
    const known = this.#plays.get(play) ?? { hosts: new Map<string, number>(), order: new TaskOrder<Draft>() };
    this.#plays.set(play, known);
    const at = known.hosts.get(host) ?? known.hosts.size;
    known.hosts.set(host, at);
    const row = known.order.next(host, { kind, role, task }, (nth) => ({
      kind,
      role,
      task,
      ...(nth === 0 ? {} : { nth }),
      resource,
      ...(tags.length === 0 ? {} : { tags }),
      ...(gate === undefined ? {} : { gate }),
      ok: [],
      skipped: [],
    }));
    if (!isKept) row[status === 'skipped' ? 'skipped' : 'ok'].push(at);
    return row.nth ?? 0;
  }

  /** The lines of the record. */
  entries(): readonly object[] {
    return [...this.#plays].map(([play, { hosts, order }]) => {
      const short = (numbers: readonly number[]): RightTask['ok'] => (numbers.length === hosts.size ? 'all' : numbers);
      return {
        event: 'tasks',
        play,
        hosts: [...hosts.keys()],
        tasks: order.rows.map(({ ok, skipped, ...row }): RightTask => ({
          ...row,
          ok: short(ok),
          ...(skipped.length === 0 ? {} : { skipped: short(skipped) }),
        })),
      };
    });
  }
}
