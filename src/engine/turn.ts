import { NoSuchAccount, type BecomeFailed } from '../connection/index.ts';
import type { Plan } from '../contract/index.ts';
import type { ListedTask } from '../playbook/index.ts';
import { holdText, type Hold } from '../probes/index.ts';
import { filesOf } from './backups.ts';
import { confirmedLater } from './commit-confirm/auto.ts';
import type { Evaluation } from './evaluate.ts';
import type { TaskEvent } from './events.ts';
import { failureOf, neverRan, notAllowed } from './failure.ts';
import { openReason, type HostContext } from './host-context.ts';
import type { TaskKind } from './host-run-input.ts';
import { isJudged, judge, type Judgement } from './judge.ts';
import { notAskedWhy } from './not-asked.ts';
import type { PendingChange } from './pack.ts';
import type { Place } from './place.ts';
import { askWhetherDone, isMarked } from './resumed.ts';
import { pendingOf, type Sent } from './sender.ts';
import { applyKeywords } from './step-keywords.ts';
import { failureEvent, outputOf, taskEvent, type FailureSource } from './task-event.ts';
import type { Concluded, Decision, Outcome } from './turn-outcome.ts';
import { checkedSteps, validated } from './validate.ts';

/** A task that was planned, or cannot be. */
export type Planned = Exclude<Evaluation, { is: 'needs' }>;

type Ready = Evaluation & { is: 'planned' };

/** A task that fails before anything is sent. */
export type CannotPlan = Evaluation & { is: 'failed' };

/** One task on one host, from what was found to its outcome. Every task goes this way, among neighbours or alone. */
export class Turn {
  readonly listed: ListedTask;
  readonly #context: HostContext;
  readonly #kind: TaskKind;
  #isMarked = false;

  constructor(context: HostContext, listed: ListedTask, kind: TaskKind) {
    this.#context = context;
    this.listed = listed;
    this.#kind = kind;
  }

  evaluate(): Evaluation {
    return this.#context.evaluate(this.listed, this.#kind);
  }

