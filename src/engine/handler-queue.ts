import type { ListedHandler, ListedTask } from '../playbook/index.ts';
import { owedQuestion, type Owed } from './owed.ts';
import type { Place, PlacedQuestion } from './place.ts';

/** Which handlers are due on one host, and which debts its records hold. */
export class HandlerQueue {
  readonly #order: readonly ListedHandler[];
  readonly #due = new Set<string>();
  /** Check mode: handlers of which it is not known whether they run, and why. */
  readonly #maybe = new Map<string, string>();
  /** Of those taken. */
  #doubtful: ReadonlyMap<string, string> = new Map();
  readonly #owed = new Set<string>();
  /** Due for the sake of earlier runs alone. */
  readonly #inherited = new Set<string>();
  /** Of these, those that cannot run as the host is: they stay owed. */
  readonly #left = new Set<string>();
  readonly #play: string;
  readonly #by: string;

  constructor(order: readonly ListedHandler[], play: string, by: string) {
    this.#order = order;
    this.#play = play;
    this.#by = by;
  }

  notify(handlers: readonly ListedHandler[]): void {
    for (const one of handlers) {
      this.#due.add(one.id);
      this.#inherited.delete(one.id);
    }
  }

  /** Check mode: a task that may change something may notify these. */
  mayNotify(handlers: readonly ListedHandler[], why: string): void {
    for (const one of handlers) if (!this.#maybe.has(one.id)) this.#maybe.set(one.id, why);
  }

  /** Check mode: why it is not known whether a handler that is due runs. */
  mayRun(listed: ListedTask): string | undefined {
    const one = this.#order.find((handler) => handler.listed === listed);
    return one && this.#doubtful.get(one.id);
  }

  /** What must be recorded before a change that notifies these. */
  owe(handlers: readonly ListedHandler[]): Owed[] {
    const fresh = [...new Set(handlers.map((one) => one.id))].filter((id) => !this.#owed.has(id));
    for (const id of fresh) this.#owed.add(id);
    const since = new Date().toISOString();
    return fresh.map((id) => ({ id, play: this.#play, since, by: this.#by }));
  }

  /** What to ask the host about debts of earlier runs. */
  questions(place: Place): PlacedQuestion[] {
    return place.session.state.answer(place.account, owedQuestion) ? [] : [{ place, question: owedQuestion }];
  }

  /** Takes over what an earlier run left. @returns what belongs to other plays */
  inherit(owed: readonly Owed[]): Owed[] {
    const ours = new Set(this.#order.map((one) => one.id));
    for (const one of owed) {
      if (!ours.has(one.id)) continue;
      this.#due.add(one.id);
      this.#owed.add(one.id);
      this.#inherited.add(one.id);
    }
    return owed.filter((one) => !ours.has(one.id));
  }

  /** Leaves a debt for a later run, where only earlier runs want it paid. @returns its id; undefined where this run's own changes want it too */
  leave(listed: ListedTask): string | undefined {
    const id = this.#order.find((one) => one.listed === listed)?.id;
    if (id === undefined || !this.#inherited.has(id)) return undefined;
    this.#left.add(id);
    return id;
  }

  /** The handlers now due, in their order; they count as taken. */
  take(): ListedHandler[] {
    const due = this.#order.filter((one) => this.#due.has(one.id) || this.#maybe.has(one.id));
    this.#doubtful = new Map([...this.#maybe].filter(([id]) => !this.#due.has(id)));
    this.#due.clear();
    this.#maybe.clear();
    return due;
  }

  /** Debts of changes that did not take place. @returns the ids to remove from the host's records */
  forgive(ids: readonly string[]): readonly string[] {
    for (const id of ids) this.#owed.delete(id);
    return ids;
  }

  /** What is on the host's records by now. */
  owed(): ReadonlySet<string> {
    return new Set(this.#owed);
  }

  /** Debts recorded since `before` for handlers that are not due after all. @returns the ids to remove from the host's records */
  forgiveNew(handlers: readonly ListedHandler[], before: ReadonlySet<string>): readonly string[] {
    return this.forgive(handlers.map((one) => one.id).filter((id) => this.#owed.has(id) && !before.has(id) && !this.#due.has(id)));
  }

  /** Debts recorded since `before` that nobody notified after all. @returns the ids to remove from the host's records */
  forgiveUnnotified(before: ReadonlySet<string>): readonly string[] {
    return this.forgive([...this.#owed].filter((id) => !before.has(id) && !this.#due.has(id)));
  }

  /** Marks debts as paid. @returns the ids to remove from the host's records */
  settle(handlers: readonly ListedHandler[]): string[] {
    const paid = handlers.map((one) => one.id).filter((id) => this.#owed.has(id) && !this.#due.has(id) && !this.#left.has(id));
    for (const id of paid) this.#owed.delete(id);
    return paid;
  }
}
