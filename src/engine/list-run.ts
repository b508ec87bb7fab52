import { BecomeFailed } from '../connection/index.ts';
import type { ListedTask } from '../playbook/index.ts';
import { dressSteps } from './environment.ts';
import type { Evaluation } from './evaluate.ts';
import type { HostContext, TaskKind } from './host-context.ts';
import { failureOf, isFailure, neverRan, notAllowed, type HostVerdict, type Settled } from './failure.ts';
import { isSolo } from './judge.ts';
import { finish, finishedEvent, tellSent } from './outcome.ts';
import { samePlace } from './place.ts';
import { askFor, Rounds } from './read-ahead.ts';
import { pendingOf, sendChanges, type Sent } from './sender.ts';
import { runSolo } from './solo-run.ts';
import { failureEvent } from './task-event.ts';
import type { PendingChange } from './batch.ts';
import { checkedSteps, validated } from './validate.ts';

/** Runs tasks that stand next to one another: neighbouring changes wait and travel together. */
export class ListRun {
  readonly #context: HostContext;
  readonly #kind: TaskKind;
  readonly #list: readonly ListedTask[];
  #next = 0;
  #pending: PendingChange[] = [];
  readonly #rounds = new Rounds();
  /** Tasks found right while changes before them are pending, with how many: each is told behind those. */
  #held: { readonly behind: number; readonly tell: () => void }[] = [];

  constructor(context: HostContext, list: readonly ListedTask[], kind: TaskKind) {
    this.#context = context;
    this.#list = list;
    this.#kind = kind;
  }

