import type { Lane, LaneReply, LaneRequest } from '../connection/index.ts';
import type { LoggedEnd } from './host-log.ts';

/** What must hold before a run looks at a host and changes it: that no other run does. */
export interface HostLock {
  /** The account whose lane holds it, from then on to the lane's end. */
  readonly account: string;
  readonly request: LaneRequest;
  /**
   * Sent once through a lane of another account, ahead of its first change: says that this lane belongs to the run too.
   */
  readonly mark: LaneRequest;
  /** The lane that holds it says so, too. Default false. */
  readonly marksAll?: boolean;
  /**
   * Judges the answer, and asks again where it has to wait.
   * @returns whether it waited
   * @throws PlayError when the host cannot be had
   */
  settle(reply: LaneReply, again: () => Promise<LaneReply>): Promise<boolean>;
  /** What the host is to record in the end of what the run came to there. */
  readonly leave: ((end: LoggedEnd) => LaneRequest) | undefined;
  /** For a new connection after a lost one: the lock waits until what this run still has under way there is done. */
  anew(): HostLock;
}

/**
 * A session's passage through its lock: once for each lane that holds it, since a lane opened after a reboot holds
 * nothing.
 */
export class HostLockPassage {
  readonly #lock: HostLock;
  #passedBy: Lane | undefined;
  #passing: Promise<unknown> | undefined;
  readonly #marked = new WeakSet<Lane>();

  constructor(lock: HostLock) {
    this.#lock = lock;
  }

  /**
   * What an exchange has to do first: nothing, pass the lock by itself, or take the lock's request along with its
   * questions.
   */
  async kindFor(account: string, lane: Lane, changes: boolean): Promise<'open' | 'pass' | 'together'> {
    if (this.#passing !== undefined && (changes || account === this.#lock.account)) await this.#passing;
    if (account !== this.#lock.account) return changes && this.#passedBy === undefined ? 'pass' : 'open';
    if (lane === this.#passedBy) return 'open';
    return changes ? 'pass' : 'together';
  }

  /** What goes ahead of a change through this lane: nothing, or once the mark. */
  markFor(lane: Lane): LaneRequest[] {
    if ((lane === this.#passedBy && !this.#lock.marksAll) || this.#marked.has(lane)) return [];
    this.#marked.add(lane);
    return [this.#lock.mark];
  }

  /**
   * Sends the lock's request ahead of others, which only ask. @returns their replies, and whether these are in doubt
   */
  async together(
    lane: Lane,
    requests: readonly LaneRequest[],
  ): Promise<{ readonly replies: LaneReply[]; readonly waited: boolean }> {
    const work = this.#through(lane, requests);
    this.#passing = work.catch(() => undefined);
    try {
      return await work;
    } finally {
      this.#passing = undefined;
    }
  }

  /** What has the host record what the run came to; nothing where the lock was never passed. */
  leave(end: LoggedEnd): LaneRequest[] {
    const last = this.#passedBy && this.#lock.leave?.(end);
    return last === undefined ? [] : [last];
  }

  async #through(lane: Lane, requests: readonly LaneRequest[]): Promise<{ replies: LaneReply[]; waited: boolean }> {
    const again = async (): Promise<LaneReply> => answered(await lane.exchange([this.#lock.request]));
    const [first, ...replies] = await lane.exchange([this.#lock.request, ...requests]);
    const waited = await this.#lock.settle(answered(first ? [first] : []), again);
    this.#passedBy = lane;
    return { replies, waited };
  }
}

function answered([reply]: readonly LaneReply[]): LaneReply {
  if (!reply) throw new Error('the lane gave fewer replies than it was sent requests');
  return reply;
}
