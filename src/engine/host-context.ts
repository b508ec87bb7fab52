import type { Plan } from '../contract/index.ts';
import type { Cleanup, CommitConfirmed, ListedTask } from '../playbook/index.ts';
import { holdOn, holdText, isSameHold, recordsSubject, type Hold } from '../probes/index.ts';
import { addsSources } from './adds-sources.ts';
import { Cleanups } from './cleanups.ts';
import { Guard } from './commit-confirm/guard.ts';
import { WrittenFiles } from './commit-confirm/written.ts';
import { DeployWindow } from './deploy-window.ts';
import {
  evaluate,
  evaluateConditions,
  judgeContext,
  openResult,
  type EvaluateInput,
  type Evaluation,
} from './evaluate.ts';
import type { MarkEvent, TaskEvent } from './events.ts';
import type { HostVerdict } from './failure.ts';
import type { Forecast } from './forecast.ts';
import { HandlerQueue } from './handler-queue.ts';
import { recordOverruled } from './host-records.ts';
import type { HostRunInput, TaskKind } from './host-run-input.ts';
import type { HostSession } from './host-session.ts';
import { notAskedWhy } from './not-asked.ts';
import { settleOwed, type Owed } from './owed.ts';
import type { Place } from './place.ts';
import { isMarked, keptResult, lostResult, markKey, type EarlierTask } from './resumed.ts';
import { taskEvent, type EventBase } from './task-event.ts';
import { OpenTransactions, type Transaction } from './transactions.ts';
import type { Turn } from './turn.ts';

/** A file whose content is not checked yet. */
export interface Unchecked {
  readonly turn: Turn;
  readonly place: Place;
  readonly evaluation: Evaluation & { readonly is: 'planned' };
}

/** Outcomes of work that are not reported yet. */
export interface Withheld {
  readonly told: TaskEvent[];
  readonly unchecked: Unchecked[];
}

/** Check mode: why a task's result cannot be read. */
export function openReason({ name }: ListedTask): string {
  return `what "${name}" answers is known only once it has run`;
}

/** What the parts of one host's run share. */
export class HostContext {
  readonly input: HostRunInput;
  readonly handlers: HandlerQueue;
  readonly cleanups: Cleanups;
  readonly openTransactions: OpenTransactions;
  /** The one that is under way. */
  transaction: Transaction | undefined;
  readonly window: DeployWindow;
  readonly forecast: Forecast | undefined;
  /** Under which what is changed now has to be confirmed. */
  guard: Guard | undefined;
  /** The files that wait for handlers. */
  readonly written = new WrittenFiles();
  /** How many blocks with a rescue surround what runs now. */
  rescues = 0;
  /** Whose work the tasks are (`hold`): what these hold is not held from them. */
  readonly holders = new Set<string>();
  /** What every debt records about its origin. */
  readonly of: Pick<Owed, 'play' | 'host' | 'by' | 'playbook'>;
  /** What is not reported yet. */
  #withheld: Withheld | undefined;
  readonly #delegates = new Map<string, HostSession>();
  readonly #overruled: Hold[] = [];
  /** How many pieces of work that Ctrl-C does not stop are under way. */
  #unstoppable = 0;

  constructor(input: HostRunInput, forecast?: Forecast) {
    this.input = input;
    this.forecast = forecast;
    const { play, by, playbook } = input;
    const of = { play, host: input.session.host, by };
    this.handlers = new HandlerQueue(input.tasks.handlers, of);
    this.of = { ...of, playbook };
    this.cleanups = new Cleanups(input.tasks, this.of);
    this.openTransactions = new OpenTransactions(input.tasks);
    this.window = new DeployWindow({
      rule: input.window,
      check: input.check,
      by: input.by,
      signal: () => this.signal,
      notice: (text) => this.notice(text),
    });
  }

  /** Aborted by Ctrl-C; undefined while the current work must be finished in any case. */
  get signal(): AbortSignal | undefined {
    return this.isUnstoppable ? undefined : this.input.signal;
  }

