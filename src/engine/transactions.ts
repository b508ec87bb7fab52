import { transactionIds, type HostTasks, type ListedTransaction } from '../playbook/index.ts';
import type { FileTouch, KeptFile, KeptState } from '../probes/index.ts';
import { Redactor } from '../secrets/index.ts';
import { fileOf, type FoundDebt, type Owed, type OwedTransaction } from './owed.ts';
import type { PendingChange } from './pack.ts';
import type { Sent } from './sender.ts';

type Ref = OwedTransaction['restores'][number];

/** A transaction that is under way on one host: what of its files was there before. */
export class Transaction {
  readonly name: string;
  readonly #id: string;
  readonly #of: Pick<Owed, 'play' | 'host' | 'by' | 'playbook'>;
  /** What an earlier run left when it ended in the midst of it, by path. */
  readonly #before: Map<string, KeptFile>;
  readonly #refs = new Map<string, Ref>();
  #recorded = 0;
  readonly #isOpen: boolean;
  /** How many of what an earlier run kept the host does not have any more. */
  readonly lacking: number;
  /** Something was switched, or may have been. */
  isBegun = false;
  /** What reads the files may have read the new ones. */
  isInUse = false;

  constructor(
    { id, name }: ListedTransaction,
    of: Pick<Owed, 'play' | 'host' | 'by' | 'playbook'>,
    before: readonly KeptFile[],
    open: number,
  ) {
    this.#id = id;
    this.name = new Redactor().redact(name);
    this.#of = of;
    this.#before = new Map(before.map((file) => [file.path, file]));
    for (const { path, run, number } of before) this.#refs.set(path, { run, number });
    this.lacking = open - before.length;
    this.#isOpen = open > 0;
    this.isBegun = this.#isOpen;
  }

  /** These are kept before they are changed. What an earlier run made of a path is not what was there before. */
  add(
    numbers: readonly { readonly path: string; readonly number: number }[],
    run: string,
    files: readonly FileTouch[],
  ): void {
    for (const { path, number } of numbers) {
      const now = files.find((file) => file.path === path);
      const left = this.#before.get(path);
      this.#before.delete(path);
      if (this.#refs.has(path) && (left === undefined || (now !== undefined && isLeft(left.after, now)))) continue;
      this.#refs.set(path, { run, number });
      this.#recorded = 0;
    }
  }

  /** What must be on record on the host before a change of it; empty where it is already. */
  owed(): Owed[] {
    if (this.#refs.size === this.#recorded) return [];
    this.#recorded = this.#refs.size;
    const transaction = { name: this.name, restores: this.restores };
    return [{ id: this.#id, since: new Date().toISOString(), ...this.#of, transaction }];
  }

  get restores(): readonly Ref[] {
    return [...this.#refs.values()];
  }

  get isRecorded(): boolean {
    return this.#recorded > 0 || this.#isOpen;
  }
}

/** Sends changes, and knows then whether anything of them may have been made. @param checks how many come first that change nothing */
export async function switching(
  transaction: Transaction | undefined,
  changes: readonly PendingChange[],
  checks: number,
  send: () => Promise<readonly Sent[]>,
): Promise<readonly Sent[]> {
  if (transaction === undefined) return send();
  const wasBegun = transaction.isBegun;
  transaction.isBegun ||= changes.some(({ plan }) => !plan.quiet);
  const sent = await send();
  const first = sent[checks];
  if (first === undefined || first.failure?.nothingDone) transaction.isBegun = wasBegun;
  return sent;
}

/** Whether a path is as an earlier run left it. */
function isLeft(after: KeptState, { now }: FileTouch): boolean {
  switch (after.is) {
    case 'absent':
      return now.owner === undefined;
    case 'file':
      return now.hash === after.hash;
    case 'link':
      return now.target === after.target;
    case 'directory':
      return now.owner !== undefined && now.hash === undefined;
    default:
      return true;
  }
}

/** The transactions of a play on one host that earlier runs did not finish. */
export class OpenTransactions {
  readonly #ids: ReadonlySet<string>;
  readonly #debts = new Map<string, FoundDebt[]>();

  constructor({ items }: Pick<HostTasks, 'items'>) {
    this.#ids = new Set(transactionIds(items));
  }

  /** @returns those that are not of this play, or of another host of this name */
  adopt(debts: readonly FoundDebt[], host: string, isOther: (host: string) => boolean): readonly FoundDebt[] {
    const isOurs = (debt: FoundDebt): boolean => this.#ids.has(debt.id) && !(debt.host !== host && isOther(debt.host));
    for (const debt of debts.filter(isOurs)) this.#debts.set(debt.id, [...(this.#debts.get(debt.id) ?? []), debt]);
    return debts.filter((debt) => !isOurs(debt));
  }

  /** What is kept since one of them was begun. */
  restoresOf(id: string): readonly Ref[] {
    return (this.#debts.get(id) ?? []).flatMap(({ transaction }) => transaction?.restores ?? []);
  }

  /** It is finished. @returns the files to remove from the host's records */
  settle(id: string, host: string): readonly string[] {
    const files = [fileOf({ id, host }), ...(this.#debts.get(id) ?? []).map(({ file }) => file)];
    this.#debts.delete(id);
    return [...new Set(files)];
  }
}
