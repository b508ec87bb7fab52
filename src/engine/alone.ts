import { setTimeout as sleep } from 'node:timers/promises';
import { BecomeFailed, Unreachable } from '../connection/index.ts';
import { sharedKeyOf } from '../playbook/index.ts';
import type { Evaluation } from './evaluate.ts';
import type { Wait } from './events.ts';
import { type HostVerdict } from './failure.ts';
import type { HostContext } from './host-context.ts';
import type { TaskKind } from './host-run-input.ts';
import { isEnough } from './judge.ts';
import { runOnce } from './once.ts';
import type { Place } from './place.ts';
import { askFor, Rounds } from './read-ahead.ts';
import { ignoresErrors } from './run-keywords.ts';
import { outputOf, unreachableEvent } from './task-event.ts';
import type { Concluded, Outcome } from './turn-outcome.ts';
import type { Turn } from './turn.ts';

/**
 * How the keywords of a task that runs by itself (`runOnce`, `delegateTo`, `until`, `ignoreErrors` and so on) shape its
 * tries.
 */
export class Alone {
  readonly #context: HostContext;
  readonly #turn: Turn;
  readonly #kind: TaskKind;
  readonly #attempt: (place: Place) => Promise<Outcome>;

  /** @param attempt carries the task out once, and gives its outcome */
  constructor(context: HostContext, turn: Turn, kind: TaskKind, attempt: (place: Place) => Promise<Outcome>) {
    this.#context = context;
    this.#turn = turn;
    this.#kind = kind;
    this.#attempt = attempt;
  }