  /** Whether what is under way is done in any case. */
  get isUnstoppable(): boolean {
    return this.#unstoppable > 0;
  }

  /** Does what must be done in any case (`always`): only a second Ctrl-C, which ends play itself, can cut it short. */
  async unstoppable<T>(work: () => Promise<T>): Promise<T> {
    this.#unstoppable++;
    try {
      return await work();
    } finally {
      this.#unstoppable--;
    }
  }

  /**
   * What changes of this session have to be confirmed under.
   *
   * @param isWhole whatever they change, and not only what their plans name
   */
  guardOf({ session, account }: Place, how: CommitConfirmed, isWhole: boolean): Guard {
    const { play, by, playbook } = this.input;
    const isRefused = session !== this.session || session.refusal(this.records.account) !== undefined;
    const place = isRefused ? { session, account } : this.records;
    return new Guard(place, { play, by, playbook, host: session.host }, how, isWhole);
  }

  get session(): HostSession {
    return this.input.session;
  }

  /** Where the records of what is owed are kept: in root's lane, where the play becomes root at all. */
  get records(): Place {
    const root = this.input.tasks.tasks.some((one) => one.become && one.becomeUser === 'root');
    return { session: this.session, account: root ? 'root' : '' };
  }

  /** Where a task runs, on the play's own host. */
  own(listed: ListedTask): Place {
    return { session: this.session, account: accountOf(listed) };
  }

  /** Where a task runs; undefined until the host it is delegated to is connected. */
  placeOf(listed: ListedTask): Place | undefined {
    const { delegateTo } = listed.inherited;
    if (delegateTo === undefined || delegateTo === this.session.host) return this.own(listed);
    const session = this.#delegates.get(delegateTo);
    return session && { session, account: accountOf(listed) };
  }

  /** Connects the host a task is delegated to. */
  async open(listed: ListedTask): Promise<Place> {
    const known = this.placeOf(listed);
    if (known) return known;
    const { delegateTo = '' } = listed.inherited;
    const session = await this.input.sessionOf(delegateTo);
    this.#delegates.set(delegateTo, session);
    return { session, account: accountOf(listed) };
  }

