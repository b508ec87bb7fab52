import { ConnectionLost, type Connection, type Lane } from '../../../connection/index.ts';
import type { HostLock, Listener } from '../../../engine/index.ts';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import type { RunLock } from '../../../run/index.ts';

/** How long a host may be gone before that is seen, in seconds. */
const looksEvery = 20;

/** What the locks of a host are taken with. */
export interface LockNeeds {
  readonly host: string;
  readonly lock: RunLock;
  readonly listener: Listener;
  readonly signal: AbortSignal;
}

/**
 * The locks of one host: root's, which runs that become root take, and that of who logs in. Their lanes hold them, so
 * they end with the connection, however that ends.
 */
export class LockedHost {
  readonly #held: { readonly lane: Lane; readonly lock: HostLock }[] = [];
  readonly #needs: LockNeeds;
  #look: ReturnType<typeof setInterval> | undefined;

  constructor(needs: LockNeeds) {
    this.#needs = needs;
  }

  /**
   * @param root a lane of root's
   * @throws PlayError where another run has the host, and does not leave it in time
   */
  async take(connection: Connection, root: Lane): Promise<void> {
    const login = await connection.lane();
    await this.#pass(root, 'root');
    if (login !== root) await this.#pass(login, '');
  }

  async #pass(lane: Lane, account: string): Promise<void> {
    const { host, lock: run, listener, signal } = this.#needs;
    const lock = run.hostLock({ host, account, listener, signal });
    const again = async () => {
      const [reply] = await lane.exchange([lock.request]);
      if (reply === undefined) throw new Error('the lane gave no reply');
      return reply;
    };
    await lock.settle(await again(), again);
    this.#held.push({ lane, lock });
  }

  /** Looks now and then whether the host is there still. @param lost told once that it is not */
  watch(lost: (why: string) => void): void {
    let isAsking = false;
    this.#look = setInterval(() => {
      if (isAsking) return;
      isAsking = true;
      Promise.all(this.#held.map(({ lane }) => lane.exchange([{ script: ':', timeout: looksEvery }])))
        .catch((thrown: unknown) => {
          clearInterval(this.#look);
          lost(thrown instanceof ConnectionLost ? thrown.message : String(thrown));
        })
        .finally(() => (isAsking = false));
    }, looksEvery * 1000);
  }

  /** Has the host record what the command came to. The locks go with their lanes. */
  async leave(exit: number): Promise<void> {
    clearInterval(this.#look);
    const end = {
      ended: new Date().toISOString(),
      changed: 0,
      failed: exit === ExitCode.ok ? 0 : 1,
      held: 0,
      interrupted: this.#needs.signal.aborted,
    };
    for (const { lane, lock } of this.#held) {
      const request = lock.leave?.(end);
      if (request !== undefined) await lane.exchange([request]).catch(ignoreLost);
    }
  }
}

/** What is gone needs nothing any more. */
function ignoreLost(thrown: unknown): void {
  if (!(thrown instanceof PlayError)) throw thrown;
}
