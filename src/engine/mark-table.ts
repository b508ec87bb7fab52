import type { MarkEvent } from './events.ts';
import type { Earlier, EarlierTask } from './resumed.ts';

/** A mark, and when it was made (ISO 8601). */
export interface Mark extends Pick<MarkEvent, 'is' | 'host' | 'part'> {
  readonly at: string;
  readonly key?: string | undefined;
  readonly changed?: boolean | undefined;
  readonly result?: object | undefined;
}

/** What is known of a task that does its work each time: for one host, or for whichever has done it last. */
export interface MarkedTask {
  readonly key: string;
  readonly host: string | null;
  readonly came: EarlierTask;
}

/** How far a run came, told by its marks in their order. */
export class MarkTable implements Earlier {
  readonly #over = new Set<string>();
  readonly #begun = new Set<string>();
  /** By part and host; the host is empty for whichever had it last. */
  readonly #tasks = new Map<string, Map<string, EarlierTask>>();

  add({ is, at, host, part, key, changed = true, result }: Mark): void {
    this.#begun.add(`${part} ${host}`);
    if (is === 'over') this.#over.add(`${part} ${host}`);
    if (key === undefined) return;
    for (const whose of [host, '']) {
      const tasks = this.#of(part, whose);
      if (is === 'begun') tasks.set(key, { is, at });
      else if (is === 'done') tasks.set(key, { is, at, changed, result });
      else tasks.delete(key);
    }
  }

  isOver(part: number, host: string): boolean {
    return this.#over.has(`${part} ${host}`);
  }

  hasBegun(part: number, host: string): boolean {
    return this.#begun.has(`${part} ${host}`);
  }

  of(part: number, host: string | undefined, key: string): EarlierTask | undefined {
    return this.#of(part, host ?? '').get(key);
  }

  /** What a host has to know of a play, for another process that goes on with it. */
  tasksOf(part: number, host: string): MarkedTask[] {
    return [host, ''].flatMap((whose) =>
      [...this.#of(part, whose)].map(([key, came]) => ({ key, host: whose === '' ? null : whose, came })),
    );
  }

  /** Takes over what another process knows. */
  take(part: number, tasks: readonly MarkedTask[]): void {
    for (const { key, host, came } of tasks) this.#of(part, host ?? '').set(key, came);
  }

  #of(part: number, host: string): Map<string, EarlierTask> {
    const name = `${part} ${host}`;
    const known = this.#tasks.get(name) ?? new Map<string, EarlierTask>();
    this.#tasks.set(name, known);
    return known;
  }
}
