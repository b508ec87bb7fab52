import type { HostRunInput } from '../engine/index.ts';
import { locationText } from '../errors/index.ts';
import { partsOf, type HostTasks, type ListedItem } from '../playbook/index.ts';
import type { TakePlace } from './limiter.ts';

/** Where a host is: at which of all tasks, and there at which of all handlers. */
interface Position {
  readonly task: number;
  readonly handler: number;
}

/**
 * Hosts of a batch that go task by task (`strategy: 'linear'`): none begins one before all others are through with what
 * stands before it. The lists of hosts may differ: they are laid over each other by the tasks that they share. A host
 * that failed, was lost or is done is not waited for, and whoever waits leaves its place among `--forks` to others.
 */
export class Lockstep {
  readonly #tasks: ReadonlyMap<ListedItem, number>;
  readonly #handlers: ReadonlyMap<string, number>;
  readonly #end: number;
  readonly #at: Map<string, Position>;
  readonly #signal: AbortSignal;
  #waiting: (() => void)[] = [];

  /** @param lists of the hosts of the batch @param signal ends all waiting: what is left is cleaning up */
  constructor(lists: ReadonlyMap<string, HostTasks>, signal: AbortSignal) {
    const all = [...lists.values()];
    const steps = all.map(({ items }) => items.flatMap(stepsOf));
    const named = keysOf(steps);
    const keys = merged(named);
    this.#tasks = new Map(
      steps.flatMap((list, n) => placesOf(keys, named[n] ?? []).map((at, i) => [list[i], at] as const)).filter(isStep),
    );
    this.#handlers = new Map(
      merged(all.map(({ handlers }) => handlers.map(({ listed }) => listed.key))).map((key, i) => [key, i]),
    );
    this.#end = keys.length;
    this.#at = new Map([...lists.keys()].map((host) => [host, { task: -1, handler: -1 }]));
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake());
  }

  /** What a host waits with before each of its tasks and handlers. */
  paceOf(host: string, place: Place): NonNullable<HostRunInput['pace']> {
    return async (step) => {
      const { task, handler } = this.#at.get(host) ?? { task: -1, handler: -1 };
      const next =
        step === 'handlers'
          ? { task: this.#end, handler: -1 }
          : 'handler' in step
            ? { task, handler: Math.max(handler, this.#handlers.get(step.handler) ?? handler) }
            : { task: this.#tasks.get(step.item) ?? task, handler: -1 };
      this.#at.set(host, next);
      this.#wake();
      if (this.#isTurn(next)) return;
      place.leave();
      while (!this.#isTurn(next)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      await place.enter();
    };
  }

  /** The host has come to its end, whichever that is. */
  leave(host: string): void {
    this.#at.delete(host);
    this.#wake();
  }

  #isTurn(next: Position): boolean {
    return this.#signal.aborted || [...this.#at.values()].every((at) => !isBefore(at, next));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** A host's place among those that work at the same time. */
export class Place {
  readonly #take: TakePlace;
  #give: (() => void) | undefined;

  constructor(take: TakePlace) {
    this.#take = take;
  }

  async enter(): Promise<void> {
    this.#give = await this.#take();
  }

  leave(): void {
    this.#give?.();
    this.#give = undefined;
  }
}

function isBefore(a: Position, b: Position): boolean {
  return a.task < b.task || (a.task === b.task && a.handler < b.handler);
}

type Step = Exclude<ListedItem, { readonly block: unknown }>;

const isStep = (entry: readonly [Step | undefined, number]): entry is [Step, number] => entry[0] !== undefined;

/** The tasks of an item, and the places where handlers run, in the order in which they stand. */
export function stepsOf(item: ListedItem): Step[] {
  return 'block' in item ? partsOf(item).flatMap(stepsOf) : [item];
}

/**
 * What tells the steps of each list apart. Names may hold what differs between hosts (`command migrate web1`), so where all
 * lists are made by the same lines it is the number of the step; otherwise names say best which tasks hosts share.
 */
function keysOf(lists: readonly (readonly Step[])[]): string[][] {
  const [first = [], ...others] = lists.map((list) => list.map((step) => ('flush' in step ? '' : step.key)));
  const isAlike = others.every((list) => list.length === first.length);
  if (!isAlike || others.every((list) => list.every((key, i) => key === first[i]))) return [first, ...others];
  const [lines = [], ...otherLines] = lists.map((list) => list.map(lineOf));
  return otherLines.every((list) => list.every((line, i) => line === lines[i]))
    ? lists.map((list) => list.map((_, i) => String(i)))
    : [first, ...others];
}

function lineOf(step: Step): string {
  if ('flush' in step) return '';
  const { at, body } = step.task;
  return `${step.role ?? ''}\0${body.resource.name}\0${at === undefined ? '' : locationText(at)}`;
}

/**
 * One list that has each of these in its order. Of two that contradict each other, the second has its tasks behind those of
 * the first.
 *
 * @example merged([['a', 'c'], ['a', 'b', 'c']])  // ['a', 'b', 'c']
 */
export function merged(lists: readonly (readonly string[])[]): string[] {
  const all: string[] = [];
  for (const list of lists) {
    let at = -1;
    for (const key of list) {
      const found = all.indexOf(key, at + 1);
      at = found < 0 ? at + 1 : found;
      if (found < 0) all.splice(at, 0, key);
    }
  }
  return all;
}

/** Where each key of a list stands in a merged one. */
function placesOf(all: readonly string[], list: readonly string[]): number[] {
  let at = -1;
  return list.map((key) => (at = all.indexOf(key, at + 1)));
}
