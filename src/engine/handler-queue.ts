import type { ListedHandler, ListedTask } from '../playbook/index.ts';
import { isSolo } from './judge.ts';
import { fileOf, type FoundDebt, type Owed } from './owed.ts';

/** Which handlers are due on one host, and which debts its records hold. */
export class HandlerQueue {
  readonly #order: readonly ListedHandler[];
  readonly #due = new Set<string>();
  /** Check mode: handlers that may or may not run, and why. */
  readonly #maybe = new Map<string, string>();
  /** Of those taken. */
  #doubtful: ReadonlyMap<string, string> = new Map();
  /** Those that another one runs instead of, which was taken with them. */
  #spared: ReadonlyMap<ListedHandler, ListedHandler> = new Map();
  readonly #owed = new Set<string>();
  /** Due only because of earlier runs. */
  readonly #adopted = new Set<string>();
  /** Those that cannot run on the host as it is, or whose unit is held: they stay owed. */
  readonly #left = new Set<string>();
  /** The files of the host's records in which a debt was found, by handler. */
  readonly #files = new Map<string, string[]>();
  readonly #of: Pick<Owed, 'play' | 'host' | 'by'>;

  constructor(order: readonly ListedHandler[], of: Pick<Owed, 'play' | 'host' | 'by'>) {
    this.#order = order;
    this.#of = of;
  }

  notify(handlers: readonly ListedHandler[]): void {
    for (const one of handlers) {
      this.#due.add(one.id);
      this.#adopted.delete(one.id);
    }
  }

