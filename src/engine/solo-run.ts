import { setTimeout as sleep } from 'node:timers/promises';
import type { ListedTask } from '../playbook/index.ts';
import { Unknowable } from '../probes/index.ts';
import { dressSteps } from './environment.ts';
import type { Evaluation } from './evaluate.ts';
import type { TaskEvent } from './events.ts';
import type { HostContext, TaskKind } from './host-context.ts';
import { isEnough, isJudged, judge, type Judgement } from './judge.ts';
import { failureOf, isFailure, neverRan, type HostVerdict } from './list-run.ts';
import { finish, finishedEvent, outcomeOf } from './outcome.ts';
import type { Place } from './place.ts';
import { askFor } from './read-ahead.ts';
import { pendingOf, sendChanges } from './sender.ts';
import { failureEvent, outputOf, taskEvent, type FailureSource } from './task-event.ts';
import { validated } from './validate.ts';

/** Whether a task's turn is its own: what it comes to decides what happens next, or it happens elsewhere. */
export function isSolo(listed: ListedTask): boolean {
  const { ignoreErrors, ignoreUnreachable, delegateTo, runOnce } = listed.inherited;
  return Boolean(ignoreErrors) || Boolean(ignoreUnreachable) || delegateTo !== undefined || Boolean(runOnce) || isJudged(listed) || listed.task.keywords.until !== undefined;
}

/** Runs one task by itself. */
export async function runSolo(context: HostContext, listed: ListedTask, coming: readonly ListedTask[], kind: TaskKind): Promise<HostVerdict> {
  if (!listed.inherited.runOnce) return (await new SoloRun(context, listed, coming, kind).run()) ? 'ok' : 'failed';
  const { came, first } = await context.input.once.run(listed.key, async () => {
    const ok = await new SoloRun(context, listed, coming, kind).run();
    return { ok, result: context.input.results.get(listed.task), host: context.session.host };
  });
  if (first) return came.ok ? 'ok' : 'failed';
  if (came.result) context.input.results.set(listed.task, came.result);
  if (came.ok) return 'ok';
  context.tell(failureEvent(context.base(listed, kind), { what: `It runs once, and failed on ${came.host}` }));
  return 'failed';
}

/** What one try came to. */
interface Try {
  readonly event: TaskEvent;
  readonly result: unknown;
  readonly judged: Judgement;
  /** Nothing is gained by trying again. */
  readonly isFinal: boolean;
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
    const place = await this.#context.open(this.#listed);
    const came = await this.#tryUntil(place);
    const ignored = came.judged.failure !== undefined && (this.#listed.inherited.ignoreErrors ?? false);
    this.#context.tell(ignored ? { ...came.event, ignored } : came.event);
    return came.judged.failure === undefined || ignored;
  }

