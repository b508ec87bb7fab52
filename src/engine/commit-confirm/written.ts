import type { ListedHandler, ListedTask } from '../../playbook/index.ts';

/** A file that a task wrote and a handler is to put to use. */
export interface WrittenFile {
  readonly path: string;
  /** The name of the task. */
  readonly task: string;
  /** Where the host keeps what was there before; undefined where it does not. */
  readonly kept: { readonly run: string; readonly number: number } | undefined;
}

/**
 * What waits for handlers: files that were changed for them. Where such a handler has to be confirmed, these are put back
 * with what it does: the old rules with the new files would lock out after the next boot.
 */
export class WrittenFiles {
  readonly #waiting = new Map<ListedTask, Map<string, WrittenFile>>();

  /** A task that notifies these was carried out. What it found at first is what counts. */
  add(handlers: readonly ListedHandler[], files: readonly WrittenFile[]): void {
    for (const { listed } of handlers) {
      const known = this.#waiting.get(listed) ?? new Map<string, WrittenFile>();
      for (const file of files) if (!known.has(file.path)) known.set(file.path, file);
      this.#waiting.set(listed, known);
    }
  }

  /** What waits for a handler that is about to run; it waits no longer. */
  take(listed: ListedTask): readonly WrittenFile[] {
    const files = [...(this.#waiting.get(listed)?.values() ?? [])];
    this.#waiting.delete(listed);
    return files;
  }
}
