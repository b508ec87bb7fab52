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

/** The task as it was written. */
const written = (task: AnsibleTask): AnsibleTask => task.insteadOf ?? task;

/** Tells what became of each task, and gives them numbers. */
export class Records {
  readonly #records = new Map<AnsibleTask, TaskRecord>();
  readonly #ids = new Map<AnsibleTask, number>();
  readonly #unfit = new Map<AnsibleTask, string>();
  readonly #refused = new Map<AnsibleTask, string>();

  id(task: AnsibleTask): number {
    const known = this.#ids.get(written(task));
    if (known !== undefined) return known;
    const id = this.#ids.size + 1;
    this.#ids.set(written(task), id);
    return id;
  }

  taskOf(id: number): AnsibleTask | undefined {
    return [...this.#ids].find(([, one]) => one === id)?.[0];
  }

  /** What the types of a task say against it: at first as it was, then as Ansible's own module, too. */
  refuse(task: AnsibleTask, why: string): void {
    (this.misfit(task) === undefined ? this.#unfit : this.#refused).set(written(task), why);
  }

  /** What the type checker has against a task as a resource: Ansible's own module does it, where it can. */
  misfit(task: AnsibleTask): string | undefined {
    return this.#unfit.get(written(task));
  }

  /** What it has against it in any form: the task becomes a hole. */
  refusal(task: AnsibleTask): string | undefined {
    return this.#refused.get(written(task));
  }

  imported(task: AnsibleTask, reviews: readonly string[] = []): void {
    this.#records.set(written(task), { id: this.id(task), module: task.module, at: task.at, reviews });
  }

  hole(task: AnsibleTask, about: string, why: string): void {
    const record = { id: this.id(task), module: task.module, at: task.at, hole: { about, why }, reviews: [] };
    this.#records.set(written(task), record);
  }

  all(): readonly TaskRecord[] {
    return [...this.#records].flatMap(([task, record]) => (task.isMade === true ? [] : [record]));
  }
}