  async #tryUntil(place: Place): Promise<Try> {
    const { until, retries = 3, delay = 5 } = this.#listed.task.keywords;
    for (let left = until === undefined ? 0 : retries; ; left--) {
      const came = await this.#try(place);
      if (came.isFinal || this.#isEnough(came)) return came;
      if (left <= 0 || this.#context.input.signal?.aborted) return this.#gaveUp(came, retries);
      this.#context.input.listener({ event: 'working', host: this.#context.session.host, task: `${this.#listed.name} (${left} tries left)` });
      await sleep(delay * 1000);
      place.session.state.expire([], [{ on: 'everything' }]);
    }
  }

  #isEnough({ result, judged }: Try): boolean {
    return isEnough(this.#listed, result, judged, this.#context.judging(this.#listed));
  }

  #gaveUp({ result, judged, event }: Try, retries: number): Try {
    const what = judged.failure ?? `"until" does not hold after ${retries + 1} tries`;
    return { result, event: this.#failure({ what, output: outputOf(result) }, event.changes), judged: { ...judged, failure: what }, isFinal: true };
  }

  async #try(place: Place): Promise<Try> {
    const evaluation = await this.#settle();
    if (evaluation.is === 'waits') return this.#refused({ ...neverRan(evaluation.for.name) });
    if (evaluation.is === 'failed') return this.#refused({ what: evaluation.what, ...(evaluation.hint ? { hint: evaluation.hint } : {}) });
    if (isFailure(evaluation) && evaluation.is === 'planned') return this.#judged(evaluation.plan.result, { changed: false, failure: evaluation.plan.failure }, failureOf(this.#context, this.#listed, this.#kind, evaluation));
    if (evaluation.is !== 'planned' || evaluation.plan.changes.length === 0) return this.#nothingToDo(evaluation);
    if (this.#context.input.confirm && !(await this.#context.input.confirm(finishedEvent(this.#context, this.#listed, this.#kind, evaluation)))) return this.#nothingToDo({ is: 'skipped', assumed: [] });
    return this.#context.input.check && !evaluation.plan.looksOnly ? this.#foresee(place, evaluation) : this.#change(place, evaluation);
  }

  /** Plans the task, asking until it can be planned. */
  async #settle(): Promise<Exclude<Evaluation, { is: 'needs' }>> {
    for (;;) {
      const evaluation = this.#context.evaluate(this.#listed, this.#kind);
      if (evaluation.is !== 'needs') return evaluation;
      await askFor(this.#context, evaluation.questions, this.#coming, this.#kind);
    }
  }

  #nothingToDo(evaluation: Evaluation & { is: 'planned' | 'skipped' | 'unknown' }): Try {
    const event = finishedEvent(this.#context, this.#listed, this.#kind, evaluation);
    finish(this.#context, this.#listed, evaluation, event);
    const result = evaluation.is === 'planned' ? evaluation.plan.result : undefined;
    if (evaluation.is !== 'planned') return { event, result, judged: { changed: false, failure: undefined }, isFinal: true };
    return this.#judged(result, { changed: false, failure: undefined }, event);
  }

  async #foresee(place: Place, evaluation: Evaluation & { is: 'planned' }): Promise<Try> {
    const checked = await validated(place, evaluation);
    if ('refused' in checked) return this.#refused(checked.refused);
    const event = finishedEvent(this.#context, this.#listed, this.#kind, checked);
    finish(this.#context, this.#listed, checked, event);
    this.#context.foresee(this.#listed, place, evaluation.plan);
    if (evaluation.plan.unforeseen) return { event, result: evaluation.plan.result, judged: { changed: true, failure: undefined }, isFinal: true };
    return { ...this.#judged(evaluation.plan.result, { changed: true, failure: undefined }, event), isFinal: true };
  }

  async #change(place: Place, { plan, probes }: Evaluation & { is: 'planned' }): Promise<Try> {
    const dressed = { ...plan, steps: dressSteps(this.#listed, plan.steps) };
    place.session.state.expire(plan.after, plan.touches);
    const [sent] = await sendChanges(this.#context, [pendingOf(this.#listed, place, dressed, probes)], this.#coming, this.#kind);
    if (!sent) throw new Error('a change that was sent has no outcome');
    const base = this.#context.base(this.#listed, this.#kind, sent.seconds);
    const event = sent.failure ? failureEvent(base, sent.failure, plan.changes) : taskEvent(base, { ...outcomeOf(plan), assumed: [], may: undefined, output: outputOf(sent.result) });
    return this.#judged(sent.result, { changed: !plan.quiet, failure: sent.failure?.what }, event);
  }

  /** Lets the task's own functions judge, and leaves the result for later tasks. */
  #judged(result: unknown, came: Judgement, event: TaskEvent): Try {
    const judged = this.#judge(result, came);
    this.#context.record(this.#listed, result, { changed: judged.changed, failed: judged.failure !== undefined });
    if (judged.changed && judged.failure === undefined) this.#context.handlers.notify(this.#listed.notify);
    if (judged.failure !== undefined) {
      const failed = event.error ? event : this.#failure({ what: judged.failure, output: outputOf(result) }, event.changes);
      return { event: failed, result, judged, isFinal: false };
    }
    const status = judged.changed ? 'changed' : 'ok';
    return { event: { ...event, status, changed: judged.changed, error: null }, result, judged, isFinal: false };
  }

  #judge(result: unknown, came: Judgement): Judgement {
    if (!isJudged(this.#listed)) return came;
    try {
      return judge(this.#listed, result, came, this.#context.judging(this.#listed));
    } catch (error) {
      // Check mode: the judgement needs what is known only once the task has run.
      if (error instanceof Unknowable) return came;
      throw error;
    }
  }

  #refused(failure: FailureSource): Try {
    this.#context.record(this.#listed, {}, { changed: false, failed: true });
    return { event: this.#failure(failure), result: {}, judged: { changed: false, failure: failure.what }, isFinal: true };
  }

  #failure(failure: FailureSource, changes: TaskEvent['changes'] = []): TaskEvent {
    return failureEvent(this.#context.base(this.#listed, this.#kind), failure, changes);
  }
}
