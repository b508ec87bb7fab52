import type { Cleanup, HostTasks, ListedItem } from '../playbook/index.ts';
import { Redactor } from '../secrets/index.ts';
import { fileOf, type FoundDebt, type Owed } from './owed.ts';

/** What the blocks of a play do always on one host: which of it is due, and recorded on the host. */
export class Cleanups {
  readonly #all: readonly Cleanup[];
  readonly #of: Pick<Owed, 'play' | 'host' | 'by' | 'playbook'>;
  /** Blocks that were entered and are not left yet. */
  readonly #entered = new Set<Cleanup>();
  readonly #recorded = new Set<Cleanup>();
  /** The files of the host's records in which a debt was found. */
  readonly #files = new Map<string, readonly string[]>();
  /** The host is lost: nothing more can be recorded there. */
  isSuspended = false;

  constructor({ cleanups }: HostTasks, of: Pick<Owed, 'play' | 'host' | 'by' | 'playbook'>) {
    this.#all = cleanups;
    this.#of = of;
  }

  /** A block is entered. @param always of its tasks those that the tags chose */
  enter(always: readonly ListedItem[]): Cleanup | undefined {
    const cleanup = this.#all.find(({ items }) => items.some((item) => always.some((one) => isSame(one, item))));
    if (cleanup !== undefined) this.#entered.add(cleanup);
    return cleanup;
  }

  leave(cleanup: Cleanup): void {
    this.#entered.delete(cleanup);
  }

  /** What must be recorded before a change: of blocks that were entered and changed nothing so far. */
  record(): Owed[] {
    const fresh = this.isSuspended ? [] : [...this.#entered].filter((one) => !this.#recorded.has(one));
    for (const one of fresh) this.#recorded.add(one);
    const since = new Date().toISOString();
    return fresh.map((one) => ({ id: one.id, since, ...this.#of, always: namesOf(one) }));
  }

  isRecorded(cleanup: Cleanup): boolean {
    return this.#recorded.has(cleanup);
  }

  /** It was done. @returns the files to remove from the host's records */
  settle({ id }: Cleanup): readonly string[] {
    for (const one of this.#recorded) if (one.id === id) this.#recorded.delete(one);
    const files = [fileOf({ id, host: this.#of.host }), ...(this.#files.get(id) ?? [])];
    this.#files.delete(id);
    return [...new Set(files)];
  }

  /**
   * Takes over what an earlier run left.
   *
   * @param isOther whether a name belongs to another host of this run: this machine may have several names
   * @returns what is to be done, in order, and what is not this play's
   */
  adopt(
    debts: readonly FoundDebt[],
    isOther: (host: string) => boolean,
  ): { readonly due: readonly Cleanup[]; readonly others: readonly FoundDebt[] } {
    const isOurs = ({ id, host }: FoundDebt): boolean =>
      this.#all.some((one) => one.id === id) && !(host !== this.#of.host && isOther(host));
    for (const { id, file } of debts.filter(isOurs)) this.#files.set(id, [...(this.#files.get(id) ?? []), file]);
    return {
      due: this.#all.filter(
        (one, i) => this.#files.has(one.id) && this.#all.findIndex(({ id }) => id === one.id) === i,
      ),
      others: debts.filter((debt) => !isOurs(debt)),
    };
  }
}

/** Its tasks by name, as they may be written down: a name that was left to us holds what the task is about. */
function namesOf({ names }: Cleanup): string[] {
  const redactor = new Redactor();
  return names.map((name) => redactor.redact(name));
}

/** Whether two are the same block or task: those that tags left over are made anew, and hold the same tasks. */
function isSame(a: ListedItem, b: ListedItem): boolean {
  if ('task' in a) return a === b;
  if ('flush' in a || !('block' in b)) return false;
  return [...a.block, ...a.always].some((one) => [...b.block, ...b.always].some((other) => isSame(one, other)));
}
