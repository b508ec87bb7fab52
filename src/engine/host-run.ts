import { BecomeFailed, Unreachable } from '../connection/index.ts';
import { PlayError } from '../errors/index.ts';
import {
  notifiedBy,
  type Cleanup,
  type ListedBlock,
  type ListedItem,
  type ListedTask,
  type ListedTransaction,
} from '../playbook/index.ts';
import { holdsFolder, holdText } from '../probes/index.ts';
import { runConfirmed } from './commit-confirm/block.ts';
import { settleUnconfirmed } from './commit-confirm/unconfirmed.ts';
import { criticalOf, deadManText, freshCritical } from './deploy-window.ts';
import type { TaskEvent } from './events.ts';
import type { HostVerdict } from './failure.ts';
import { ForecastSession } from './forecast-session.ts';
import { Forecast } from './forecast.ts';
import { HostContext } from './host-context.ts';
import { isRecords, recordsQuestion } from './host-records.ts';
import type { HostRunInput, TaskKind } from './host-run-input.ts';
import { ListRun, type ListOptions } from './list-run.ts';
import { OnceRegistry } from './once.ts';
import { debtName, debtText, type FoundDebt } from './owed.ts';
import { askHolds, readAhead } from './read-ahead.ts';
import { TransactionRun } from './transaction-run.ts';

/** Runs one play on one host: its tasks in order, then the handlers they notified. */
export class HostRun {
  readonly #context: HostContext;
  /** The host was lost and could not be reached again. */
  #isGone = false;

  constructor(input: HostRunInput) {
    const { session, play } = input;
    const forecast = input.foretells ? new Forecast({ host: session.host, play }, () => this.#foretell()) : undefined;
    this.#context = new HostContext(input, forecast);
  }

  async run(): Promise<HostVerdict> {
    let isWhole = false;
    try {
      const verdict = await this.#run();
      isWhole = verdict === 'ok';
      if (verdict !== 'held') await this.#tellDeadMan();
      return verdict;
    } finally {
      const { forecast, input } = this.#context;
      if (forecast !== undefined) input.listener(await forecast.end(isWhole));
    }
  }

  /** What check mode would say, as far as the host has answered by now. */
  #foretell(): () => Promise<readonly TaskEvent[]> {
    const { input } = this.#context;
    const { session, tasks, results } = input;
    const said: TaskEvent[] = [];
    // What asks, waits or refuses is for the run itself.
    const { pace: _, confirm: _confirm, refuse: _refuse, ask: _ask, ...same } = input;
    const run = new HostRun({
      ...same,
      session: new ForecastSession(session),
      results: new Map(results),
      check: true,
      foretells: false,
      isForecast: true,
      signal: undefined,
      listener: (event) => void ((event.event === 'task' || event.event === 'handler') && said.push(event)),
      once: new OnceRegistry([session.host], () => tasks.tasks.length > 0),
      sessionOf: () => Promise.reject(new Error('a forecast connects to nothing')),
      throttled: (_key, _most, job) => job(),
    });
    return async () => {
      await run.run();
      return said;
    };
  }

