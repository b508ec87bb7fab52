import { setTimeout as sleep } from 'node:timers/promises';
import { BecomeFailed, Unreachable } from '../connection/index.ts';
import type { ListedTask } from '../playbook/index.ts';
import { dressSteps } from './environment.ts';
import type { Evaluation } from './evaluate.ts';
import type { TaskEvent } from './events.ts';
import type { HostContext, TaskKind } from './host-context.ts';
import { isEnough, isJudged, judge, type Judgement } from './judge.ts';
import { failureOf, isFailure, neverRan, notAllowed, type HostVerdict } from './failure.ts';
import { finish, finishedEvent, hasChanged, isOpen, notify, openReason, outcomeOf } from './outcome.ts';
import type { Place } from './place.ts';
import { askFor, Rounds } from './read-ahead.ts';
import { runOnce } from './run-once.ts';
import { pendingOf, sendChanges } from './sender.ts';
import { failureEvent, outputOf, taskEvent, unreachableEvent, type FailureSource } from './task-event.ts';
import { checkedSteps, validated } from './validate.ts';

/** Runs one task by itself. */
export async function runSolo(context: HostContext, listed: ListedTask, coming: readonly ListedTask[], kind: TaskKind): Promise<HostVerdict> {
  const run = async (): Promise<HostVerdict> => ((await new SoloRun(context, listed, coming, kind).run()) ? 'ok' : 'failed');
  return listed.inherited.runOnce ? await runOnce(context, listed, kind, run) : await run();
}

/** What one try came to. */
interface Try {
  readonly event: TaskEvent;
  readonly result: unknown;
  readonly judged: Judgement;
  /** Nothing is gained by trying again. */
  readonly isFinal: boolean;
  /** Nothing failed on the host, whatever was made of it. */
  readonly isSound?: boolean;
}

class SoloRun {
  readonly #context: HostContext;
  readonly #listed: ListedTask;
  readonly #coming: readonly ListedTask[];
  readonly #kind: TaskKind;

  constructor(context: HostContext, listed: ListedTask, coming: readonly ListedTask[], kind: TaskKind) {
    this.#context = context;
    this.#listed = listed;
    this.#coming = coming;
    this.#kind = kind;
  }

