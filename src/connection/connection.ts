import { defaultShell, type LaneShell } from './lane-program.ts';
import { ShellLane } from './lane.ts';
import { limitsOf } from './limits.ts';
import { runLive } from './live.ts';
import { startLane, type LaneStart } from './start.ts';
import type { Transport } from './transport.ts';
import type { Become, Connection, Lane, LiveCommand, Target } from './types.ts';

/** A transport with its lanes, one for each account. */
export class HostConnection implements Connection {
  readonly target: Target;
  readonly #transport: Transport;
  readonly #shell: LaneShell;
  readonly #lanes = new Map<string, Promise<ShellLane>>();
  readonly #open = new Set<ShellLane>();

  constructor(target: Target, transport: Transport, shell: LaneShell = defaultShell) {
    this.target = target;
    this.#transport = transport;
    this.#shell = shell;
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
    const lane = startLane(this.#transport, this.#start(become)).then((started) => {
      const opened = new ShellLane(started, this.target.name, limitsOf(this.target));
      this.#open.add(opened);
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
