import type { ShownEvent, ShownTaskEvent } from '../report/index.ts';
import { compareChanges, telling } from './compare-changes.ts';
import { compareHow, isDue, taskTitle } from './compare-plans.ts';
import { plannedTask, taskKey } from './planned-task.ts';
import type { Plan, PlannedTask } from './schema.ts';

/** How far a plan was carried out on a host when it stopped. */
export interface Standing {
  readonly done: readonly string[];
  readonly left: readonly string[];
}

/**
 * Holds a run to a plan: each change that is due is compared with what the plan says of it, at its turn and before it is
 * sent.
 */
export class PlanGuard {
  readonly #plan: Plan;
  readonly #project: string;
  readonly #done = new Map<string, string[]>();
  #part = -1;

  /** @param project its folder */
  constructor(plan: Plan, project: string) {
    this.#plan = plan;
    this.#project = project;
  }

  /** Hears of what the run does. */
  readonly listener = (event: ShownEvent): void => {
    if (event.event === 'play') this.#part++;
    if ((event.event === 'task' || event.event === 'handler') && event.status === 'changed')
      this.#doneOn(event.host).push(taskTitle(plannedTask(event, this.#project)));
  };

  /** Why a change is not what the plan says; undefined where it is. */
  refuse(event: ShownTaskEvent): string | undefined {
    const now = plannedTask(event, this.#project);
    if (!isDue(now)) return undefined;
    const known = this.#tasksOf(event.host).filter((one) => taskKey(one) === taskKey(now) && isDue(one));
    if (known.length === 0) return 'the plan does not have it';
    // What is signed off as open may come to anything.
    if (known.some(({ may }) => may !== undefined)) return undefined;
    const moves = known.map((one) => [
      ...compareHow(one, now, one.assumed === undefined),
      ...compareChanges(one.changes ?? [], now.changes ?? [], one.assumed === undefined),
    ]);
    return moves.some((one) => one.length === 0)
      ? undefined
      : telling(moves[0] ?? [])
          .map(({ text }) => text)
          .join('; ');
  }

  /** What of the plan was done on a host, and what was not. */
  standing(host: string): Standing {
    const done = this.#doneOn(host);
    const left = [...done];
    const planned = (Object.hasOwn(this.#plan.hosts, host) ? (this.#plan.hosts[host]?.plays ?? []) : []).flatMap(
      ({ tasks }) => tasks.filter(isDue).map(taskTitle),
    );
    return {
      done,
      left: planned.filter((title) => {
        const at = left.indexOf(title);
        if (at >= 0) left.splice(at, 1);
        return at < 0;
      }),
    };
  }

  #tasksOf(host: string): readonly PlannedTask[] {
    const plays = Object.hasOwn(this.#plan.hosts, host) ? (this.#plan.hosts[host]?.plays ?? []) : [];
    return plays.find(({ part }) => part === this.#part)?.tasks ?? [];
  }

  #doneOn(host: string): string[] {
    const done = this.#done.get(host) ?? [];
    this.#done.set(host, done);
    return done;
  }
}
