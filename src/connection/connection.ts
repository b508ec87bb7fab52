import { defaultShell, type LaneShell } from './lane-program.ts';
import { ShellLane } from './lane.ts';
import { limitsOf } from './limits.ts';
import { runLive } from './live.ts';
import { startLane, type LaneStart, type StartedLane } from './start.ts';
import type { Transport } from './transport.ts';
import type { Become, Connection, Lane, LiveCommand, Target } from './types.ts';

/** Of an account that was become without a password, and not by way of another. */
export type OpenAccount = Pick<Become, 'user' | 'method'>;

/** A transport with its lanes, one for each account. */
export class HostConnection implements Connection {
  readonly target: Target;
  readonly #transport: Transport;
  readonly #shell: LaneShell;
  readonly #lanes = new Map<string, Promise<ShellLane>>();
  readonly #open = new Set<ShellLane>();
  readonly #accounts = new Map<string, OpenAccount>();

  /** @param releaseKept what is done before a change that logins rest on */
  constructor(
    target: Target,
    transport: Transport,
    shell: LaneShell = defaultShell,
    releaseKept: () => Promise<void> = async () => undefined,
  ) {
    this.target = target;
    this.#transport = transport;
    this.#shell = shell;
    this.releaseKept = releaseKept;
  }

  readonly releaseKept: () => Promise<void>;

  /** Accounts whose lanes anybody who is logged in may open. */
  get accounts(): OpenAccount[] {
    return [...this.#accounts.values()];
  }

  get user(): string | undefined {
    return this.#transport.user;
  }

  get description(): string {
    return this.#transport.description;
  }

  async lane(become?: Become): Promise<Lane> {
    const account = this.#isLogin(become) ? '' : (become?.user ?? '');
    const known = this.#lanes.get(account);
    if (known !== undefined) {
      const lane = await known;
      if (lane.isOpen) return lane;
      this.#open.delete(lane);
    }
    // Another call may have asked for it meanwhile.
    const opening = this.#lanes.get(account);
    if (opening !== undefined && opening !== known) return await opening;
    const start = this.#start(become);
    const lane = this.#started(start).then((started) => {
      const opened = new ShellLane(started, this.target.name, limitsOf(this.target));
      this.#open.add(opened);
      const { become: other, throughRoot } = start;
      if (other !== undefined && other.password === undefined && !throughRoot)
        this.#accounts.set(account, { user: other.user, method: other.method });
      return opened;
    });
    this.#lanes.set(account, lane);
    lane.catch(() => {
      if (this.#lanes.get(account) === lane) this.#lanes.delete(account);
    });
    return await lane;
  }

  async live(command: LiveCommand): Promise<number> {
    return await runLive(
      await startLane(this.#transport, this.#start(command.become)),
      command,
      this.target.name,
      limitsOf(this.target),
    );
  }

  async close(): Promise<void> {
    // A lane that is still coming up is not waited for: it ends with the transport.
    this.#lanes.clear();
    await Promise.all([...this.#open].map((lane) => lane.close()));
    this.#open.clear();
    await this.#transport.close();
  }

  async #started(start: LaneStart): Promise<StartedLane> {
    return (await this.#transport.readyLane?.(start.become)) ?? (await startLane(this.#transport, start));
  }

  #isLogin(become: Become | undefined): boolean {
    return become === undefined || become.user === this.#transport.user;
  }

  #start(become: Become | undefined): LaneStart {
    return {
      target: this.target,
      become: this.#isLogin(become) ? undefined : become,
      loginIsRoot: this.#transport.user === 'root',
      throughRoot: this.#lanes.has('root'),
      shell: this.#shell,
    };
  }
}