  /** Check mode: a task that may change something may notify these. */
  mayNotify(handlers: readonly ListedHandler[], why: string): void {
    for (const one of handlers) if (!this.#maybe.has(one.id)) this.#maybe.set(one.id, why);
  }

  /** Check mode: why it is not known whether a due handler runs. */
  mayRun(listed: ListedTask): string | undefined {
    const one = this.#order.find((handler) => handler.listed === listed);
    return one && this.#doubtful.get(one.id);
  }

  /** What must be recorded before a change that notifies these. */
  record(handlers: readonly ListedHandler[]): Owed[] {
    const fresh = [...new Set(handlers.map((one) => one.id))].filter((id) => !this.#owed.has(id));
    for (const id of fresh) this.#owed.add(id);
    const since = new Date().toISOString();
    return fresh.map((id) => ({ id, since, ...this.#of }));
  }

  /**
   * Takes over what an earlier run left.
   * @param isOther whether a name belongs to another host of this run: this machine may have several names
   * @returns what belongs to other plays, or to other names of this machine
   */
  adopt(owed: readonly FoundDebt[], isOther: (host: string) => boolean): FoundDebt[] {
    const known = new Set(this.#order.map((one) => one.id));
    const isOurs = (one: FoundDebt): boolean => known.has(one.id) && !(one.host !== this.#of.host && isOther(one.host));
    for (const one of owed) {
      if (!isOurs(one)) continue;
      this.#files.set(one.id, [...(this.#files.get(one.id) ?? []), one.file]);
      this.#due.add(one.id);
      this.#owed.add(one.id);
      this.#adopted.add(one.id);
    }
    return owed.filter((one) => !isOurs(one));
  }

  /** Where the host's records keep these debts. */
  filesOf(ids: readonly string[]): string[] {
    return ids.flatMap((id) => [...new Set([fileOf({ id, host: this.#of.host }), ...(this.#files.get(id) ?? [])])]);
  }

  /**
   * Leaves a debt to a later run, where only earlier runs want it paid. @returns its id; undefined where this run's own
   * changes want it too
   */
  leave(listed: ListedTask): string | undefined {
    const id = this.#order.find((one) => one.listed === listed)?.id;
    if (id === undefined || !this.#adopted.has(id)) return undefined;
    this.#left.add(id);
    return id;
  }

  /** A handler whose unit is held stays owed. */
  keep(listed: ListedTask): void {
    const id = this.#order.find((one) => one.listed === listed)?.id;
    if (id !== undefined) this.#left.add(id);
  }

  /**
   * The handlers now due, in their order; they count as taken, and so do those that one of them runs instead of.
   *
   * @param among default: all
   */
  take(among: ReadonlySet<string> | undefined): ListedHandler[] {
    const due = this.#order.filter(({ id }) => (among?.has(id) ?? true) && (this.#due.has(id) || this.#maybe.has(id)));
    const doubtful = new Map([...this.#maybe].filter(([id]) => !this.#due.has(id)));
    for (const { id } of due) {
      this.#due.delete(id);
      this.#maybe.delete(id);
    }
    const spared = new Map<ListedHandler, ListedHandler>();
    for (const one of due) {
      // One with a condition may be skipped.
      const others = due.filter(
        ({ handler, listed }) => handler.insteadOf.includes(one.handler) && listed.conditions.length === 0,
      );
      const sure = others.find(({ id }) => !doubtful.has(id));
      const [maybe] = others;
      if (sure) spared.set(one, sure);
      else if (maybe && !doubtful.has(one.id)) doubtful.set(one.id, `only if "${maybe.listed.name}" does not run`);
    }
    this.#doubtful = doubtful;
    this.#spared = spared;
    return due.filter((one) => !spared.has(one));
  }

  /** Handlers, with those that they run instead of, and these instead of others. */
  #withSpared(handlers: readonly ListedHandler[]): readonly ListedHandler[] {
    const spared = [...this.#spared].flatMap(([one, other]) => (handlers.includes(other) ? [one] : []));
    return spared.length === 0 ? handlers : [...handlers, ...this.#withSpared(spared)];
  }

  /** Handlers that did not run after all are due again. */
  giveBack(handlers: readonly ListedHandler[]): void {
    this.notify(this.#withSpared(handlers));
  }

  /** Those that are due now. */
  get due(): ReadonlySet<string> {
    return new Set(this.#due);
  }

  /** These are not due any more, unless they were before. */
  forget(handlers: readonly ListedHandler[], before: ReadonlySet<string>): void {
    for (const { id } of handlers) if (!before.has(id)) this.#due.delete(id);
  }

  /** Whatever became due since `before` is not due any more. */
  forgetSince(before: ReadonlySet<string>): void {
    for (const id of this.#due) if (!before.has(id)) this.#due.delete(id);
  }

  /** Debts of changes that were not made. @returns the ids to remove from the host's records */
  cancel(ids: readonly string[]): readonly string[] {
    for (const id of ids) this.#owed.delete(id);
    return ids;
  }

  /** What the host's records hold by now. */
  recorded(): ReadonlySet<string> {
    return new Set(this.#owed);
  }

  /**
   * Debts recorded since `before` for handlers that turned out not to be due. @returns the ids to remove from the
   * host's records
   */
  cancelNew(handlers: readonly ListedHandler[], before: ReadonlySet<string>): readonly string[] {
    return this.cancel(
      handlers.map((one) => one.id).filter((id) => this.#owed.has(id) && !before.has(id) && !this.#due.has(id)),
    );
  }

  /**
   * Debts recorded since `before` that nothing notified in the end. @returns the ids to remove from the host's records
   */
  cancelUnnotified(before: ReadonlySet<string>): readonly string[] {
    return this.cancel([...this.#owed].filter((id) => !before.has(id) && !this.#due.has(id)));
  }

  /**
   * The debt that is paid once this handler's own steps have succeeded; undefined where something still wants it, or
   * where others judge its outcome.
   * @param notified the handlers that may be notified by what is sent with it
   */
  paidBy(listed: ListedTask, notified: readonly ListedHandler[]): Owed | undefined {
    const id = this.#order.find((one) => one.listed === listed)?.id;
    if (
      id === undefined ||
      !this.#owed.has(id) ||
      this.#due.has(id) ||
      this.#left.has(id) ||
      isSolo(listed) ||
      notified.some((one) => one.id === id)
    )
      return undefined;
    return { id, since: new Date().toISOString(), ...this.#of };
  }

  /** Marks debts as paid. @returns the ids to remove from the host's records */
  clear(handlers: readonly ListedHandler[]): string[] {
    const paid = this.#withSpared(handlers.filter(({ id }) => !this.#left.has(id)))
      .map((one) => one.id)
      .filter((id) => this.#owed.has(id) && !this.#due.has(id) && !this.#left.has(id));
    for (const id of paid) this.#owed.delete(id);
    return paid;
  }
}
