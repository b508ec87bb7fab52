import type { Question } from '../engine/index.ts';
import { PlayError } from '../errors/index.ts';
import { saidLines, type ShownEvent, type ShownListener } from '../report/index.ts';
import { promptLine } from './prompt.ts';

/**
 * A run's questions to the operator (`pause`, `confirm`, `--ask`), one at a time. While one is open the report waits,
 * so that other hosts write neither over the question nor into the answer.
 */
export class Questions {
  readonly #report: ShownListener;
  #held: ShownEvent[] | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  readonly #prompt: typeof promptLine;

  /**
   * @param report what prints; it hears of everything through `listener`
   * @param prompt asks and gives what was typed; default: at the terminal
   */
  constructor(report: ShownListener, prompt = promptLine) {
    this.#report = report;
    this.#prompt = prompt;
  }

  readonly listener: ShownListener = (event) => {
    if (this.#held === undefined) this.#report(event);
    else this.#held.push(event);
  };

  /**
   * @param question masked
   * @param before shows what the question is about
   * @returns what was typed; undefined where there is no terminal
   * @throws PlayError when interrupted, also by Ctrl-C at the question, which is Ctrl-C for the run
   */
  ask(question: Question, signal: AbortSignal | undefined, before?: () => void): Promise<string | undefined> {
    const turn = this.#turn.then(() => this.#askNow(question, signal, before));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #askNow(
    { host, text }: Question,
    signal: AbortSignal | undefined,
    before: (() => void) | undefined,
  ): Promise<string | undefined> {
    if (signal?.aborted) throw new PlayError('Interrupted before it was asked');
    this.#report({ event: 'question', host, text });
    this.#held = [];
    try {
      before?.();
      return await this.#prompt(saidLines(text), signal);
    } catch (thrown) {
      if (!(thrown instanceof PlayError)) throw thrown;
      if (!signal?.aborted) await interruptRun(signal);
      throw new PlayError('Interrupted while waiting for an answer', { cause: thrown });
    } finally {
      const held = this.#held;
      this.#held = undefined;
      for (const event of held) this.#report(event);
    }
  }
}

/** Ctrl-C by ourselves. The signal is on its way for a moment: the run must know of it before it goes on. */
export async function interruptRun(signal: AbortSignal | undefined): Promise<void> {
  const known = new Promise<void>((done) => signal?.addEventListener('abort', () => done(), { once: true }));
  process.kill(process.pid, 'SIGINT');
  if (signal !== undefined) await known;
}
