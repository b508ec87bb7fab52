import type { ShownEvent } from '../report/index.ts';

/** What blocks of a run do always and have not done so far, by host: for who ends the run before that. */
export class OpenCleanups {
  readonly #open = new Map<string, Extract<ShownEvent, { event: 'always' }>>();

  readonly listener = (event: ShownEvent): void => {
    if (event.event !== 'always') return;
    const key = `${event.host}\0${event.block}`;
    if (event.is === 'owed') this.#open.set(key, event);
    else this.#open.delete(key);
  };

  /** A line for each, with what will come of it. @example ['web1: not done: "allocation on"', 'The next run ...'] */
  lines(): string[] {
    // Inner blocks before those around them, as it would have been done.
    const open = [...this.#open.values()].reverse();
    if (open.length === 0) return [];
    const names = (tasks: readonly string[]): string => tasks.map((name) => `"${name}"`).join(', ');
    return [
      ...open.map(
        ({ host, play, tasks }) =>
          `  ${host}: not done, though a block of play "${play}" does it always: ${names(tasks)}`,
      ),
      '  It is recorded on the host: the next run of this playbook there does it first.',
    ];
  }
}
