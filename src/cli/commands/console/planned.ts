import { inspect, type InspectOptions } from 'node:util';
import type { TaskItem } from '../../../playbook/index.ts';
import * as resources from '../../../resources/index.ts';

/** What a task came to, or would come to, by host. */
export type Outcome = Readonly<Record<string, string>>;

/** Carries out tasks of the console. */
export interface Planner {
  plan(task: Planned): Promise<Outcome>;
}

/** A resource that was called in the console: awaited it says what it would change, and `apply` carries it out. */
export class Planned implements PromiseLike<Outcome> {
  readonly name: string;
  /** Makes the task, anew for each run. */
  readonly make: () => TaskItem;
  readonly #planner: Planner;

  constructor(name: string, make: () => TaskItem, planner: Planner) {
    this.name = name;
    this.make = make;
    this.#planner = planner;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- `await file({ ... })` is how its plan is asked for.
  then<A = Outcome, B = never>(
    done?: ((outcome: Outcome) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#planner.plan(this).then(done, failed);
  }

  [inspect.custom](_: number, { stylize }: InspectOptions & { stylize(text: string, kind: string): string }): string {
    return stylize(`${this.name}: await it to see what it would change; apply(...) carries it out`, 'special');
  }
}

/** The option names of each resource, for who types them. */
export const resourceOptions: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(resources).flatMap(([name, one]) =>
    typeof one === 'function' && 'resource' in one && !isOnlyBetweenTasks(one.resource)
      ? [[name, Object.keys(one.resource.options)] as const]
      : [],
  ),
);

/** Every resource, as a function of the console. */
export function plannedResources(planner: Planner): Readonly<Record<string, (...args: readonly unknown[]) => Planned>> {
  const made = [...resourceOptions.keys()].map((name) => {
    const resource: unknown = Reflect.get(resources, name);
    const plan = (...args: readonly unknown[]): Planned =>
      new Planned(
        name,
        () => {
          if (typeof resource !== 'function') throw new Error(`${name} is not a resource`);
          const task: TaskItem = Reflect.apply(resource, undefined, args);
          return task;
        },
        planner,
      );
    return [name, plan] as const;
  });
  return Object.fromEntries(made);
}

function isOnlyBetweenTasks(resource: object): boolean {
  return ('flushesHandlers' in resource && resource.flushesHandlers === true) || 'addsHosts' in resource;
}