  evaluate(listed: ListedTask, kind: TaskKind): Evaluation {
    const evaluation = evaluate(this.#evaluation(listed, kind));
    const why =
      kind === 'handler' && evaluation.is === 'planned' && evaluation.plan.changes.length > 0
        ? this.handlers.mayRun(listed)
        : undefined;
    return why === undefined || evaluation.is !== 'planned'
      ? evaluation
      : { ...evaluation, may: evaluation.may ?? why };
  }

  /** Whether a task is skipped, as far as that is known before the host it is delegated to is connected. */
  conditions(listed: ListedTask, kind: TaskKind): Evaluation | undefined {
    return evaluateConditions(this.#evaluation(listed, kind));
  }

  /** What functions that judge a task's result may read. */
  judging(listed: ListedTask): ReturnType<typeof judgeContext> {
    return judgeContext(this.#evaluation(listed, 'task'));
  }

  #evaluation(listed: ListedTask, kind: TaskKind): EvaluateInput {
    const { results, check } = this.input;
    const own = this.own(listed);
    return { listed, place: this.placeOf(listed) ?? own, own, results, check, notified: kind === 'handler' };
  }

  base(listed: ListedTask, event: TaskKind, seconds = 0): EventBase {
    const { delegateTo } = listed.inherited;
    return {
      event,
      host: this.session.host,
      play: this.input.play,
      listed,
      seconds,
      ...(delegateTo === undefined ? {} : { delegatedTo: delegateTo }),
    };
  }

  /** Reports a finished task. A failure inside a block with a rescue, or one that is ignored, does not count as one. */
  tell(event: TaskEvent): void {
    if (this.#withheld) return void this.#withheld.told.push(event);
    const told = event.status === 'failed' && this.rescues > 0 && !event.ignored ? { ...event, rescued: true } : event;
    this.forecast?.hear(told);
    this.input.listener(told);
  }

  /** Does work whose outcome is not reported yet. */
  async withhold(work: () => Promise<HostVerdict>): Promise<Withheld & { readonly verdict: HostVerdict }> {
    const withheld: Withheld = { told: [], unchecked: [] };
    this.#withheld = withheld;
    try {
      return { ...withheld, verdict: await work() };
    } finally {
      this.#withheld = undefined;
    }
  }

  /** Check mode: whether the content of a file is checked later, when all that comes with it is planned. */
  defers(unchecked: Unchecked): boolean {
    if (this.#withheld === undefined || unchecked.evaluation.plan.validate === undefined) return false;
    this.#withheld.unchecked.push(unchecked);
    return true;
  }

  /** A task that is not due. */
  skip(listed: ListedTask): void {
    this.record(listed, {}, { changed: false, skipped: true });
    this.tell(taskEvent(this.base(listed, 'task'), { status: 'skipped', assumed: [], may: undefined }));
  }

  tellWorking({ name, inherited }: ListedTask): void {
    this.input.listener({
      event: 'working',
      host: this.session.host,
      task: name,
      ...(inherited.noLog ? { hidden: true } : {}),
    });
  }

  notice(text: string): void {
    this.input.listener({ event: 'notice', host: this.session.host, text });
  }

  /** Leaves a result for later tasks to read. @param assumed what it rests on (check mode) */
  record(
    listed: ListedTask,
    result: unknown,
    outcome: { changed: boolean; skipped?: boolean; failed?: boolean },
    assumed: readonly string[] = [],
  ): void {
    const fields = typeof result === 'object' && result !== null ? result : {};
    this.input.results.set(listed.task, {
      result: {
        ...fields,
        changed: outcome.changed,
        failed: outcome.failed ?? false,
        skipped: outcome.skipped ?? false,
      },
      assumed,
    });
  }

  /** Marks in the run's record how far a task is that does its work each time, before it is sent and once it ended. */
  mark(listed: ListedTask, is: 'begun' | 'failed'): void;
  mark(listed: ListedTask, is: 'done', came: { readonly result: unknown; readonly changed: boolean }): void;
  mark(listed: ListedTask, is: MarkEvent['is'], came?: { readonly result: unknown; readonly changed: boolean }): void {
    const { part, check, listener, session } = this.input;
    if (check || part === undefined) return;
    const kept = came && keptResult(came.result, listed);
    listener({
      event: 'mark',
      is,
      host: session.host,
      part,
      key: markKey(listed),
      task: listed.name,
      ...(came ? { changed: came.changed } : {}),
      ...(kept ? { result: kept } : {}),
    });
  }

  /** What became of a task in the run that this one goes on with. */
  earlier(listed: ListedTask, plan: Plan<unknown>): EarlierTask | undefined {
    const { part, earlier, session } = this.input;
    if (part === undefined || !isMarked(listed, plan)) return undefined;
    return earlier?.of(part, listed.inherited.runOnce ? undefined : session.host, markKey(listed));
  }

  /** Of a task that an earlier run did, and whose result it could not keep. */
  recordLost(listed: ListedTask, changed: boolean): void {
    this.input.results.set(listed.task, { result: lostResult(listed.name, changed), assumed: [] });
  }

  /** Removes debts from the host's records. */
  async clearRecords(ids: readonly string[]): Promise<void> {
    await this.clearFiles(this.handlers.filesOf(ids));
  }

  /** Removes files of the host's records. */
  async clearFiles(files: readonly string[]): Promise<void> {
    if (files.length === 0) return;
    const { session, account } = this.records;
    await session.exchange(account, [settleOwed(files)], []);
    session.state.expire([], [recordsSubject]);
  }

  /** What the blocks around these changes will owe and is not recorded yet: a block without changes owes nothing. */
  entered(changes: readonly { readonly plan: Plan<unknown> }[]): readonly Owed[] {
    const { session, account } = this.records;
    const isWork = changes.some(({ plan }) => !plan.looksOnly && !plan.quiet);
    return isWork && session.refusal(account) === undefined ? this.cleanups.record() : [];
  }

  /** What a block does always was done: it is taken off the host's records. */
  async settle(cleanup: Cleanup): Promise<void> {
    await this.clearFiles(this.cleanups.settle(cleanup));
    this.tellCleanup(cleanup, 'done');
  }

  /** For the record of the run here, and for who ends it. */
  tellCleanup(tasks: Pick<Cleanup, 'id' | 'names'>, is: 'owed' | 'done'): void {
    const { session, play } = this.input;
    this.input.listener({ event: 'always', host: session.host, play, block: tasks.id, tasks: tasks.names, is });
  }

  /**
   * The hold that keeps a plan from being carried out there: one of its units, or of a host that the task is delegated
   * to. One that is overruled is reported and recorded, once.
   */
  async heldBy({ units = [] }: Plan<unknown>, place: Place): Promise<Hold | undefined> {
    const isOurs = ({ holder }: Hold): boolean => holder !== undefined && this.holders.has(holder);
    const holds = (place.session.holds?.holds ?? []).filter((one) => !isOurs(one));
    const whole = place.session === this.session ? undefined : holds.find(({ unit }) => unit === undefined);
    const hold = whole ?? holdOn(units, holds);
    if (hold === undefined || !this.input.ignoreHold) return hold;
    await this.overrule(hold, place);
    return undefined;
  }

  /** Goes ahead in spite of a hold (`--ignore-hold`), and says so here and on the host. */
  async overrule(hold: Hold, { session, account }: Place): Promise<void> {
    if (this.#overruled.some((one) => isSameHold(one, hold))) return;
    this.#overruled.push(hold);
    const of = session === this.session ? '' : `${session.host} is `;
    this.notice(`${of}${holdText(hold)}; overruled (--ignore-hold)`);
    if (!this.input.check) await session.exchange(account, [recordOverruled(this.input.by)], []);
  }

  /** Check mode: what later tasks read of a task whose outcome is open. */
  recordOpen(listed: ListedTask, event: TaskEvent): void {
    const known = event.may === null ? { changed: event.changed, failed: false, skipped: false } : {};
    this.input.results.set(listed.task, {
      result: openResult(known, event.may ?? openReason(listed)),
      assumed: event.assumed,
    });
  }

  /** Check mode: writes what a plan would make of the host over what was found. */
  foresee(listed: ListedTask, place: Place, plan: Plan<unknown>): void {
    const { state } = place.session;
    state.foresee(plan.after);
    state.changedBefore ??= `"${listed.name}" changes the host before`;
    place.session.run.changed ??= `"${listed.name}" changes ${place.session.host} before`;
    const isOpen = plan.unforeseen === true && plan.bringsNothing !== true;
    if (isOpen) state.mayAppearBecause ??= `"${listed.name}" runs before`;
    if (isOpen && addsSources(listed)) state.mayAddSources ??= `"${listed.name}" runs before`;
  }

  /** Check mode: what a task that fails half way leaves behind, for tasks that ignore that or rescue from it. */
  foreseeFailure(listed: ListedTask, place: Place, plan: Plan<unknown>): void {
    if (this.input.check && plan.after.length > 0) this.foresee(listed, place, plan);
  }

  /**
   * Check mode: a task may change the host in ways nobody can predict, so what is missing may exist by then.
   *
   * @param why why it is not known what it does
   */
  foreseeAnything(listed: ListedTask, why: string): void {
    const session = this.placeOf(listed)?.session;
    if (session === undefined) return;
    const { state } = session;
    // An answer that was never asked for is something else than one nobody can know.
    const because = why === notAskedWhy ? `, and ${notAskedWhy}` : '';
    session.run.changed ??= `"${listed.name}" may change ${session.host} before${because}`;
    state.changedBefore ??= `"${listed.name}" may change the host before${because}`;
    state.mayAppearBecause ??= `"${listed.name}" may run before${because}`;
    if (addsSources(listed)) state.mayAddSources ??= `"${listed.name}" may run before${because}`;
  }
}

export function accountOf(listed: ListedTask): string {
  return listed.become ? listed.becomeUser : '';
}