  /** @returns false when the task failed and that counts */
  async run(): Promise<boolean> {
    const owed = this.#context.handlers.owed();
    const came = await this.#reach();
    const { failure, changed } = came.judged;
    const isLost = came.event.status === 'unreachable';
    const ignored = failure !== undefined && ((isLost || this.#listed.inherited.ignoreErrors) ?? false);
    if (failure === undefined) notify(this.#context, this.#listed, came.event);
    // The debt was recorded before the change. Judged to be none it owes nothing, nor does a failure that is passed over.
    if (failure === undefined ? came.isSound && !changed : ignored && !isLost) await this.#context.settle(this.#context.handlers.forgiveNew(this.#listed.notify, owed));
    this.#context.tell(ignored ? { ...came.event, ignored, changed } : came.event);
    return failure === undefined || ignored;
  }

  /** Runs the task where it belongs. A lost host is an outcome like others where that is to be ignored. */
  async #reach(): Promise<Try> {
    try {
      const skipped = await this.#skipped();
      return skipped ? this.#nothingToDo(skipped) : await this.#tryUntil(await this.#context.open(this.#listed));
    } catch (error) {
      if (error instanceof BecomeFailed) return this.#refused(notAllowed(error));
      if (!(error instanceof Unreachable) || !this.#listed.inherited.ignoreUnreachable) throw error;
      // What comes next finds the host again, if it is there.
      await this.#context.placeOf(this.#listed)?.session.reconnect().catch(() => undefined);
      const result = { unreachable: true };
      this.#context.record(this.#listed, result, { changed: false, failed: true });
      const event = unreachableEvent(this.#context.base(this.#listed, this.#kind), error);
      return { event, result, judged: { changed: false, failure: error.message }, isFinal: true };
    }
  }

  /** A task that is skipped connects to no other host. */
  async #skipped(): Promise<(Evaluation & { is: 'skipped' }) | undefined> {
    if (this.#context.placeOf(this.#listed)) return undefined;
    const rounds = new Rounds();
    for (;;) {
      const conditions = this.#context.conditions(this.#listed, this.#kind);
      if (conditions?.is !== 'needs') return conditions?.is === 'skipped' ? conditions : undefined;
      // Its turn comes all the same, and it fails there.
      if (rounds.next(this.#listed, conditions.questions) !== undefined) return undefined;
      await askFor(this.#context, conditions.questions, [], this.#kind);
    }
  }

  async #tryUntil(place: Place): Promise<Try> {
    const { until, retries = 3, delay = 5 } = this.#listed.task.keywords;
    for (let left = until === undefined ? 0 : retries; ; left--) {
      const came = await this.#try(place);
      if (came.isFinal || this.#isEnough(came)) return came;
      if (left <= 0 || this.#context.signal?.aborted) return this.#gaveUp(came, retries);
      this.#context.input.listener({ event: 'working', host: this.#context.session.host, task: `${this.#listed.name} (${left} tries left)` });
      await pause(delay, this.#context.signal);
      if (this.#context.signal?.aborted) return this.#gaveUp(came, retries);
      place.session.state.expire([], [{ on: 'everything' }]);
    }
  }

  #isEnough({ result, judged }: Try): boolean {
    return isEnough(this.#listed, result, judged, this.#context.judging(this.#listed));
  }

  #gaveUp({ result, judged, event }: Try, retries: number): Try {
    const what = judged.failure ?? `"until" does not hold after ${retries + 1} tries`;
    this.#context.record(this.#listed, result, { changed: judged.changed, failed: true });
    return { result, event: this.#failure({ what, output: outputOf(result) }, event.changes), judged: { ...judged, failure: what }, isFinal: true };
  }

  async #try(place: Place): Promise<Try> {
    const evaluation = await this.#settle();
    if (evaluation.is === 'waits') return this.#refused({ ...neverRan(evaluation.for.name) });
    if (evaluation.is === 'failed') return this.#refused({ what: evaluation.what, ...(evaluation.hint ? { hint: evaluation.hint } : {}) });
    if (isFailure(evaluation) && evaluation.is === 'planned') {
      this.#context.foreseeFailure(this.#listed, place, evaluation.plan);
      return this.#judged(evaluation.plan.result, { changed: false, failure: evaluation.plan.failure }, failureOf(this.#context, this.#listed, this.#kind, evaluation));
    }
    if (evaluation.is !== 'planned' || evaluation.plan.changes.length === 0) return this.#nothingToDo(evaluation);
    if (this.#context.input.confirm && !(await this.#context.input.confirm(finishedEvent(this.#context, this.#listed, this.#kind, evaluation)))) return this.#nothingToDo({ is: 'skipped', assumed: [] });
    return this.#context.input.check && !evaluation.plan.looksOnly ? this.#foresee(place, evaluation) : this.#change(place, evaluation);
  }

  /** Plans the task, asking until it can be planned. */
  async #settle(): Promise<Exclude<Evaluation, { is: 'needs' }>> {
    const rounds = new Rounds();
    for (;;) {
      const evaluation = this.#context.evaluate(this.#listed, this.#kind);
      if (evaluation.is !== 'needs') return evaluation;
      const endless = rounds.next(this.#listed, evaluation.questions);
      if (endless !== undefined) return { is: 'failed', what: endless, hint: undefined };
      await askFor(this.#context, evaluation.questions, this.#coming, this.#kind);
    }
  }

  #nothingToDo(evaluation: Evaluation & { is: 'planned' | 'skipped' | 'unknown' }): Try {
    const event = finishedEvent(this.#context, this.#listed, this.#kind, evaluation);
    if (evaluation.is === 'planned') {
      if (event.may !== null) this.#context.foreseeAnything(this.#listed);
      return this.#judged(evaluation.plan.result, { changed: false, failure: undefined }, event, this.#whyOpen(evaluation, event));
    }
    finish(this.#context, this.#listed, evaluation, event);
    return { event, result: undefined, judged: { changed: false, failure: undefined }, isFinal: true };
  }

  async #foresee(place: Place, evaluation: Evaluation & { is: 'planned' }): Promise<Try> {
    const checked = await validated(place, this.#listed, evaluation);
    if ('refused' in checked) return this.#refused(checked.refused, evaluation.plan.changes);
    const { plan } = evaluation;
    const event = finishedEvent(this.#context, this.#listed, this.#kind, checked);
    const came = this.#judged(plan.result, { changed: !plan.quiet, failure: undefined }, event, this.#whyOpen(checked, event));
    this.#context.foresee(this.#listed, place, plan);
    return came;
  }

  /** Check mode: why there is no answer yet to be judged, or to try again for. */
  #whyOpen(evaluation: Evaluation & { is: 'planned' }, event: TaskEvent): string | undefined {
    return isOpen(this.#context, evaluation, event) ? (event.may ?? openReason(this.#listed)) : undefined;
  }

  async #change(place: Place, evaluation: Evaluation & { is: 'planned' }): Promise<Try> {
    const { plan } = evaluation;
    const dressed = { ...plan, steps: dressSteps(this.#listed, checkedSteps(place, plan)) };
    place.session.state.expire(plan.after, plan.touches);
    const [sent] = await sendChanges(this.#context, [pendingOf(this.#listed, place, dressed, evaluation)], this.#coming, this.#kind);
    if (!sent) throw new Error('a change that was sent has no outcome');
    const base = this.#context.base(this.#listed, this.#kind, sent.seconds);
    const event = sent.failure ? failureEvent(base, sent.failure, plan.changes) : taskEvent(base, { ...outcomeOf(plan), assumed: [], may: undefined, output: outputOf(sent.result) });
    return this.#judged(sent.result, { changed: hasChanged(plan, sent.failure), failure: sent.failure?.what }, event);
  }

  /** Lets the task's own functions judge, and leaves the result for later tasks. `open`: why it is not known yet. */
  #judged(result: unknown, came: Judgement, event: TaskEvent, open?: string): Try {
    const judged = isJudged(this.#listed) ? judge(this.#listed, result, came, this.#context.judging(this.#listed), open) : came;
    if (judged.failure !== undefined) {
      this.#context.record(this.#listed, result, { changed: judged.changed, failed: true });
      const failed = event.error ? event : this.#failure({ what: judged.failure, output: outputOf(result) }, event.changes);
      return { event: failed, result, judged, isFinal: false };
    }
    const { changed } = judged;
    const done: TaskEvent = { ...event, status: changed ? 'changed' : 'ok', changed, error: null, may: event.may ?? judged.open ?? null };
    const isOpenYet = open !== undefined || judged.open !== undefined;
    if (isOpenYet) this.#context.recordOpen(this.#listed, done);
    else this.#context.record(this.#listed, result, { changed }, done.assumed);
    return { event: done, result, judged, isFinal: isOpenYet, isSound: came.failure === undefined };
  }

  #refused(failure: FailureSource, changes: TaskEvent['changes'] = []): Try {
    this.#context.record(this.#listed, {}, { changed: false, failed: true });
    return { event: this.#failure(failure, changes), result: {}, judged: { changed: false, failure: failure.what }, isFinal: true };
  }

  #failure(failure: FailureSource, changes: TaskEvent['changes'] = []): TaskEvent {
    return failureEvent(this.#context.base(this.#listed, this.#kind), failure, changes);
  }
}

/** Waits between tries; Ctrl-C ends it. */
async function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(seconds * 1000, undefined, signal ? { signal } : {}).catch(() => undefined);
}
