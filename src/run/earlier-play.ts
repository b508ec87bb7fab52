import type { PreparedPlay, PreparedRun, RunOptions } from './types.ts';

/** What of a play is left to do: all of it, or what the run left that this one goes on with. */
export class EarlierPlay {
  /** The number of the play in the playbook; undefined for what is no play of its own. */
  readonly part: number | undefined;
  /** Hosts that had all of it. */
  readonly over: readonly string[];
  readonly #earlier: RunOptions['earlier'];

  constructor(play: PreparedPlay, hosts: readonly string[], { plays }: PreparedRun, { earlier }: RunOptions) {
    const index = plays.indexOf(play);
    this.part = index < 0 ? undefined : index;
    this.#earlier = earlier;
    this.over = hosts.filter((host) => index >= 0 && earlier?.isOver(index, host));
  }

  /** The hosts of a batch that have not had all of it. */
  leftOf(batch: readonly string[]): string[] {
    return batch.filter((host) => !this.over.includes(host));
  }

  tell({ name }: PreparedPlay, listener: RunOptions['listener']): void {
    if (this.over.length === 0) return;
    const text = `play "${name}" was done before, by the run that this one continues: ${this.over.join(', ')}`;
    listener({ event: 'notice', host: null, text });
  }

  /**
   * Whether there is nothing left to do in a batch. One that was the canary is still to be watched where no host behind it
   * was begun.
   */
  isDone(batches: readonly (readonly string[])[], index: number): boolean {
    if (this.leftOf(batches[index] ?? []).length > 0) return false;
    const { part } = this;
    const isPast = (host: string): boolean => part !== undefined && (this.#earlier?.hasBegun(part, host) ?? false);
    return index > 0 || batches.slice(1).flat().some(isPast);
  }
}
