import { BecomeFailed } from '../connection/index.ts';
import { type ListedBlock, type ListedItem, type ListedTask } from '../playbook/index.ts';
import { HostContext, type HostRunInput, type TaskKind } from './host-context.ts';
import type { HostVerdict } from './failure.ts';
import { ListRun } from './list-run.ts';
import { owedQuestion, type Owed } from './owed.ts';
import { readAhead } from './read-ahead.ts';

/** Runs one play on one host: its tasks in order, then the handlers they notified. */
export class HostRun {
  readonly #context: HostContext;

  constructor(input: HostRunInput) {
    this.#context = new HostContext(input);
  }

  async run(): Promise<HostVerdict> {
    const { tasks, forceHandlers } = this.#context.input;
    try {
      await readAhead(this.#context, tasks.tasks, 'task');
    } catch (error) {
      // Nothing was done yet: only who prepared for failures wants it to be one of a task.
      if (!(error instanceof BecomeFailed) || !tasks.items.some(isPrepared)) throw error;
    }
    this.#takeOverDebts();
    const verdict = await this.#runItems(tasks.items);
    if (verdict === 'interrupted' || (verdict === 'failed' && !forceHandlers)) return verdict;
    const handled = await this.#runHandlers();
    return verdict === 'ok' ? handled : verdict;
  }

  /** Tasks that stand next to one another run as one list, a block by itself. */
  async #runItems(items: readonly ListedItem[]): Promise<HostVerdict> {
    let list: ListedTask[] = [];
    for (const item of [...items, undefined]) {
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

  async #runList(list: readonly ListedTask[], kind: TaskKind): Promise<HostVerdict> {
    return list.length === 0 ? 'ok' : new ListRun(this.#context, list, kind).run();
  }

  async #runBlock({ block, rescue, always }: ListedBlock): Promise<HostVerdict> {
    if (rescue.length > 0) this.#context.rescues++;
    let verdict = await this.#runItems(block);
    if (rescue.length > 0) this.#context.rescues--;
    if (verdict === 'failed' && rescue.length > 0) verdict = await this.#runItems(rescue);
    if (verdict === 'interrupted') return verdict;
    const cleaned = await this.#runItems(always);
    return verdict === 'ok' ? cleaned : verdict;
  }

  async #runHandlers(): Promise<HostVerdict> {
    const { handlers, input } = this.#context;
    for (let due = handlers.take(); due.length > 0; due = handlers.take()) {
      const list = due.map((one) => one.listed);
      for (const { task } of list) input.results.delete(task);
      await readAhead(this.#context, list, 'handler');
      const verdict = await this.#runList(list, 'handler');
      if (verdict !== 'ok') {
        // A rescue may make it good: those behind the one that failed are still due then.
        handlers.notify(due.filter((one) => !input.results.has(one.listed.task)));
        return verdict;
      }
      const settled = handlers.settle(due);
      if (!input.check) await this.#context.settle(settled);
    }
    return 'ok';
  }

  /** Handlers that an earlier run left unpaid run in this one; those of other plays are told of. */
  #takeOverDebts(): void {
    const { session, account } = this.#context.records;
    const owed = session.state.answer(account, owedQuestion)?.answer;
    if (!Array.isArray(owed)) return;
    const others = this.#context.handlers.inherit(owed as Owed[]);
    for (const one of owed as Owed[]) {
      const when = `owed since ${one.since} by ${one.by}: ${one.id}`;
      this.#context.notice(others.includes(one) ? `${when} (play "${one.play}" will run it)` : `${when}; it ${this.#context.input.check ? 'would run' : 'runs'} now`);
    }
  }
}

/** Whether something is to happen when a task in it fails. */
function isPrepared(item: ListedItem): boolean {
  if ('flush' in item) return false;
  if ('task' in item) return Boolean(item.inherited.ignoreErrors);
  return item.rescue.length > 0 || item.always.length > 0 || item.block.some(isPrepared);
}
