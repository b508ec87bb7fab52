import { PlayError } from '../errors/index.ts';
import { sharedKeyOf, type ListedTask } from '../playbook/index.ts';
import type { LeftResult } from './evaluate.ts';
import type { HostVerdict } from './failure.ts';
import type { HostContext } from './host-context.ts';
import type { TaskKind } from './host-run-input.ts';
import { failureEvent } from './task-event.ts';

/** The outcome of a task that runs once. */
export interface OnceResult {
  readonly ok: boolean;
  readonly result: LeftResult | undefined;
  readonly host: string;
  /** The host was lost: whether the task was done is unknown, so nobody may run it again. */
  readonly isLost?: boolean;
}

/** A host's turn at a task that runs once: either it runs the task, or another host did. */
export type OnceTurn =
  | { readonly isMine: true; readonly settle: (result: OnceResult) => void }
  | { readonly isMine: false; readonly came: OnceResult };

/** Where a host learns whose turn it is at a task that runs once. */
export interface OnceTurns {
  turn(key: string, host: string): Promise<OnceTurn>;
}

/**
 * Tasks that run once in the whole run: the first host of the play that still can runs them, the others wait for the
 * outcome. People who run a migration on the primary rely on it always being the first host, and check mode predicts
 * it. A host waits only for hosts before it, so no two wait for each other.
 */
export class OnceRegistry implements OnceTurns {
  readonly #hosts: readonly string[];
  readonly #has: (host: string, key: string) => boolean;
  readonly #results = new Map<string, OnceResult>();
  readonly #gone = new Set<string>();
  #waiting: (() => void)[] = [];

  /**
   * @param hosts of the play, in order
   * @param has whether a host's task list has the task
   */
  constructor(hosts: readonly string[], has: (host: string, key: string) => boolean) {
    this.#hosts = hosts;
    this.#has = has;
  }

  async turn(key: string, host: string): Promise<OnceTurn> {
    for (;;) {
      const came = this.#results.get(key);
      if (came) return { isMine: false, came };
      const first = this.#hosts.find((one) => !this.#gone.has(one) && (one === host || this.#has(one, key)));
      if (first === undefined || first === host) return { isMine: true, settle: (result) => this.#settle(key, result) };
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The host has finished the play, or dropped out: the hosts behind it no longer wait for it. */
  leave(host: string): void {
    this.#gone.add(host);
    this.#wake();
  }

  #settle(key: string, result: OnceResult): void {
    this.#results.set(key, result);
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Runs a task here if it is this host's turn; otherwise waits for the outcome elsewhere. */
export async function runOnce(
  context: HostContext,
  listed: ListedTask,
  kind: TaskKind,
  run: () => Promise<HostVerdict>,
): Promise<HostVerdict> {
  const { results, once } = context.input;
  const { host } = context.session;
  const turn = await once.turn(sharedKeyOf(listed), host);
  if (context.signal?.aborted) return 'interrupted';
  if (turn.isMine) {
    try {
      const verdict = await run();
      turn.settle({ ok: verdict === 'ok', result: results.get(listed.task), host });
      return verdict;
    } catch (error) {
      turn.settle({ ok: false, result: undefined, host, isLost: error instanceof PlayError });
      throw error;
    }
  }
  const { came } = turn;
  if (came.result) results.set(listed.task, came.result);
  if (came.ok) return 'ok';
  const what = came.isLost
    ? `It runs once, and ${came.host} was lost while running it`
    : `It runs once, and failed on ${came.host}`;
  context.tell(failureEvent(context.base(listed, kind), { what }));
  return 'failed';
}