  async run(): Promise<HostVerdict> {
    const { listed } = this.#turn;
    return listed.inherited.runOnce
      ? await runOnce(this.#context, listed, this.#kind, () => this.#run())
      : await this.#run();
  }

  async #run(): Promise<HostVerdict> {
    const { handlers } = this.#context;
    const { listed } = this.#turn;
    const owed = handlers.recorded();
    const { throttle } = listed.inherited;
    const came = await (throttle === undefined
      ? this.#reach()
      : this.#context.input.throttled(sharedKeyOf(listed), throttle, () => this.#reach()));
    this.#turn.settleMark(came);
    const { failure, changed } = came.judged;
    const isLost = came.event.status === 'unreachable';
    const isIgnored = failure !== undefined && !came.isStop && (isLost || ignoresErrors(listed));
    if (!isIgnored) this.#turn.notify(came);
    // The debt was recorded before the change. A task judged to have changed nothing owes nothing, nor does a failure
    // that is ignored.
    if (failure === undefined ? came.isSound && !changed : isIgnored && !isLost)
      await this.#context.clearRecords(handlers.cancelNew(listed.notify, owed));
    this.#context.tell(isIgnored ? { ...came.event, ignored: true, changed } : came.event);
    if (came.isStop) return 'interrupted';
    return failure === undefined || isIgnored ? 'ok' : 'failed';
  }

  /** Runs the task where it belongs. With `ignoreUnreachable`, a lost host is an outcome like any other. */
  async #reach(): Promise<Concluded> {
    const { listed } = this.#turn;
    try {
      const skipped = await this.#skipped();
      if (skipped) return this.#turn.conclude(this.#turn.nothingToDo(skipped));
      return this.#notYet(this.#context.session.state.changedBefore) ?? (await this.#gateOrNot());
    } catch (error) {
      if (error instanceof BecomeFailed) return this.#turn.conclude(this.#turn.notAllowed(error));
      if (!(error instanceof Unreachable) || !listed.inherited.ignoreUnreachable) throw error;
      // The next task finds the host again, if it is back.
      await this.#context
        .placeOf(listed)
        ?.session.reconnect()
        .catch(() => undefined);
      const event = unreachableEvent(this.#context.base(listed, this.#kind), error);
      return this.#turn.conclude({
        event,
        result: { unreachable: true },
        changed: false,
        failure: error.message,
        isFinal: true,
      });
    }
  }

  /** A task that will be skipped does not connect to another host. */
  async #skipped(): Promise<(Evaluation & { is: 'skipped' }) | undefined> {
    const { listed } = this.#turn;
    if (this.#context.placeOf(listed)) return undefined;
    const rounds = new Rounds();
    for (;;) {
      const conditions = this.#context.conditions(listed, this.#kind);
      if (conditions?.is !== 'needs') return conditions?.is === 'skipped' ? conditions : undefined;
      // It is run all the same, and fails there.
      if (rounds.next(listed, conditions.questions) !== undefined) return undefined;
      await askFor(this.#context, conditions.questions, [], this.#kind);
    }
  }

  async #gateOrNot(): Promise<Concluded> {
    const came = await this.#tryUntil(await this.#context.open(this.#turn.listed));
    if (came.judged.failure === undefined) return came;
    return this.#notYet(this.#context.session.run.changed) ?? came;
  }

  /**
   * Check mode: what a gate would find is not known where it asks about what is not there yet. What fails behind a change of
   * another host may hold once that is made.
   */
  #notYet(change: string | undefined): Concluded | undefined {
    const { check } = this.#context.input;
    if (!check || this.#turn.listed.gate === undefined || change === undefined) return undefined;
    const why = `not known before the start: ${change}`;
    return this.#turn.conclude(this.#turn.nothingToDo({ is: 'unknown', why }));
  }

  async #tryUntil(place: Place): Promise<Concluded> {
    const { listed } = this.#turn;
    const { signal } = this.#context;
    const { retries, delay } = this.#tries();
    const started = Date.now();
    // A gate goes by what is, and not by what a task before it found. Nor do answers of the network that another host
    // gave earlier: what this host has changed since makes nothing doubtful there.
    if (!this.#context.input.check) {
      if (listed.gate !== undefined) place.session.state.expire([], [{ on: 'everything' }]);
      else if (place.session !== this.#context.session) place.session.state.expire([], []);
    }
    for (let made = 1; ; made++) {
      const came = await this.#try(place, made <= retries);
      if (came && this.#isEnough(came)) return came;
      const seconds = (Date.now() - started) / 1000;
      if (came && (made > retries || signal?.aborted)) return this.#gaveUp(came, made, seconds);
      this.#tellWait({ tries: made, most: retries + 1, seconds, saw: this.#seen(came) });
      await pause(delay, signal);
      if (came && signal?.aborted) return this.#gaveUp(came, made, (Date.now() - started) / 1000);
      place.session.state.expire([], [{ on: 'everything' }]);
    }
  }

  #tellWait(wait: Wait): void {
    const { host } = this.#context.session;
    const { tries, most, seconds, saw } = wait;
    const last = saw === '' ? '' : `: ${saw}`;
    const text = `${this.#turn.listed.name} (${tries} of ${most} tries, ${seconds.toFixed(0)} s${last})`;
    this.#context.input.listener({ event: 'working', host, task: text, wait });
  }

  /** What a try came to, in a line that may be shown. */
  #seen(came: Concluded | undefined): string {
    if (came === undefined) return 'the connection was lost';
    if (this.#turn.listed.inherited.noLog) return '';
    const { result, judged } = came;
    const output = outputOf(result);
    const said = judged.failure ?? (output === undefined ? plainText(result) : output.stdout || output.stderr);
    return said.trim().split('\n').at(-1)?.slice(0, mostSeen) ?? '';
  }

  /** A gate that has no `until` is tried again while it fails. In check mode nothing it waits for is under way. */
  #tries(): { readonly retries: number; readonly delay: number } {
    const { gate, task } = this.#turn.listed;
    const { until, retries = 3, delay = 5 } = task.keywords;
    if (until === undefined)
      return gate ? { ...gate, ...(this.#context.input.check ? { retries: 0 } : {}) } : { retries: 0, delay };
    return { retries: gate && this.#context.input.check ? 0 : retries, delay };
  }

  #isEnough({ isFinal, isHopeless, result, judged }: Concluded): boolean {
    const { listed } = this.#turn;
    if (judged.failure === undefined ? isFinal : isFinal && listed.gate === undefined) return true;
    if (listed.gate !== undefined && listed.task.keywords.until === undefined)
      return isHopeless || judged.failure === undefined;
    return isEnough(listed, result, judged, this.#context.judging(listed));
  }

  /**
   * One try. @returns undefined where the host was lost in it, and the task may be tried again (a gate, or one with
   * `until`): it may wait for days, and a connection seldom lives that long.
   */
  async #try(place: Place, isAgain: boolean): Promise<Concluded | undefined> {
    try {
      return this.#turn.conclude(await this.#attempt(place));
    } catch (error) {
      const { signal } = this.#context;
      const mayGoOn = isAgain && !signal?.aborted;
      if (!(error instanceof Unreachable) || !mayGoOn) throw error;
      await place.session.recover(signal).catch((again: unknown) => {
        if (!(again instanceof Unreachable)) throw again;
      });
      return undefined;
    }
  }

  #gaveUp(came: Concluded, made: number, seconds: number): Concluded {
    const {
      result,
      judged: { changed, failure },
      event,
    } = came;
    const tries = `${made} ${made === 1 ? 'try' : 'tries'} in ${seconds.toFixed(0)} s`;
    const isCut = this.#context.signal?.aborted ?? false;
    if (this.#turn.listed.gate !== undefined && event.error !== null && failure !== undefined)
      return made === 1 && !isCut
        ? came
        : { ...came, event: { ...event, error: { ...event.error, what: `${failure} (${cut(isCut)}${tries})` } } };
    const saw = this.#seen(came);
    const last = failure === undefined && saw !== '' ? `; the last one gave: ${saw}` : '';
    const what =
      failure === undefined
        ? `"until" does not hold (${cut(isCut)}${tries})${last}`
        : `${failure} (${cut(isCut)}${tries})`;
    return this.#turn.conclude({
      event: this.#turn.failure({ what, output: outputOf(result) }, event.changes),
      result,
      changed,
      failure: what,
      isFinal: true,
    });
  }
}

const cut = (isCut: boolean): string => (isCut ? 'interrupted after ' : '');

/** Characters of what a try came to. */
const mostSeen = 200;

/** The values of a result that are plain: `status 503`. */
function plainText(result: unknown): string {
  if (typeof result !== 'object' || result === null) return '';
  return Object.entries(result)
    .flatMap(([name, value]) => (typeof value === 'number' || typeof value === 'boolean' ? [`${name} ${value}`] : []))
    .join(', ');
}

/** Waits between tries; Ctrl-C ends it. */
async function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(seconds * 1000, undefined, signal ? { signal } : {}).catch(() => undefined);
}
