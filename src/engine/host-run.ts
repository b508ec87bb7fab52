import { ConnectionLost, type LaneReply } from '../connection/index.ts';
import { PlayError } from '../errors/index.ts';
import type { HostTasks, ListedTask, Plan, StepOutput } from '../playbook/index.ts';
import type { Question } from '../probes/index.ts';
import { askStaged, isStaged } from './ask-staged.ts';
import { stepOutput, type PendingChange } from './batch.ts';
import { evaluate, openResult, type Evaluation, type Results } from './evaluate.ts';
import type { Listener, TaskEvent } from './events.ts';
import { failureEvent, outputOf, taskEvent, type EventBase } from './task-event.ts';
import type { AccountQuestion, HostSession } from './host-session.ts';
import { HandlerQueue } from './handler-queue.ts';
import { owedQuestion, recordOwed, settleOwed, type Owed } from './owed.ts';
import { packSteps, unpackReplies } from './pack.ts';
import { validateStaged } from './validate.ts';

export interface HostRunInput {
  readonly session: HostSession;
  readonly play: string;
  readonly tasks: HostTasks;
  readonly check: boolean;
  readonly results: Results;
  readonly listener: Listener;
  readonly signal: AbortSignal | undefined;
  /** `bob@laptop`, for what is recorded on the host. */
  readonly by: string;
}

/** How one host came out of a play. */
export type HostVerdict = 'ok' | 'failed' | 'interrupted';

/** Runs one play on one host: its tasks in order, then the handlers they notified. */
export class HostRun {
  readonly #input: HostRunInput;
  readonly #handlers: HandlerQueue;
  #pending: PendingChange[] = [];
  /** Tasks that were found right while changes before them were pending: told in order. */
  #held: (() => void)[] = [];

  constructor(input: HostRunInput) {
    this.#input = input;
    this.#handlers = new HandlerQueue(input.tasks.handlers, input.play, input.by);
  }

  async run(): Promise<HostVerdict> {
    const verdict = await this.#runList(this.#input.tasks.tasks, 'task');
    if (verdict !== 'ok') return verdict;
    return this.#runHandlers();
  }

  async #runHandlers(): Promise<HostVerdict> {
    for (let due = this.#handlers.take(); due.length > 0; due = this.#handlers.take()) {
      const verdict = await this.#runList(due.map((one) => one.listed), 'handler');
      if (verdict !== 'ok') return verdict;
      const settled = this.#handlers.settle(due);
      if (!this.#input.check && settled.length > 0) await this.#settle(settled);
    }
    return 'ok';
  }

  async #settle(ids: readonly string[]): Promise<void> {
    const { session } = this.#input;
    await session.exchange(this.#ownAccount(), [settleOwed(ids)], []);
    session.state.expire([], [{ on: 'named', name: 'owed' }]);
  }

