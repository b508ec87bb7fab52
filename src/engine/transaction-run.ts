import { Unreachable } from '../connection/index.ts';
import { PlayError } from '../errors/index.ts';
import {
  flatten,
  notifiedBy,
  type ListedBlock,
  type ListedItem,
  type ListedTask,
  type ListedTransaction,
} from '../playbook/index.ts';
import { foldKept, keptFiles, recordsSubject, type FoldedFile, type KeptRecord } from '../probes/index.ts';
import type { TaskEvent } from './events.ts';
import type { HostVerdict } from './failure.ts';
import type { HostContext, Withheld } from './host-context.ts';
import type { TaskKind } from './host-run-input.ts';
import type { ListOptions } from './list-run.ts';
import { askAll } from './place.ts';
import { listedRestore } from './put-back.ts';
import { refusedTogether } from './together.ts';
import { Transaction } from './transactions.ts';
import { validated } from './validate.ts';

/** How the parts of a transaction are run. */
export interface Runs {
  list(list: readonly ListedTask[], kind: TaskKind, options?: ListOptions): Promise<HostVerdict>;
  items(items: readonly ListedItem[]): Promise<HostVerdict>;
  /** The handlers of these ids that are due. */
  handlers(ids: ReadonlySet<string>): Promise<HostVerdict>;
}

/** What handlers were due, and on record, when a transaction began. */
interface Before {
  readonly due: ReadonlySet<string>;
  readonly recorded: ReadonlySet<string>;
}

/**
 * One transaction on one host: its changes are checked together, made together, and what they notify is run and asked
 * whether it is well. Where anything of that fails, what was there before is put back, and the same is run and asked again.
 *
 * What is kept of the files is on record on the host before the first change, as handlers are that are owed. A run that was
 * killed leaves all of the old or all of the new (the host finishes the exchange it was sent), and the next one goes on to
 * the end: with the new, or back to what was there before the first of them.
 */
export class TransactionRun {
  readonly #context: HostContext;
  readonly #work: readonly ListedTask[];
  readonly #spec: ListedTransaction;
  readonly #runs: Runs;

  constructor(context: HostContext, { block }: ListedBlock, spec: ListedTransaction, runs: Runs) {
    this.#context = context;
    this.#work = block.flatMap(flatten);
    this.#spec = spec;
    this.#runs = runs;
  }

  async run(): Promise<HostVerdict> {
    const { handlers, input, openTransactions } = this.#context;
    if (input.check) return this.#foresee();
    const open = openTransactions.restoresOf(this.#spec.id);
    const { files } = await this.#kept(open);
    const transaction = new Transaction(
      this.#spec,
      this.#context.of,
      files.map(({ file }) => file),
      open.length,
    );
    this.#context.transaction = transaction;
    const before = { due: handlers.due, recorded: handlers.recorded() };
    try {
      // Ctrl-C in the midst of it would leave what only makes sense together half done.
      return await this.#context.unstoppable(() => this.#carryOut(transaction, before));
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      await this.#afterLoss(transaction, before);
      throw error;
    } finally {
      this.#context.transaction = undefined;
    }
  }

  /** Check mode: what is refused together is not reported one by one, as none of it would be changed. */
  async #foresee(): Promise<HostVerdict> {
    const isOpen = this.#context.openTransactions.restoresOf(this.#spec.id).length > 0;
    const planned = await this.#context.withhold(() => this.#runs.list(this.#work, 'task'));
    const isDue = isOpen || planned.told.some(({ changed, may }) => changed || may !== null);
    const refused = planned.verdict === 'ok' && isDue ? await this.#refused(planned) : undefined;
    for (const event of refused ?? planned.told) this.#context.tell(event);
    if (refused) return 'failed';
    if (planned.verdict !== 'ok') return planned.verdict;
    if (!isDue) return this.#skipRest();
    const reloaded = await this.#runs.handlers(this.#handlers());
    return reloaded === 'ok' ? this.#runs.items(this.#spec.healthy) : reloaded;
  }

