import type { Location } from '../../errors/index.ts';
import type { AnsibleTask } from '../ansible/tree.ts';

/** What became of a task. */
export interface TaskRecord {
  readonly id: number;
  readonly module: string;
  readonly at: Location;
  /** Set where it is a hole: a word for the count, and the reason for people. */
  readonly hole?: { readonly about: string; readonly why: string };
  /** What a person should look at. */
  readonly reviews: readonly string[];
}

/** Tells what became of each task, and gives them numbers. */
export class Records {
  readonly #records = new Map<AnsibleTask, TaskRecord>();
  readonly #ids = new Map<AnsibleTask, number>();
  /** Tasks that the type checker refused: they become holes. */
  readonly refused = new Map<AnsibleTask, string>();

  id(task: AnsibleTask): number {
    const known = this.#ids.get(task);
    if (known !== undefined) return known;
    const id = this.#ids.size + 1;
    this.#ids.set(task, id);
    return id;
  }

  taskOf(id: number): AnsibleTask | undefined {
    return [...this.#ids].find(([, one]) => one === id)?.[0];
  }

  imported(task: AnsibleTask, reviews: readonly string[] = []): void {
    this.#records.set(task, { id: this.id(task), module: task.module, at: task.at, reviews });
  }

  hole(task: AnsibleTask, about: string, why: string): void {
    this.#records.set(task, { id: this.id(task), module: task.module, at: task.at, hole: { about, why }, reviews: [] });
  }

  all(): readonly TaskRecord[] {
    return [...this.#records].flatMap(([task, record]) => (task.isMade === true ? [] : [record]));
  }
}