  /** The account whose lane keeps the records: root's where the play becomes root at all. */
  #ownAccount(): string {
    return this.#input.tasks.tasks.some((one) => one.become && one.becomeUser === 'root') ? 'root' : '';
  }

  async #runList(list: readonly ListedTask[], kind: 'task' | 'handler'): Promise<HostVerdict> {
    const { session, signal, check } = this.#input;
    let next = 0;
    await this.#ask(list, kind);
    if (kind === 'task') this.#takeOverDebts();
    while (next < list.length) {
      if (signal?.aborted) return this.#interrupted(list, next);
      const listed = list[next];
      if (!listed) break;
      const evaluation = this.#evaluate(listed, kind);
      if (evaluation.is === 'needs' || evaluation.is === 'waits') {
        if (this.#pending.length > 0) {
          if (!(await this.#flush(list, next, kind))) return 'failed';
        } else if (evaluation.is === 'needs') {
          await this.#ask(list.slice(next), kind, this.#questions(listed, evaluation));
        } else {
          this.#tell(failureEvent(this.#base(listed, kind), neverRan(evaluation.for.name)));
          return 'failed';
        }
        continue;
      }
      next++;
      if (evaluation.is === 'failed') {
        // Tasks before it whose changes are pending come first.
        if (!(await this.#flush(list, next, kind))) return 'failed';
        this.#tell(failureEvent(this.#base(listed, kind), { what: evaluation.what, ...(evaluation.hint ? { hint: evaluation.hint } : {}) }));
        return 'failed';
      }
      if (evaluation.is === 'skipped' || evaluation.is === 'unknown') {
        this.#finish(listed, kind, evaluation);
        continue;
      }
      if (evaluation.plan.failure !== undefined) {
        if (!(await this.#flush(list, next, kind))) return 'failed';
        this.#tell(failureEvent(this.#base(listed, kind), { what: evaluation.plan.failure, output: outputOf(evaluation.plan.result) }, evaluation.plan.changes));
        return 'failed';
      }
      if (evaluation.plan.changes.length === 0) {
        this.#finish(listed, kind, evaluation);
      } else if (check) {
        if (!(await this.#foresee(listed, kind, evaluation))) return 'failed';
      } else {
        if (this.#pending.length > 0 && this.#pending[0]?.account !== account(listed)) {
          // One exchange goes to one lane. What is sent first may change what this task finds: it is planned again.
          next--;
          if (!(await this.#flush(list, next, kind))) return 'failed';
          continue;
        }
        this.#pending.push({ listed, account: account(listed), plan: evaluation.plan, probes: evaluation.probes });
        session.state.expire(evaluation.plan.after, evaluation.plan.touches);
        if (evaluation.plan.steps.some((step) => step.detached) && !(await this.#flush(list, next, kind))) return 'failed';
      }
    }
    return (await this.#flush(list, next, kind)) ? 'ok' : 'failed';
  }

  /** Ctrl-C: what was sent is done; what was only planned is left, and said to be. */
  #interrupted(list: readonly ListedTask[], next: number): HostVerdict {
    const left = [...this.#pending.map((one) => one.listed), ...list.slice(next)];
    const text = `interrupted: ${left.length} left of this play, from "${left[0]?.name ?? ''}" on`;
    this.#input.listener({ event: 'notice', host: this.#input.session.host, text });
    return 'interrupted';
  }

  /** Handlers that an earlier run left unpaid run in this one; those of other plays are told of. */
  #takeOverDebts(): void {
    const { session } = this.#input;
    const owed = session.state.answer(this.#ownAccount(), owedQuestion)?.answer;
    if (!Array.isArray(owed)) return;
    const others = this.#handlers.inherit(owed as Owed[]);
    for (const one of owed as Owed[]) {
      const when = `owed since ${one.since} by ${one.by}: ${one.id}`;
      const text = others.includes(one) ? `${when} (play "${one.play}" will run it)` : `${when}; it runs now`;
      this.#input.listener({ event: 'notice', host: session.host, text });
    }
  }

  #evaluate(listed: ListedTask, kind: 'task' | 'handler'): Evaluation {
    const { session, results, check } = this.#input;
    return evaluate({ listed, account: account(listed), state: session.state, results, check, notified: kind === 'handler' });
  }

  #questions(listed: ListedTask, evaluation: Evaluation): AccountQuestion[] {
    return evaluation.is === 'needs' ? evaluation.questions.map((question) => ({ account: account(listed), question })) : [];
  }

  /** What the coming tasks will want to know, as far as that can be told now. User code is asked when its turn comes. */
  #ahead(list: readonly ListedTask[], kind: 'task' | 'handler', includeVolatile: boolean): AccountQuestion[] {
    return list
      .flatMap((listed) => this.#questions(listed, this.#evaluate(listed, kind)))
      .filter(({ question }) => !question.kind.inTurn && (includeVolatile || !question.kind.volatile));
  }

  /** Asks what is missing for all these tasks, until a round brings up nothing new or the first task is ready. */
  async #ask(list: readonly ListedTask[], kind: 'task' | 'handler', sure: readonly AccountQuestion[] = []): Promise<void> {
    const { session, check } = this.#input;
    for (let round = 0; round < 8; round++) {
      const extra = round === 0 ? sure : [];
      // Asked before the first change, guards are as good as asked in their turn.
      const questions = [...extra, ...this.#ahead(list, kind, session.state.changedBefore === undefined)];
      if (round === 0 && kind === 'task') questions.push(...this.#handlers.questions(this.#ownAccount(), session.state));
      if (questions.length === 0) return;
      const staged = questions.filter((one) => isStaged(one, session, check));
      await session.ask(questions.filter((one) => !staged.includes(one)));
      for (const one of staged) await askStaged(session, one);
      if (sure.length > 0) return;
    }
  }

  /** Check mode: the change is told, and what it would make of the host is written over what was found. */
  async #foresee(listed: ListedTask, kind: 'task' | 'handler', evaluation: Evaluation & { is: 'planned' }): Promise<boolean> {
    const { session } = this.#input;
    const { plan } = evaluation;
    const assumed = [...evaluation.assumed];
    if (plan.validate) {
      const verdict = await validateStaged(session, account(listed), plan.validate, plan.after);
      if (verdict.is === 'refused') {
        this.#tell(failureEvent(this.#base(listed, kind), verdict.failure, plan.changes));
        return false;
      }
      if (verdict.is === 'not validated') assumed.push(`not validated (${verdict.why})`);
    }
    this.#finish(listed, kind, { ...evaluation, assumed });
    session.state.foresee(plan.after);
    session.state.changedBefore ??= `"${listed.name}" changes the host before`;
    if (plan.unforeseen) session.state.clouded ??= `"${listed.name}" runs before`;
    return true;
  }

  /**
   * Sends the pending changes and asks again what they made doubtful, in one exchange; then tells how it went.
   * @returns false when one failed
   */
  async #flush(list: readonly ListedTask[], next: number, kind: 'task' | 'handler'): Promise<boolean> {
    const pending = this.#pending;
    const held = this.#held;
    this.#pending = [];
    this.#held = [];
    const first = pending[0];
    if (!first) {
      for (const tell of held) tell();
      return true;
    }
    const { session } = this.#input;
    session.state.changedBefore ??= first.listed.name;
    const debts = this.#handlers.owe(pending.filter((one) => !one.plan.quiet).flatMap((one) => one.listed.notify));
    const own = first.account;
    const head = debts.length > 0 && own === this.#ownAccount() ? [recordOwed(debts)] : [];
    if (debts.length > 0 && head.length === 0) await session.exchange(this.#ownAccount(), [recordOwed(debts)], []);
    const questions = this.#afterwards(pending, list.slice(next), kind);
    const started = Date.now();
    this.#input.listener({ event: 'working', host: session.host, task: first.listed.name });
    const packed = packSteps(pending.flatMap((one) => one.plan.steps));
    const requests = [...head, ...packed.map((one) => one.request)];
    const replies = await this.#send(own, requests, questions.filter((one) => one.account === own).map((one) => one.question), first);
    if (!replies) return false;
    const others = questions.filter((one) => one.account !== own);
    if (others.length > 0) await session.ask(others);
    const failed = replies[0] && head.length > 0 && replies[0].code !== 0 ? replies[0] : undefined;
    if (failed) {
      this.#tell(failureEvent(this.#base(first.listed, kind), { what: 'What handlers are owed could not be recorded on the host', reply: failed }));
      return false;
    }
    return this.#conclude(pending, unpackReplies(packed, replies.slice(head.length)), kind, started, held);
  }

  async #send(own: string, requests: Parameters<HostSession['exchange']>[1], questions: readonly Question[], first: PendingChange): Promise<LaneReply[] | undefined> {
    try {
      return await this.#input.session.exchange(own, requests, questions);
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      throw new ConnectionLost(`${error.message}; whether "${first.listed.name}" and what was sent with it took place is not known`, error.replies, {
        hint: 'The host finishes what it was sent. Run again: what is right already stays as it is.',
      });
    }
  }

  /** The questions that prove the changes, and those whose answers the coming tasks need anew. */
  #afterwards(pending: readonly PendingChange[], coming: readonly ListedTask[], kind: 'task' | 'handler'): AccountQuestion[] {
    const proof = pending.filter((one) => !one.plan.again).flatMap((one) => one.probes.map((question) => ({ account: one.account, question })));
    return [...proof, ...this.#ahead(coming, kind, false)];
  }

  #conclude(pending: readonly PendingChange[], replies: readonly LaneReply[], kind: 'task' | 'handler', started: number, held: readonly (() => void)[]): boolean {
    let at = 0;
    const seconds = (Date.now() - started) / 1000 / pending.length;
    for (const change of pending) {
      const mine = replies.slice(at, at + change.plan.steps.length);
      at += change.plan.steps.length;
      const base = this.#base(change.listed, kind, seconds);
      const bad = mine.findIndex((reply) => reply.code !== 0);
      if (bad >= 0 && mine[bad]) {
        if (mine[bad].skipped) return false;
        const label = change.plan.steps[bad]?.label;
        this.#tell(failureEvent(base, { what: label === undefined ? 'The change failed on the host' : `Could not ${label}`, reply: mine[bad] }, change.plan.changes));
        return false;
      }
      const outputs = change.plan.steps.map((step, i) => (mine[i] ? stepOutput(step, mine[i]) : { code: -1, stdout: '', stderr: '' }));
      if (!this.#applied(change, outputs, base)) return false;
    }
    for (const tell of held) tell();
    return true;
  }

  /** Takes the proof of a change that was made, and tells of it. */
  #applied(change: PendingChange, outputs: readonly StepOutput[], base: EventBase): boolean {
    const { plan, listed } = change;
    const proof = plan.again ? undefined : this.#evaluate(listed, base.event);
    let result: unknown = plan.result;
    try {
      if (plan.conclude) result = plan.conclude(outputs);
    } catch (error) {
      if (!(error instanceof PlayError)) throw error;
      this.#tell(failureEvent(base, { what: error.message, ...(error.hint ? { hint: error.hint } : {}), output: outputs.at(-1) }, plan.changes));
      return false;
    }
    if (!plan.quiet) this.#handlers.notify(listed.notify);
    this.#record(listed, result, { changed: !plan.quiet });
    if (proof?.is === 'planned' && proof.plan.changes.length > 0) {
      const still = proof.plan.changes.map((one) => `${one.what}${one.from === undefined ? '' : ` is still ${one.from}`}`).join(', ');
      this.#tell(failureEvent(base, { what: `The change was made but did not hold: ${still}`, hint: 'Something on the host undoes it, or two tasks want different things.' }, plan.changes));
      return false;
    }
    if (proof?.is === 'failed') {
      this.#tell(failureEvent(base, { what: `The change was made, but the host cannot be asked about it: ${proof.what}` }, plan.changes));
      return false;
    }
    this.#tell(taskEvent(base, { ...outcomeOf(plan), assumed: [], may: undefined, output: outputOf(result) }));
    return true;
  }

  /** Tells of a task that needs nothing done on the host now: right already, skipped, or only foreseen. */
  #finish(listed: ListedTask, kind: 'task' | 'handler', evaluation: Evaluation & { is: 'planned' | 'skipped' | 'unknown' }): void {
    const base = this.#base(listed, kind);
    const event = finishedEvent(base, evaluation);
    if (event.status === 'changed') this.#handlers.notify(listed.notify);
    if (evaluation.is === 'unknown') this.#recordOpen(listed, event, false);
    else if (evaluation.is === 'planned' && this.#input.check && evaluation.plan.unforeseen) this.#recordOpen(listed, event, event.may === null);
    else this.#record(listed, evaluation.is === 'planned' ? evaluation.plan.result : {}, { changed: event.changed, skipped: event.status === 'skipped' });
    if (this.#pending.length > 0) this.#held.push(() => this.#tell(event));
    else this.#tell(event);
  }

  #record(listed: ListedTask, result: unknown, outcome: { changed: boolean; skipped?: boolean }): void {
    const fields = typeof result === 'object' && result !== null ? result : {};
    this.#input.results.set(listed.task, { ...fields, changed: outcome.changed, failed: false, skipped: outcome.skipped ?? false });
  }

  /** Check mode: what later tasks read of one whose outcome is open. */
  #recordOpen(listed: ListedTask, event: TaskEvent, isForeseen: boolean): void {
    const why = event.may ?? `what "${listed.name}" answers is known only once it has run`;
    const known = isForeseen ? { changed: event.changed, failed: false, skipped: false } : {};
    this.#input.results.set(listed.task, openResult(known, why));
  }

  #base(listed: ListedTask, event: 'task' | 'handler', seconds = 0): EventBase {
    return { event, host: this.#input.session.host, play: this.#input.play, listed, seconds };
  }

  #tell(event: TaskEvent): void {
    this.#input.listener(event);
  }
}

function finishedEvent(base: EventBase, evaluation: Evaluation & { is: 'planned' | 'skipped' | 'unknown' }): TaskEvent {
  if (evaluation.is === 'skipped') return taskEvent(base, { status: 'skipped', assumed: evaluation.assumed, may: undefined });
  if (evaluation.is === 'unknown') return taskEvent(base, { status: 'ok', assumed: [], may: evaluation.why });
  const { plan, assumed, may } = evaluation;
  return taskEvent(base, { ...outcomeOf(plan), assumed, may, output: outputOf(plan.result) });
}

/** How a planned task counts. Upkeep changes nothing worth telling. */
function outcomeOf(plan: Plan<unknown>): { status: 'changed' | 'ok'; plan: Plan<unknown> } {
  if (plan.quiet) return { status: 'ok', plan: { ...plan, changes: [] } };
  return { status: plan.changes.length > 0 ? 'changed' : 'ok', plan };
}

function account(listed: ListedTask): string {
  return listed.become ? listed.becomeUser : '';
}

function neverRan(name: string): { what: string; hint: string } {
  return {
    what: `It reads the result of the task "${name}", which did not run`,
    hint: 'Put that task before this one, and choose it too with -t.',
  };
}