  async #run(): Promise<HostVerdict> {
    const { tasks, forceHandlers } = this.#context.input;
    try {
      await readAhead(this.#context, tasks.tasks, 'task');
    } catch (error) {
      // Nothing was done yet: only where the play prepared for failures does it count as a task's failure.
      if (!(error instanceof BecomeFailed) || !tasks.items.some(isPrepared)) throw error;
    }
    if (await this.#isHeld()) return 'held';
    // Before what is put back makes doubtful all that was found, the records among it.
    const debts = this.#takeOverDebts();
    await settleUnconfirmed(this.#context);
    await this.#pay(debts);
    const verdict = await this.#runItems(tasks.items);
    if (verdict === 'interrupted' || verdict === 'broken' || (verdict === 'failed' && !forceHandlers)) return verdict;
    await this.#context.input.pace?.('handlers');
    const handled = await this.#runHandlers();
    return verdict === 'ok' ? handled : verdict;
  }

  /** Once the host was changed: by when its critical jobs must have shown that they still work. */
  async #tellDeadMan(): Promise<void> {
    const { records, session, input, window } = this.#context;
    const jobs = criticalOf(records)?.jobs ?? [];
    if (input.check || jobs.length === 0 || !window.isPassed(records)) return;
    const found = await freshCritical(records);
    if (found === undefined) return;
    const told = (session.run.told ??= new Set());
    for (const job of found.jobs) {
      const key = `${session.host}\0${job.name}`;
      if (!told.has(key)) this.#context.notice(deadManText(job, session.host, found));
      told.add(key);
    }
  }

  /** Whether an operator wants this host left alone, and we shall. */
  async #isHeld(): Promise<boolean> {
    const { session, input, records } = this.#context;
    // Where root is refused, the login user reads it as well.
    const place = session.refusal(records.account) === undefined ? records : { session, account: '' };
    await askHolds(place);
    const { holds = [], isDistrusted } = session.holds ?? {};
    if (session.holds === undefined || isDistrusted)
      this.#context.notice(
        `it is not known whether the host is held: ${isDistrusted ? `${holdsFolder} is not root's alone to write` : 'it did not say'}`,
      );
    const hold = holds.find(({ unit }) => unit === undefined);
    if (hold === undefined) return false;
    if (input.ignoreHold) await this.#context.overrule(hold, place);
    else input.listener({ event: 'held', host: session.host, play: input.play, hold, text: holdText(hold) });
    return !input.ignoreHold;
  }

  /** Neighbouring tasks run as one list, a block by itself; where hosts keep pace, each task is a list. */
  async #runItems(items: readonly ListedItem[]): Promise<HostVerdict> {
    const { pace } = this.#context.input;
    let list: ListedTask[] = [];
    for (const item of [...items, undefined]) {
      if (pace && list.length > 0) {
        const verdict = await this.#runList(list, 'task');
        list = [];
        if (verdict !== 'ok') return verdict;
      }
      if (item && !('block' in item)) await pace?.({ item });
      if (item && 'task' in item && !item.task.body.resource.flushesHandlers) {
        list.push(item);
        continue;
      }
      const before = await this.#runList(list, 'task');
      list = [];
      if (before !== 'ok') return before;
      if (!item) continue;
      const verdict = 'block' in item ? await this.#runBlock(item) : await this.#runHandlers();
      if (verdict !== 'ok') return verdict;
    }
    return 'ok';
  }

  async #runList(list: readonly ListedTask[], kind: TaskKind, options?: ListOptions): Promise<HostVerdict> {
    return list.length === 0 ? 'ok' : new ListRun(this.#context, list, kind, options).run();
  }

  async #runBlock(listed: ListedBlock): Promise<HostVerdict> {
    const { always } = listed;
    // A block that never started has nothing to clean up.
    if (this.#context.signal?.aborted) {
      const tasks = tasksOf(listed);
      this.#context.notice(`interrupted: ${tasks.length} left of this play, from "${tasks[0]?.name ?? ''}" on`);
      return 'interrupted';
    }
    if (listed.transaction) return this.#runTransaction(listed, listed.transaction);
    if (always.length === 0) return this.#runRescued(listed);
    const { input, cleanups } = this.#context;
    const cleanup = input.check ? undefined : cleanups.enter(always);
    try {
      const verdict = await this.#runRescued(listed).catch((error: unknown) => this.#afterLoss(always, cleanup, error));
      if (verdict === 'interrupted' && input.check) return verdict;
      if (verdict === 'interrupted')
        this.#context.notice(`interrupted: the "always" tasks of its block run first (${namesOf(always)})`);
      const cleaned = await this.#clean(always, cleanup);
      return verdict === 'ok' ? cleaned : verdict;
    } finally {
      if (cleanup !== undefined) cleanups.leave(cleanup);
    }
  }

  async #runTransaction(listed: ListedBlock, spec: ListedTransaction): Promise<HostVerdict> {
    return new TransactionRun(this.#context, listed, spec, {
      list: (list, kind, options) => this.#runList(list, kind, options),
      items: (items) => this.#runItems(items),
      handlers: (ids) => this.#runHandlers(ids),
    }).run();
  }

  /** What a block does always. Where that fails, it stays owed. */
  async #clean(always: readonly ListedItem[], cleanup: Cleanup | undefined): Promise<HostVerdict> {
    const cleaned = await this.#context.unstoppable(() => this.#runItems(always));
    if (cleanup !== undefined && this.#context.cleanups.isRecorded(cleanup)) {
      if (cleaned === 'ok') await this.#context.settle(cleanup);
      else
        this.#context.notice(
          `the "always" tasks of its block stay owed (${namesOf(always)}): the next run of this playbook begins with them`,
        );
    }
    return cleaned;
  }

  async #runRescued(listed: ListedBlock): Promise<HostVerdict> {
    const { rescue } = listed;
    if (rescue.length === 0) return this.#runConfirmed(listed);
    const owed = this.#context.handlers.recorded();
    this.#context.rescues++;
    const verdict = await this.#runConfirmed(listed).finally(() => this.#context.rescues--);
    if (verdict !== 'failed') return verdict;
    const rescued = await this.#runItems(rescue);
    // A change that failed and was rescued notified nobody.
    if (rescued === 'ok') await this.#context.clearRecords(this.#context.handlers.cancelUnnotified(owed));
    return rescued;
  }

  /** The tasks of a block and, where what they change has to be confirmed, the handlers they notify. */
  async #runConfirmed({ block, commitConfirmed }: ListedBlock): Promise<HostVerdict> {
    if (commitConfirmed === undefined || this.#context.guard !== undefined) return this.#runItems(block);
    return await runConfirmed(this.#context, commitConfirmed, async () => {
      const verdict = await this.#runItems(block);
      return verdict === 'ok' ? await this.#runHandlers(notifiedBy(block)) : verdict;
    });
  }

  /**
   * The host is lost inside a block: its `always` tasks run over a new connection, and the loss is reported as before.
   */
  async #afterLoss(always: readonly ListedItem[], cleanup: Cleanup | undefined, error: unknown): Promise<never> {
    if (!(error instanceof Unreachable) || this.#context.input.check) throw error;
    const { session, input } = this.#context;
    try {
      if (this.#isGone) throw error;
      await session.recover(input.signal);
      this.#context.notice(
        `the connection was lost and is back: the "always" tasks of its block run now (${namesOf(always)})`,
      );
      const verdict = await this.#clean(always, cleanup);
      if (verdict !== 'ok') this.#context.notice(`not all "always" tasks of its block were done (${namesOf(always)})`);
    } catch (again) {
      if (!(again instanceof PlayError)) throw again;
      this.#isGone = true;
      const undone = await this.#cleanElsewhere(always);
      if (undone.length > 0)
        this.#context.notice(
          `lost and not reachable again, so the "always" tasks of its block were not done: ${namesOf(undone)}. Run again, or do them by hand.`,
        );
    }
    throw error;
  }

  /** The host is gone: what is delegated to another one can be done all the same. @returns what was not done */
  async #cleanElsewhere(always: readonly ListedItem[]): Promise<readonly ListedItem[]> {
    const { session, cleanups } = this.#context;
    const isElsewhere = ({ inherited: { delegateTo = session.host } }: ListedTask): boolean =>
      delegateTo !== session.host;
    cleanups.isSuspended = true;
    const undone: ListedItem[] = [];
    for (const item of always) {
      const tasks = tasksOf(item);
      const verdict = tasks.every(isElsewhere)
        ? await this.#context
            .unstoppable(() => this.#runItems([item]))
            .catch((error: unknown) => {
              if (error instanceof PlayError) return 'failed';
              throw error;
            })
        : 'failed';
      if (verdict !== 'ok') undone.push(item);
    }
    return undone;
  }

  /** @param among by their ids; default: all that are due */
  async #runHandlers(among?: ReadonlySet<string>): Promise<HostVerdict> {
    const { handlers, input } = this.#context;
    for (let due = handlers.take(among); due.length > 0; due = handlers.take(among)) {
      const list = due.map((one) => one.listed);
      for (const { task } of list) input.results.delete(task);
      await readAhead(this.#context, list, 'handler');
      const verdict = await this.#runHandlerList(list);
      if (verdict !== 'ok') {
        // A rescue may recover from it: handlers behind the failed one are still due then.
        handlers.giveBack(due.filter((one) => !input.results.has(one.listed.task)));
        return verdict;
      }
      const settled = handlers.clear(due);
      if (!input.check) await this.#context.clearRecords(settled);
    }
    return 'ok';
  }

  async #runHandlerList(list: readonly ListedTask[]): Promise<HostVerdict> {
    const { pace } = this.#context.input;
    if (pace === undefined) return this.#runList(list, 'handler');
    for (const listed of list) {
      await pace({ handler: listed.key });
      const verdict = await this.#runList([listed], 'handler');
      if (verdict !== 'ok') return verdict;
    }
    return 'ok';
  }

  /**
   * What an earlier run left pending is done by this one; what is other plays' is reported. @returns what blocks are to
   * do first
   */
  #takeOverDebts(): readonly Cleanup[] {
    const { session, account } = this.#context.records;
    const records = session.state.answer(account, recordsQuestion)?.answer;
    if (!isRecords(records)) return [];
    const { handlers, cleanups, openTransactions, input } = this.#context;
    const open = openTransactions.adopt(
      records.debts.filter((one) => one.transaction !== undefined),
      session.host,
      input.isKnown,
    );
    const others = handlers.adopt(
      records.debts.filter((one) => one.always === undefined && one.transaction === undefined),
      input.isKnown,
    );
    const blocks = cleanups.adopt(
      records.debts.filter((one) => one.always !== undefined),
      input.isKnown,
    );
    for (const one of records.debts) {
      const isOthers = others.includes(one) || blocks.others.includes(one) || open.includes(one);
      const when = one.transaction ? 'at its place' : one.always === undefined ? "with this run's handlers" : 'first';
      this.#context.notice(
        `${debtText(one, session.host)}${isOthers ? this.#whoPays(one) : `; it ${input.check ? 'would run' : 'runs'} ${when}`}`,
      );
    }
    return blocks.due;
  }

  #whoPays(debt: FoundDebt): string {
    const { playOf, playbook } = this.#context.input;
    const play = debt.always === undefined && debt.transaction === undefined ? debt.play : playOf(debt.id);
    if (play !== undefined) return ` (play "${play}" will run it)`;
    if (debt.playbook !== playbook) return ` (the next run of ${debt.playbook ?? debt.play} will run it)`;
    return `; this playbook no longer has that ${debt.transaction ? 'transaction' : 'block'}. Do it by hand, then: play owed ${this.#context.session.host} --drop ${debtName(debt)}`;
  }

  /**
   * Does first what blocks owe since an earlier run ended in the midst of them. What fails stays owed and does not stop the
   * run, which may be what mends it.
   */
  async #pay(due: readonly Cleanup[]): Promise<void> {
    for (const cleanup of due) {
      this.#context.rescues++;
      const verdict = await this.#context
        .unstoppable(() => this.#runItems(cleanup.items.map(onEachHost)))
        .finally(() => this.#context.rescues--);
      if (this.#context.input.check) continue;
      if (verdict === 'ok') await this.#context.settle(cleanup);
      else this.#context.notice(`still owed: ${namesOf(cleanup.items)}`);
    }
  }
}

/** Of an earlier run each host owes its own: that one of them ran it once is nothing to the play, which runs it again. */
function onEachHost(item: ListedItem): ListedItem {
  if ('flush' in item) return item;
  if ('task' in item) return { ...item, inherited: { ...item.inherited, runOnce: false } };
  return {
    ...item,
    block: item.block.map(onEachHost),
    rescue: item.rescue.map(onEachHost),
    always: item.always.map(onEachHost),
  };
}

/** The tasks by name, as many as fit on a line. */
function namesOf(items: readonly ListedItem[]): string {
  const names = items.flatMap(tasksOf).map(({ name }) => `"${name}"`);
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`;
}

function tasksOf(item: ListedItem): ListedTask[] {
  if ('flush' in item) return [];
  return 'task' in item ? [item] : [...item.block, ...item.always].flatMap(tasksOf);
}

/** Whether the block has something to do when one of its tasks fails. */
function isPrepared(item: ListedItem): boolean {
  if ('flush' in item) return false;
  if ('task' in item) return Boolean(item.inherited.ignoreErrors);
  return item.rescue.length > 0 || item.always.length > 0 || item.block.some(isPrepared);
}
