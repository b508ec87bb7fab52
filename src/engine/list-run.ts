import { BecomeFailed } from '../connection/index.ts';
import type { ListedTask } from '../playbook/index.ts';
import { Alone } from './alone.ts';
import { hasToBeConfirmed, sendConfirmed } from './commit-confirm/auto.ts';
import type { Evaluation } from './evaluate.ts';
import { isFailure, type HostVerdict } from './failure.ts';
import type { HostContext } from './host-context.ts';
import type { TaskKind } from './host-run-input.ts';
import { dependsOnOthers, isSolo } from './judge.ts';
import { firstPart, LastLooks } from './last-looks.ts';
import { notAskedWhy } from './not-asked.ts';
import type { PendingChange } from './pack.ts';
import { samePlace, type Place, type PlacedQuestion } from './place.ts';
import { askFor, askHolds, Rounds } from './read-ahead.ts';
import { sendChanges, type Sent } from './sender.ts';
import { checkOfAll, ownChecks, wasChecked, type Together } from './together.ts';
import { switching } from './transactions.ts';
import type { Outcome } from './turn-outcome.ts';
import { Turn, type CannotPlan, type Planned } from './turn.ts';

/** Seconds that a question may take which is a wait. */
const longQuestion = 3600;

export interface ListOptions {
  /** Its changes are those of a transaction. */
  readonly together?: Together;
}

interface Suspended {
  readonly change: PendingChange;
  readonly turn: Turn;
}

/** What became of changes that were sent together. */
interface Came {
  /** One for each change, up to the first that failed. */
  readonly sent: readonly Sent[];
  /** A check refused them, so that none was made. */
  readonly refused?: { readonly turn: Turn; readonly outcome: Outcome };
  /** The check of all of them, where it was made. */
  readonly checked?: { readonly turn: Turn; readonly outcome: Outcome };
}

/** Runs neighbouring tasks: their changes wait and travel together. */
export class ListRun {
  readonly #context: HostContext;
  readonly #kind: TaskKind;
  readonly #list: readonly ListedTask[];
  #next = 0;
  readonly #rounds = new Rounds();
  readonly #checks: Together | undefined;
  #pending: Suspended[] = [];
  #hasSent = false;
  /** Tasks found right while changes before them are pending, with how many: each is reported after those. */
  #held: { readonly behind: number; readonly tell: () => void }[] = [];
  /** Services that were started and are still watched. */
  readonly #looks: LastLooks;

  constructor(context: HostContext, list: readonly ListedTask[], kind: TaskKind, { together }: ListOptions = {}) {
    this.#context = context;
    this.#list = list;
    this.#kind = kind;
    this.#checks = together;
    this.#looks = new LastLooks(context, { report: (turn, outcome) => this.#report(turn, outcome) === 'ok' });
  }

  async run(): Promise<HostVerdict> {
    try {
      const verdict = await this.#runAll();
      const isWell = await this.#looks.settle();
      return verdict === 'ok' && !isWell ? 'failed' : verdict;
    } catch (error) {
      this.#looks.giveUp();
      throw error;
    }
  }