  /** Check mode: checks all that is planned. @returns what to report if it is refused; else `planned.told` has it */
  async #refused({ told, unchecked }: Withheld): Promise<readonly TaskEvent[] | undefined> {
    for (const { turn, place, evaluation } of unchecked) {
      const checked = await validated(place, turn.listed, evaluation);
      if ('refused' in checked) return [turn.failure(checked.refused, evaluation.plan.changes)];
      const at = told.findIndex(({ task }) => task === turn.listed.name);
      const event = told[at];
      if (event) told[at] = { ...event, assumed: [...new Set([...event.assumed, ...checked.assumed])] };
    }
    const { validate } = this.#spec;
    if (validate === undefined) return undefined;
    const checked = await this.#context.withhold(() => this.#runs.list([validate], 'task'));
    if (checked.verdict !== 'ok') return checked.told.map((event) => refusedTogether(event, told));
    told.push(...checked.told);
    return undefined;
  }

  async #carryOut(transaction: Transaction, before: Before): Promise<HostVerdict> {
    const together = { validate: this.#spec.validate, isChecked: false };
    const verdict = await this.#runs.list(this.#work, 'task', { together });
    if (!transaction.isBegun) {
      await this.#finish(transaction);
      return verdict === 'ok' ? this.#skipRest() : verdict;
    }
    const came = verdict === 'ok' ? await this.#prove(transaction, together.isChecked) : verdict;
    if (came !== 'ok') return this.#putBack(transaction, before);
    await this.#finish(transaction);
    return 'ok';
  }

  /** What is in place now is checked, unless it was before, and used. */
  async #prove(transaction: Transaction, isChecked: boolean): Promise<HostVerdict> {
    const { validate, healthy } = this.#spec;
    if (validate !== undefined && !isChecked) {
      const verdict = await this.#runs.list([validate], 'task');
      if (verdict !== 'ok') return verdict;
    }
    transaction.isInUse = true;
    const reloaded = await this.#runs.handlers(this.#handlers());
    return reloaded === 'ok' ? this.#runs.items(healthy) : reloaded;
  }

  /** They run now and not at the end of the play. */
  #handlers(): ReadonlySet<string> {
    return notifiedBy(this.#work);
  }

  async #putBack(transaction: Transaction, before: Before): Promise<HostVerdict> {
    const { handlers, input } = this.#context;
    const { name, isInUse } = transaction;
    const [first] = this.#work;
    this.#context.transaction = undefined;
    const { files, folder } = await this.#kept(transaction.restores);
    if (first === undefined || files.length < transaction.restores.length + transaction.lacking)
      return this.#notRestored(name, 'the host does not have what was kept of the files any more');
    this.#context.notice(`"${name}" failed: what it changed is put back`);
    if ((await this.#runs.list([listedRestore(first, files, folder)], 'task')) !== 'ok')
      return this.#notRestored(name, 'the old state could not be put back');
    const notified = this.#work.flatMap(({ notify }) => notify);
    if (isInUse) {
      handlers.notify(notified);
      if ((await this.#runs.handlers(this.#handlers())) !== 'ok')
        return this.#notRestored(name, 'the files are as before, but whatever reads them still fails');
      for (const { task } of this.#spec.healthy.flatMap(flatten)) input.results.delete(task);
      if ((await this.#runs.items(this.#spec.healthy)) !== 'ok')
        return this.#notRestored(name, 'the files are as before, but that does not work either');
    } else handlers.forget(notified, before.due);
    await this.#context.clearRecords(handlers.cancelUnnotified(before.recorded));
    await this.#finish(transaction);
    this.#context.notice(`"${name}": all is as it was before${isInUse ? ', and well' : ''}`);
    return 'failed';
  }

  #notRestored(name: string, why: string): HostVerdict {
    this.#context.notice(
      `NOT RESTORED: "${name}": ${why}. See to it by hand. What was there before is kept on the host, and the next run of this playbook goes on from here.`,
    );
    return 'broken';
  }

  /** The connection was lost, and nobody knows how far it came. */
  async #afterLoss(transaction: Transaction, before: Before): Promise<void> {
    if (!transaction.isBegun) return;
    try {
      await this.#context.session.recover(this.#context.input.signal);
      transaction.isInUse = true;
      await this.#context.unstoppable(() => this.#putBack(transaction, before));
    } catch (again) {
      if (!(again instanceof PlayError)) throw again;
      this.#context.notice(
        `"${transaction.name}" was under way when the connection was lost: the next run of this playbook finishes it, or puts it back`,
      );
    }
  }

  /** Nothing of it is to be put back any more. */
  async #finish({ isRecorded }: Transaction): Promise<void> {
    const { openTransactions, session } = this.#context;
    if (isRecorded) await this.#context.clearFiles(openTransactions.settle(this.#spec.id, session.host));
  }

  #skipRest(): HostVerdict {
    const { validate, healthy } = this.#spec;
    for (const listed of [...(validate ? [validate] : []), ...healthy.flatMap(flatten)]) this.#context.skip(listed);
    return 'ok';
  }

  /** What the host kept under these numbers. */
  async #kept(
    restores: readonly { readonly run: string; readonly number: number }[],
  ): Promise<{ readonly files: readonly FoldedFile[]; readonly folder: string }> {
    const [first] = this.#work;
    if (restores.length === 0 || first === undefined) return { files: [], folder: '' };
    const place = this.#context.own(first);
    const { state } = place.session;
    const runs = [...new Set(restores.map(({ run }) => run))];
    state.expire([], [recordsSubject]);
    await askAll(runs.map((run) => ({ place, question: keptFiles(run) })));
    const records = runs.map((run) => state.answer(place.account, keptFiles(run))?.answer as KeptRecord);
    const isMeant = ({ run, number }: { run: string; number: number }): boolean =>
      restores.some((one) => one.run === run && one.number === number);
    return {
      files: foldKept(records.flatMap(({ files }) => files.filter(isMeant))),
      // Those of several runs lie in several folders: nothing is shown of them then.
      folder: records.length === 1 ? (records[0]?.folder ?? '') : '',
    };
  }
}