  async run(): Promise<HostVerdict> {
    for (let listed = this.#list[this.#next]; listed; listed = this.#list[this.#next]) {
      if (this.#context.signal?.aborted) return this.#interrupted();
      const verdict = await this.#run(listed);
      if (verdict !== 'ok') return verdict;
    }
    return (await this.#flush()) ? 'ok' : 'failed';
  }

  async #run(listed: ListedTask): Promise<HostVerdict> {
    try {
      return await (isSolo(listed) || this.#context.input.confirm ? this.#alone(listed) : this.#together(listed));
    } catch (error) {
      if (!(error instanceof BecomeFailed)) throw error;
      if (await this.#flush()) this.#refused(listed, error);
      return 'failed';
    }
  }

  #refused(listed: ListedTask, error: BecomeFailed): void {
    this.#context.record(listed, {}, { changed: false, failed: true });
    this.#context.tell(failureEvent(this.#context.base(listed, this.#kind), notAllowed(error)));
  }

  async #alone(listed: ListedTask): Promise<HostVerdict> {
    if (!(await this.#flush())) return 'failed';
    this.#next++;
    return runSolo(this.#context, listed, this.#list.slice(this.#next), this.#kind);
  }

  /** One task, whose change may wait for those of its neighbours. */
  async #together(listed: ListedTask): Promise<HostVerdict> {
    const evaluation = this.#context.evaluate(listed, this.#kind);
    if (evaluation.is === 'needs' || evaluation.is === 'waits') return this.#missing(listed, evaluation);
    if (evaluation.is === 'failed' || isFailure(evaluation)) return this.#failed(listed, evaluation);
    if (evaluation.is !== 'planned' || evaluation.plan.changes.length === 0) this.#finish(listed, evaluation);
    else if (this.#context.input.check && !evaluation.plan.looksOnly) {
      if (!(await this.#foresee(listed, evaluation))) return 'failed';
    } else return this.#suspend(listed, evaluation);
    this.#next++;
    return 'ok';
  }

  /** Something must be known first: what is pending may bring it, else it is asked. */
  async #missing(listed: ListedTask, evaluation: Evaluation & { is: 'needs' | 'waits' }): Promise<HostVerdict> {
    if (this.#pending.length > 0) return (await this.#flush()) ? 'ok' : 'failed';
    if (evaluation.is === 'needs') {
      const endless = this.#rounds.next(listed, evaluation.questions);
      if (endless !== undefined) return this.#failed(listed, { is: 'failed', what: endless, hint: undefined });
      await askFor(this.#context, evaluation.questions, this.#list.slice(this.#next), this.#kind);
      return 'ok';
    }
    this.#context.tell(failureEvent(this.#context.base(listed, this.#kind), neverRan(evaluation.for.name)));
    return 'failed';
  }

  async #failed(listed: ListedTask, evaluation: Settled): Promise<HostVerdict> {
    // Tasks before it whose changes are pending come first.
    if (!(await this.#flush())) return 'failed';
    if (this.#kind === 'handler' && this.#leave(listed, evaluation)) return 'ok';
    // For a rescue to read.
    this.#context.record(listed, evaluation.is === 'planned' ? evaluation.plan.result : {}, { changed: false, failed: true });
    if (evaluation.is === 'planned') this.#context.foreseeFailure(listed, this.#context.own(listed), evaluation.plan);
    this.#context.tell(failureOf(this.#context, listed, this.#kind, evaluation));
    return 'failed';
  }

  /** What an earlier run owes and cannot be paid yet (the restart of what is not there) is no failure of this one. */
  #leave(listed: ListedTask, evaluation: Settled): boolean {
    const id = this.#context.handlers.leave(listed);
    if (id === undefined) return false;
    const why = evaluation.is === 'planned' ? evaluation.plan.failure : evaluation.is === 'failed' ? evaluation.what : undefined;
    this.#context.notice(`${id} stays owed: ${why ?? 'it cannot run yet'}`);
    this.#finish(listed, { is: 'skipped', assumed: [] });
    this.#next++;
    return true;
  }

  async #foresee(listed: ListedTask, evaluation: Evaluation & { is: 'planned' }): Promise<boolean> {
    const place = this.#context.own(listed);
    const checked = await validated(place, listed, evaluation);
    if ('refused' in checked) {
      // For a rescue to read, as after a run.
      this.#context.record(listed, evaluation.plan.result, { changed: false, failed: true });
      this.#context.tell(failureEvent(this.#context.base(listed, this.#kind), checked.refused, evaluation.plan.changes));
      return false;
    }
    this.#finish(listed, checked);
    this.#context.foresee(listed, place, evaluation.plan);
    return true;
  }

  async #suspend(listed: ListedTask, evaluation: Evaluation & { is: 'planned' }): Promise<HostVerdict> {
    const { plan } = evaluation;
    const place = this.#context.own(listed);
    const [first] = this.#pending;
    // One exchange goes to one lane. What is sent first may change what this task finds: it is planned again.
    if (first && (plan.carryOut || !samePlace(first.place, place))) return (await this.#flush()) ? 'ok' : 'failed';
    this.#next++;
    this.#pending.push(pendingOf(listed, place, { ...plan, steps: dressSteps(listed, checkedSteps(place, plan)) }, evaluation));
    place.session.state.expire(plan.after, plan.touches);
    return (plan.carryOut || plan.steps.some((step) => step.detached)) && !(await this.#flush()) ? 'failed' : 'ok';
  }

  /** Tells of a task that needs nothing done on the host now: right already, skipped, or only foreseen. */
  #finish(listed: ListedTask, evaluation: Settled & { is: 'planned' | 'skipped' | 'unknown' }): void {
    const event = finishedEvent(this.#context, listed, this.#kind, evaluation);
    finish(this.#context, listed, evaluation, event);
    if (this.#pending.length > 0) this.#held.push({ behind: this.#pending.length, tell: () => this.#context.tell(event) });
    else this.#context.tell(event);
  }

  /** Sends what is pending, then tells of it and of what was found right meanwhile. @returns false when a change failed */
  async #flush(): Promise<boolean> {
    const pending = this.#pending;
    const held = this.#held;
    this.#pending = [];
    this.#held = [];
    let told = 0;
    const all = await this.#send(pending);
    if (all === undefined) return false;
    for (const sent of all) {
      if (!tellSent(this.#context, sent, this.#kind)) return false;
      told++;
      for (const one of held) if (one.behind === told) one.tell();
    }
    return true;
  }

  /** The account of neighbours is one: where it is refused, the first of them fails. */
  async #send(pending: readonly PendingChange[]): Promise<readonly Sent[] | undefined> {
    try {
      return await sendChanges(this.#context, pending, this.#list.slice(this.#next), this.#kind);
    } catch (error) {
      const [first] = pending;
      if (!(error instanceof BecomeFailed) || !first) throw error;
      this.#refused(first.listed, error);
      return undefined;
    }
  }

  /** Ctrl-C: what was sent is done; what was only planned is left, and said to be. */
  #interrupted(): HostVerdict {
    const left = [...this.#pending.map((one) => one.listed), ...this.#list.slice(this.#next)];
    this.#context.notice(`interrupted: ${left.length} left of this play, from "${left[0]?.name ?? ''}" on`);
    return 'interrupted';
  }
}
