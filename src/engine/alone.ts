import { setTimeout as sleep } from 'node:timers/promises';
import { BecomeFailed, Unreachable } from '../connection/index.ts';
import type { Evaluation } from './evaluate.ts';
import { notAllowed, type HostVerdict } from './failure.ts';
import type { HostContext, TaskKind } from './host-context.ts';
import { isEnough } from './judge.ts';
import { runOnce } from './once.ts';
import type { Place } from './place.ts';
import { askFor, Rounds } from './read-ahead.ts';
import { outputOf, unreachableEvent } from './task-event.ts';
import type { Concluded, Outcome, Turn } from './turn.ts';

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
    const came = await this.#reach();
    const { failure, changed } = came.judged;
    const isLost = came.event.status === 'unreachable';
    const isIgnored = failure !== undefined && (isLost || Boolean(listed.inherited.ignoreErrors));
    if (!isIgnored) this.#turn.notify(came);
    // The debt was recorded before the change. A task judged to have changed nothing owes nothing, nor does a failure
    // that is ignored.
    if (failure === undefined ? came.isSound && !changed : isIgnored && !isLost)
      await this.#context.clearRecords(handlers.cancelNew(listed.notify, owed));
    this.#context.tell(isIgnored ? { ...came.event, ignored: true, changed } : came.event);
    return failure === undefined || isIgnored ? 'ok' : 'failed';
  }

  /** Runs the task where it belongs. With `ignoreUnreachable`, a lost host is an outcome like any other. */
  async #reach(): Promise<Concluded> {
    const { listed } = this.#turn;
    try {
      const skipped = await this.#skipped();
      return skipped
        ? this.#turn.conclude(this.#turn.nothingToDo(skipped))
        : await this.#tryUntil(await this.#context.open(listed));
    } catch (error) {
      if (error instanceof BecomeFailed) return this.#turn.conclude(this.#turn.refused(notAllowed(error)));
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

  async #tryUntil(place: Place): Promise<Concluded> {
    const { listed } = this.#turn;
    const { until, retries = 3, delay = 5 } = listed.task.keywords;
    for (let left = until === undefined ? 0 : retries; ; left--) {
      const came = this.#turn.conclude(await this.#attempt(place));
      if (came.isFinal || isEnough(listed, came.result, came.judged, this.#context.judging(listed))) return came;
      if (left <= 0 || this.#context.signal?.aborted) return this.#gaveUp(came, retries);
      this.#context.input.listener({
        event: 'working',
        host: this.#context.session.host,
        task: `${listed.name} (${left} tries left)`,
      });
      await pause(delay, this.#context.signal);
      if (this.#context.signal?.aborted) return this.#gaveUp(came, retries);
      place.session.state.expire([], [{ on: 'everything' }]);
    }
  }

  #gaveUp({ result, judged: { changed, failure }, event }: Concluded, retries: number): Concluded {
    const what = failure ?? `"until" does not hold after ${retries + 1} tries`;
    return this.#turn.conclude({
      event: this.#turn.failure({ what, output: outputOf(result) }, event.changes),
      result,
      changed,
      failure: what,
      isFinal: true,
    });
  }
}

/** Waits between tries; Ctrl-C ends it. */
async function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(seconds * 1000, undefined, signal ? { signal } : {}).catch(() => undefined);
}
