import { NoSuchAccount, type BecomeFailed, type LaneReply, type LaneRequest } from '../connection/index.ts';
import type { Question } from '../contract/index.ts';
import { nothingInTheWay, writability, type FoundHolds } from '../probes/index.ts';
import { HostSession } from './host-session.ts';
import { NotAsked, notAskedWhy } from './not-asked.ts';
import { noStaging } from './staging.ts';
import { pathOf } from './subjects.ts';

/** A host as a run has found it, for its forecast: it is planned against, and never spoken to. */
export class ForecastSession extends HostSession {
  readonly #real: HostSession;

  constructor(real: HostSession) {
    const noConnection = (): Promise<never> => Promise.reject(new Error('a forecast connects to nothing'));
    super(
      real.host,
      real.connection,
      { become: () => undefined },
      () => undefined,
      false,
      noConnection,
      {},
      real.state.copy(),
    );
    this.#real = real;
  }

  override get holds(): FoundHolds | undefined {
    return this.#real.holds;
  }

  override get rootAccount(): string | undefined {
    return this.#real.rootAccount;
  }

  override refusal(account: string): BecomeFailed | undefined {
    return this.isStoodInFor(account) ? undefined : this.#real.refusal(account);
  }

  override isStoodInFor(account: string): boolean {
    return this.#real.refusal(account) instanceof NoSuchAccount && this.state.presence(account) === 'planned';
  }

  /** What follows from what the host has said: below a folder that it does not have there is nothing. */
  #inferred(question: Question): unknown {
    const path = pathOf(question);
    if (path === undefined || !this.state.isBelowNothing(path)) return new NotAsked();
    if (question.kind === writability(path).kind) return nothingInTheWay;
    return 'absent' in question.kind ? question.kind.absent : new NotAsked();
  }

  /** Questions stay open; what would be run in a view of the host cannot be. */
  override async exchange(
    account: string,
    requests: readonly LaneRequest[],
    questions: readonly Question[],
  ): Promise<LaneReply[]> {
    for (const question of questions) this.state.record(account, question, this.#inferred(question));
    const stderr = Buffer.from(notAskedWhy);
    return requests.map(() => ({ code: noStaging, stdout: Buffer.alloc(0), stderr, truncated: false, skipped: false }));
  }
}