  async #runAll(): Promise<HostVerdict> {
    for (let listed = this.#list[this.#next]; listed; listed = this.#list[this.#next]) {
      if (this.#context.signal?.aborted) return this.#interrupted();
      const verdict = await this.#run(new Turn(this.#context, listed, this.#kind));
      if (verdict !== 'ok' && verdict !== 'again') return verdict;
    }
    return (await this.#flush(true)) ? 'ok' : 'failed';
  }

  /** @returns `again`: more is known now, so the task must be planned anew */
  async #run(turn: Turn): Promise<HostVerdict | 'again'> {
    const behind = this.#next + 1;
    try {
      if (this.#context.input.isForecast && dependsOnOthers(turn.listed, this.#context.session.host)) {
        this.#next++;
        return this.#report(turn, turn.nothingToDo({ is: 'unknown', why: notAskedWhy }));
      }
      return await (isSolo(turn.listed) || this.#context.input.confirm ? this.#alone(turn) : this.#together(turn));
    } catch (error) {
      if (!(error instanceof BecomeFailed)) throw error;
      // In check mode, where the account may be made before, this is no failure, and the list goes on.
      this.#next = behind;
      return (await this.#finish()) ? this.#report(turn, turn.notAllowed(error)) : 'failed';
    }
  }

  async #alone(turn: Turn): Promise<HostVerdict> {
    if (!(await this.#finish())) return 'failed';
    this.#next++;
    return new Alone(this.#context, turn, this.#kind, (place) => this.#attempt(turn, place)).run();
  }

  /** Carries out one task by itself, once. */
  async #attempt(turn: Turn, place: Place): Promise<Outcome> {
    const evaluation = await this.#asked(turn);
    await askHolds(place);
    const decision = await turn.decide(evaluation, place);
    if (decision.is === 'came') return decision.outcome;
    const { sent, refused } = await this.#send([{ change: decision.change, turn }]);
    if (refused) return refused.outcome;
    const [came] = sent;
    if (!came) throw new Error('a change that was sent has no outcome');
    return turn.sent(came);
  }

  /** One task, whose change may wait for those of its neighbours. */
  async #together(turn: Turn): Promise<HostVerdict | 'again'> {
    const place = this.#context.own(turn.listed);
    const found = turn.evaluate();
    if (this.#pending.length > 0 && !this.#joins(found, turn, place)) return (await this.#flush()) ? 'again' : 'failed';
    const evaluation = found.is === 'needs' ? await this.#ask(turn, found.questions, this.#rounds) : found;
    if (evaluation === undefined) return 'again';
    // Earlier tasks with pending changes come first.
    if (isFailure(evaluation) && !(await this.#finish())) return 'failed';
    const decision = await turn.decide(evaluation, place);
    // Nor is a change that is refused at its turn to keep those before it from being made.
    if (decision.is === 'came' && decision.outcome.failure !== undefined && !(await this.#finish())) return 'failed';
    this.#next++;
    if (decision.is === 'due') return this.#suspend(turn, decision.change);
    return this.#report(turn, this.#isLeft(turn, decision.outcome) ? turn.skipped() : decision.outcome);
  }

  /** Plans a task, asking until it can be planned. */
  async #asked(turn: Turn): Promise<Planned> {
    const rounds = new Rounds();
    for (;;) {
      const evaluation = turn.evaluate();
      if (evaluation.is !== 'needs') return evaluation;
      const endless = await this.#ask(turn, evaluation.questions, rounds);
      if (endless !== undefined) return endless;
    }
  }

  /**
   * Asks what a task needs, and with it what the tasks behind it will need. @returns why it fails, where it asks
   * without end
   */
  async #ask(turn: Turn, questions: readonly PlacedQuestion[], rounds: Rounds): Promise<CannotPlan | undefined> {
    const endless = rounds.next(turn.listed, questions);
    if (endless !== undefined) return { is: 'failed', what: endless, hint: undefined };
    // A question may be what waits, for hours. What is tried again tells that by itself.
    const isWait = questions.some(({ question: { kind } }) => kind.inTurn && (kind.timeout ?? 0) >= longQuestion);
    if (isWait && !isSolo(turn.listed)) this.#context.tellWorking(turn.listed);
    await askFor(this.#context, questions, this.#coming, this.#kind);
    return undefined;
  }

  /**
   * Whether a task can be planned before the pending changes are sent: they may bring what it lacks or change what it
   * finds, and one exchange goes to one lane.
   */
  #joins(evaluation: Evaluation, { listed }: Turn, place: Place): boolean {
    const [first] = this.#pending;
    if (evaluation.is !== 'planned') return evaluation.is !== 'needs' && evaluation.is !== 'waits';
    const { plan } = evaluation;
    const { changes, imperative } = plan;
    if (first === undefined || changes.length === 0) return true;
    return !imperative && samePlace(first.change.place, place) && !hasToBeConfirmed(this.#context, listed, place, plan);
  }

  async #suspend(turn: Turn, change: PendingChange): Promise<HostVerdict> {
    this.#pending.push({ change, turn });
    const { plan, listed, place } = change;
    const goesAlone =
      plan.imperative ||
      // Whether it failed is read here, out of what it printed: nothing may be behind it.
      plan.report ||
      plan.steps.some((step) => step.detached) ||
      hasToBeConfirmed(this.#context, listed, place, plan);
    return goesAlone && !(await this.#flush()) ? 'failed' : 'ok';
  }

  /** Leaves the result of a task and reports its outcome, or does so once the pending changes before it are made. */
  #report(turn: Turn, outcome: Outcome): HostVerdict {
    const concluded = turn.conclude(outcome);
    turn.settleMark(concluded);
    turn.notify(concluded);
    const tell = (): void => this.#context.tell(concluded.event);
    if (this.#pending.length > 0) this.#held.push({ behind: this.#pending.length, tell });
    else this.#looks.behind(tell);
    if (concluded.isStop) return 'interrupted';
    return concluded.judged.failure === undefined ? 'ok' : 'failed';
  }

  /** A handler owed by an earlier run that cannot run yet (the restart of a missing unit) is no failure of this run. */
  #isLeft({ listed }: Turn, { failure }: Outcome): boolean {
    const id = this.#kind === 'handler' && failure !== undefined ? this.#context.handlers.leave(listed) : undefined;
    if (id !== undefined) this.#context.notice(`${id} stays owed: ${failure}`);
    return id !== undefined;
  }

  /** Sends what is pending, and sees that all that was started lasts. @returns false when a change failed */
  async #finish(): Promise<boolean> {
    return (await this.#flush()) && (await this.#looks.settle());
  }

  /**
   * Sends what is pending, then reports it and what was found right meanwhile; of a service that a handler started the
   * last look may still be to come.
   *
   * @param isLast nothing comes behind it
   * @returns false when a change failed
   */
  async #flush(isLast = false): Promise<boolean> {
    const pending = this.#pending;
    const held = this.#held;
    this.#pending = [];
    this.#held = [];
    const parts = pending.flatMap(({ turn, change }) => {
      const part = firstPart(this.#context, this.#kind, change);
      return part ? [{ turn, change: part }] : [];
    });
    const isOpen = parts.length > 0 && parts.length === pending.length;
    if (!isOpen && !(await this.#looks.settle())) return false;
    try {
      const { sent, refused, checked } = await this.#send(isOpen ? parts : pending, isLast);
      if (refused) return this.#report(refused.turn, refused.outcome) === 'ok';
      for (const [i, { turn, change }] of pending.entries()) {
        const came = sent[i];
        if (came === undefined) return false;
        if (isOpen && came.failure === undefined) this.#looks.made(turn, change, came);
        else {
          const isWell = await this.#looks.settle();
          if (this.#report(turn, turn.sent(came)) !== 'ok' || !isWell) return false;
        }
        for (const one of held) if (one.behind === i + 1) this.#looks.behind(one.tell);
      }
      if (checked) this.#report(checked.turn, checked.outcome);
      return true;
    } catch (error) {
      // Neighbours share an account: where that is refused, the first of them fails.
      const [first] = pending;
      if (!(error instanceof BecomeFailed) || !first) throw error;
      await this.#looks.settle();
      this.#report(first.turn, first.turn.notAllowed(error));
      return false;
    }
  }

  async #send(pending: readonly Suspended[], isLast = false): Promise<Came> {
    const changes = pending.map(({ change }) => change);
    const [first] = changes;
    if (first === undefined) return { sent: [] };
    const isFirst = !this.#hasSent;
    this.#hasSent = true;
    // Where one of them had to be made for another to be planned, all are checked in place.
    const validate = isLast && isFirst ? this.#checks?.validate : undefined;
    const all = validate && checkOfAll(validate, changes);
    const checks = this.#checks ? [...ownChecks(changes), ...(all ? [all] : [])] : [];
    let made: readonly Sent[] = [];
    const send = async (): Promise<readonly Sent[]> => {
      const outcomes = await switching(this.#context.transaction, changes, checks.length, () =>
        sendChanges(this.#context, [...checks, ...changes], this.#coming, this.#kind),
      );
      made = outcomes.slice(0, checks.length);
      return outcomes.slice(checks.length);
    };
    const { listed, place, plan } = first;
    const sent = hasToBeConfirmed(this.#context, listed, place, plan)
      ? await sendConfirmed(this.#context, first, send)
      : await send();
    return { sent, ...this.#checked(pending, made, all !== undefined) };
  }

  /** What the checks of a transaction came to. */
  #checked(pending: readonly Suspended[], made: readonly Sent[], hasAll: boolean): Omit<Came, 'sent'> {
    const turns = made.map((one) => {
      const turn = pending.find(({ change }) => change.listed === one.change.listed)?.turn;
      return { one, turn: turn ?? new Turn(this.#context, one.change.listed, this.#kind) };
    });
    const bad = turns.find(({ one }) => one.failure !== undefined);
    if (bad) return { refused: { turn: bad.turn, outcome: bad.turn.sent(bad.one) } };
    const last = hasAll ? turns.at(-1) : undefined;
    if (last === undefined || this.#checks === undefined || !wasChecked(last.one.outputs[0]?.stdout ?? '')) return {};
    this.#checks.isChecked = true;
    return { checked: { turn: last.turn, outcome: last.turn.sent(last.one) } };
  }

  get #coming(): readonly ListedTask[] {
    return this.#list.slice(this.#next);
  }

  /** Ctrl-C: what was sent is finished; what was only planned is dropped, and reported as such. */
  #interrupted(): HostVerdict {
    const left = [...this.#pending.map((one) => one.turn.listed), ...this.#coming];
    this.#context.notice(`interrupted: ${left.length} left of this play, from "${left[0]?.name ?? ''}" on`);
    return 'interrupted';
  }
}