  /**
   * What follows from a plan. The only place where check mode and the run differ: a change is predicted, or it is due
   * to be sent.
   */
  async decide(evaluation: Planned, place: Place): Promise<Decision> {
    if (evaluation.is === 'waits') return came(this.refused(neverRan(evaluation.for.name)));
    if (evaluation.is === 'failed') return came(this.#cannot(evaluation));
    if (evaluation.is === 'planned' && evaluation.plan.holder !== undefined)
      this.#context.holders.add(evaluation.plan.holder);
    const isDue = evaluation.is === 'planned' && evaluation.plan.changes.length > 0;
    const hold = isDue ? await this.#context.heldBy(evaluation.plan, place) : undefined;
    if (hold !== undefined) return came(this.#held(hold));
    if (evaluation.is === 'planned' && evaluation.plan.failure !== undefined)
      return came(this.#fails(evaluation, place));
    if (evaluation.is !== 'planned' || evaluation.plan.changes.length === 0) return came(this.nothingToDo(evaluation));
    if (this.listed.inherited.checkMode === true && evaluation.plan.looksOnly !== true)
      return came(this.#onlyTells(evaluation));
    const done = await this.#doneBefore(evaluation.plan);
    if (done !== undefined) return came(done);
    const { confirm, refuse, check } = this.#context.input;
    const refusal = refuse?.(this.#event(evaluation));
    if (refusal !== undefined) return came({ ...this.refused(refusal), isStop: true });
    if (confirm && !(await confirm(this.#event(evaluation)))) return came(this.skipped());
    const { looksOnly, quiet } = evaluation.plan;
    // What is cleaned up does not wait: to leave it undone is worse.
    const isFree = looksOnly || quiet || this.#context.isUnstoppable;
    const closed = isFree ? undefined : await this.#context.window.pass(place);
    if (closed !== undefined) return came(this.refused(closed));
    if (this.#context.input.isForecast && looksOnly) return came(this.nothingToDo({ is: 'unknown', why: notAskedWhy }));
    if (!looksOnly) this.#context.forecast?.make();
    return check && !looksOnly
      ? came(await this.#foresee(evaluation, place))
      : { is: 'due', change: this.#change(evaluation, place) };
  }

  /** The run that this one goes on with has done it; where nobody knows whether it has, the operator is asked. */
  async #doneBefore(plan: Plan<unknown>): Promise<Outcome | undefined> {
    const before = this.#kind === 'task' ? this.#context.earlier(this.listed, plan) : undefined;
    if (before === undefined) return undefined;
    // Of what changes nothing but a state, such as a restart, twice is as good as once.
    if (before.is === 'begun' && plan.unforeseen !== true) return undefined;
    const { name } = this.listed;
    if (before.is === 'begun') {
      if (this.#context.input.check)
        return this.nothingToDo({
          is: 'unknown',
          why: `it was running at ${before.at}, and its outcome is unknown`,
        });
      const answer = await askWhetherDone(this.#context, name, before.at);
      if (answer === undefined)
        return this.refused({
          what: `It was running at ${before.at} when the run ended, and it is not known whether it was done`,
          hint: 'Look at the host, then go on in a terminal, where you are asked: play resume.',
        });
      if (!answer) return undefined;
    }
    const known = before.is === 'done' ? before : { result: undefined, changed: true };
    const event = taskEvent(this.#context.base(this.listed, this.#kind), { status: 'ok', assumed: [], may: undefined });
    const when = before.is === 'done' ? `at ${before.at} ` : '';
    return {
      event: { ...event, message: `done ${when}by the run that this one goes on with` },
      result: known.result,
      changed: known.changed,
      failure: undefined,
      isFinal: true,
      isDoneBefore: true,
    };
  }

  #change(evaluation: Ready, place: Place): PendingChange {
    const { plan } = evaluation;
    if (isMarked(this.listed, plan) && this.#kind === 'task') this.#isMarked = true;
    // Those of a transaction are checked together.
    const checked = this.#context.transaction === undefined ? checkedSteps(place, plan) : plan.steps;
    const steps = applyKeywords(this.listed, checked);
    const files = filesOf(plan, this.listed, place);
    place.session.state.expire(plan.after, plan.touches);
    return pendingOf(this.listed, place, { ...plan, steps }, { ...evaluation, files });
  }

  /** `checkMode: true`: in check mode and a run alike nothing is done, and nothing follows from it for later tasks. */
  #onlyTells({ plan, assumed }: Ready): Outcome {
    const told = plan.changes.map(toldChange).join(', ');
    const base = this.#context.base(this.listed, this.#kind);
    if (plan.unforeseen === true) {
      const event = taskEvent(base, { status: 'skipped', assumed, may: undefined });
      return {
        event: { ...event, message: `checkMode: what it would do is known only once it has run (${told})` },
        result: {},
        changed: false,
        failure: undefined,
        isFinal: true,
      };
    }
    const event = taskEvent(base, { status: 'ok', assumed, may: undefined });
    return {
      event: { ...event, message: `checkMode: nothing was done of this: ${told}` },
      result: plan.result,
      changed: plan.quiet !== true,
      failure: undefined,
      isOnlyTold: true,
    };
  }

  /** The outcome of a change that was sent. */
  sent({ change, seconds, failure, result, message, made }: Sent): Outcome {
    const plan = made === undefined ? change.plan : { ...change.plan, changes: made };
    const base = this.#context.base(this.listed, this.#kind, seconds);
    const event = failure
      ? failureEvent(base, failure, plan.changes)
      : taskEvent(base, { ...told(plan), assumed: [], may: undefined, output: outputOf(result) });
    const isUndone = failure?.nothingDone === true && failure.reply === undefined;
    // A change that failed on the host does not count as one, except for a command: that is how Ansible counts.
    const changed =
      !plan.quiet &&
      !isUndone &&
      plan.changes.length > 0 &&
      (failure === undefined || failure.reply === undefined || plan.unforeseen === true);
    return {
      event: message === undefined ? event : { ...event, message },
      result,
      changed,
      failure: failure?.what,
      isMade: changed && failure !== undefined && failure.reply === undefined,
    };
  }

  /** A task that is not started. */
  refused(failure: FailureSource): Outcome {
    return { event: this.failure(failure), result: {}, changed: false, failure: failure.what, isFinal: true };
  }

  /** We cannot become the account of the task. */
  notAllowed(error: BecomeFailed): Outcome {
    const { state } = this.#context.placeOf(this.listed)?.session ?? this.#context.session;
    const why = state.mayAppearBecause;
    const mayBeThere = this.#context.input.check && error instanceof NoSuchAccount && why !== undefined;
    return mayBeThere
      ? this.nothingToDo({ is: 'unknown', why: `${error.message} yet (${why})` })
      : this.refused(notAllowed(error));
  }

  skipped(): Outcome {
    return this.nothingToDo({ is: 'skipped', assumed: [] });
  }

  /** What it would act on is held. A handler stays owed, for the first run after the hold. */
  #held(hold: Hold): Outcome {
    const isHandler = this.#kind === 'handler';
    if (isHandler) this.#context.handlers.keep(this.listed);
    const base = this.#context.base(this.listed, this.#kind);
    const event = taskEvent(base, { status: 'held', assumed: [], may: undefined });
    const message = `${holdText(hold)}${isHandler ? '; the handler stays owed' : ''}`;
    return { event: { ...event, message }, result: {}, changed: false, failure: undefined, isFinal: true };
  }

  /** The host is right already, the task is skipped, or its outcome cannot be known. */
  nothingToDo(evaluation: Evaluation & { is: 'planned' | 'skipped' | 'unknown' }): Outcome {
    const event = this.#event(evaluation);
    if (evaluation.is !== 'planned') return { event, result: {}, changed: false, failure: undefined, isFinal: true };
    return {
      event,
      result: evaluation.plan.result,
      changed: false,
      failure: undefined,
      open: this.#whyOpen(evaluation, event),
    };
  }

  /** Lets the task's own functions judge the outcome, and leaves the result for later tasks. */
  conclude(outcome: Outcome): Concluded {
    const { result, changed, failure, open, isFinal = false, isMade = false, isStop = false, foreseen } = outcome;
    const came = { changed, failure };
    const judged: Judgement =
      isFinal || !isJudged(this.listed)
        ? came
        : judge(this.listed, result, came, this.#context.judging(this.listed), open);
    const concluded = {
      result,
      judged,
      isMade,
      isStop,
      isSound: failure === undefined,
      isHopeless: outcome.isHopeless === true,
      isFinal: isFinal || (judged.failure === undefined && (open ?? judged.open) !== undefined),
    };
    const event =
      judged.failure === undefined ? this.#passed(outcome, judged) : this.#failed(outcome, judged, judged.failure);
    if (foreseen) this.#context.foresee(this.listed, foreseen.place, foreseen.plan);
    return { ...concluded, event };
  }

  #passed({ event, result, open, isDoneBefore, isOnlyTold }: Outcome, judged: Judgement): TaskEvent {
    const { changed } = judged;
    if (isDoneBefore) {
      if (result === undefined) this.#context.recordLost(this.listed, changed);
      else this.#context.record(this.listed, result, { changed });
      return event;
    }
    const isLeft = event.status === 'skipped' || event.status === 'held';
    const isChange = changed && isOnlyTold !== true;
    const done: TaskEvent = {
      ...event,
      status: isLeft ? event.status : isChange ? 'changed' : 'ok',
      changed: isChange,
      error: null,
      may: event.may ?? judged.open ?? null,
    };
    if (event.may !== null && this.listed.gate === undefined) this.#context.foreseeAnything(this.listed, event.may);
    if (done.may !== null || open !== undefined) this.#context.recordOpen(this.listed, done);
    else this.#context.record(this.listed, result, { changed, skipped: isLeft }, done.assumed);
    return done;
  }

  #failed({ event, result }: Outcome, { changed }: Judgement, what: string): TaskEvent {
    this.#context.record(this.listed, result, { changed, failed: true });
    return event.error ? event : this.failure({ what, output: outputOf(result) }, event.changes);
  }

  /** Marks in the run's record how it ended, where that has to be known to go on with it. */
  settleMark({ result, judged: { changed, failure } }: Concluded): void {
    if (!this.#isMarked) return;
    if (failure === undefined) this.#context.mark(this.listed, 'done', { result, changed });
    else this.#context.mark(this.listed, 'failed');
  }

  /** Notifies the handlers; those of a task that only may change may run. */
  notify({ event, judged, isMade }: Concluded): void {
    const { handlers } = this.#context;
    const { notify, name } = this.listed;
    if (judged.failure !== undefined) {
      if (isMade) handlers.notify(notify);
    } else if (event.may !== null) handlers.mayNotify(notify, `only if "${name}" changes something`);
    else if (event.status === 'changed') handlers.notify(notify);
  }

  failure(source: FailureSource, changes: TaskEvent['changes'] = []): TaskEvent {
    return failureEvent(this.#context.base(this.listed, this.#kind), source, changes);
  }

  /** It could not be planned. What it needs may be there at the next try. */
  #cannot(evaluation: Evaluation & { is: 'failed' }): Outcome {
    return {
      event: failureOf(this.#context, this.listed, this.#kind, evaluation),
      result: {},
      changed: false,
      failure: evaluation.what,
      isFinal: evaluation.isUnmet !== true,
    };
  }

  /** The plan says that it fails. */
  #fails(evaluation: Ready, place: Place): Outcome {
    const { plan } = evaluation;
    this.#context.foreseeFailure(this.listed, place, plan);
    return {
      event: failureOf(this.#context, this.listed, this.#kind, evaluation),
      result: plan.result,
      changed: false,
      failure: plan.failure,
      isHopeless: plan.hopeless === true,
    };
  }

  async #foresee(evaluation: Ready, place: Place): Promise<Outcome> {
    const { plan } = evaluation;
    const checked = this.#context.defers({ turn: this, place, evaluation })
      ? evaluation
      : await validated(place, this.listed, evaluation);
    if ('refused' in checked)
      return {
        event: this.failure(checked.refused, plan.changes),
        result: plan.result,
        changed: false,
        failure: checked.refused.what,
        isFinal: true,
      };
    const event = this.#event(checked);
    const confirmed = confirmedLater(this.#context, this.listed, place, plan);
    return {
      event: confirmed === undefined ? event : { ...event, message: confirmed },
      result: plan.result,
      changed: !plan.quiet,
      failure: undefined,
      open: this.#whyOpen(checked, event),
      foreseen: { place, plan },
    };
  }

  /** The event of a task for which nothing is sent. */
  #event(evaluation: Evaluation & { is: 'planned' | 'skipped' | 'unknown' }): TaskEvent {
    const base = this.#context.base(this.listed, this.#kind);
    if (evaluation.is === 'skipped')
      return taskEvent(base, { status: 'skipped', assumed: evaluation.assumed, may: undefined });
    if (evaluation.is === 'unknown') return taskEvent(base, { status: 'ok', assumed: [], may: evaluation.why });
    const { plan, options, assumed, may } = evaluation;
    return taskEvent(base, { ...told(plan), options, assumed, may, output: outputOf(plan.result) });
  }

  /** Check mode: why there is no result yet to be judged, or to try again for. */
  #whyOpen({ plan }: Ready, event: TaskEvent): string | undefined {
    if (event.may !== null) return event.may;
    return this.#context.input.check && plan.unforeseen === true ? openReason(this.listed) : undefined;
  }
}

function came(outcome: Outcome): Decision {
  return { is: 'came', outcome };
}

function toldChange({ what, from, to }: TaskEvent['changes'][number]): string {
  return [what, ...(from === undefined ? [] : [from, '->']), ...(to === undefined ? [] : [to])].join(' ');
}

/** How a planned task counts. Upkeep is no change worth reporting. */
function told(plan: Plan<unknown>): { status: 'changed' | 'ok'; plan: Plan<unknown> } {
  if (plan.quiet) return { status: 'ok', plan: { ...plan, changes: [] } };
  return { status: plan.changes.length > 0 ? 'changed' : 'ok', plan };
}
