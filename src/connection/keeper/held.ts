import type { Ssh2Transport } from '../ssh2-transport.ts';
import { connectSsh2 } from '../ssh2.ts';
import { startLane, type StartedLane } from '../start.ts';
import type { Channel, ExecOptions } from '../transport.ts';
import type { Target } from '../types.ts';
import { laneName, type Hold, type WarmAccount, type WarmLane } from './messages.ts';
import type { Way } from './way.ts';

/** However often runs use it: after this many milliseconds a login is made anew, as keys and accounts may have changed. */
const longestLife = 15 * 60 * 1000;

/** How much longer than at the login a host may take to show that it is there, in milliseconds. */
const grace = 1000;

/** No host is waited for longer than this, in milliseconds. */
const longestEcho = 5000;

/** A connection that waits for the next run, with a lane of each account that needed no password. */
export class Held {
  readonly way: Way;
  readonly #transport: Ssh2Transport;
  readonly #born = Date.now();
  readonly #warm = new Map<string, StartedLane>();
  readonly #onEnd: () => void;
  #accounts: readonly (WarmAccount | undefined)[];
  #seconds: number;
  #echo = grace;
  #users = 0;
  #warming: Promise<void> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #isDoomed = false;
  #isEnded = false;

  private constructor(hold: Hold, transport: Ssh2Transport, onEnd: () => void) {
    this.way = hold.way;
    this.#transport = transport;
    this.#seconds = hold.seconds;
    this.#accounts = [undefined, ...hold.accounts];
    this.#onEnd = onEnd;
  }

  /** Logs in as a run would. @throws Unreachable */
  static async open(hold: Hold, onEnd: () => void): Promise<Held> {
    const { jumps, settings } = hold.way;
    const held = new Held(hold, await connectSsh2(targetOf(hold.way), jumps, settings, ''), onEnd);
    held.#transport.onLost(() => held.end());
    const asked = Date.now();
    await held.#transport.echo();
    held.#echo = Math.min(longestEcho, grace + 4 * (Date.now() - asked));
    await held.#warmUp();
    held.#rest();
    return held;
  }

  /** May still be given to a run. */
  get isUsable(): boolean {
    return !this.#isDoomed && !this.#isEnded;
  }

  get user(): string {
    return this.#transport.user;
  }

  get lanes(): WarmLane[] {
    return [...this.#warm].map(([name, { greeting }]) => ({ name, greeting }));
  }

  /** Whether its host answers now. */
  async answers(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((done) => {
      timer = setTimeout(() => done(false), this.#echo);
    });
    const isThere = await Promise.race([
      this.#transport.echo().then(
        () => true,
        () => false,
      ),
      late,
    ]);
    clearTimeout(timer);
    if (!isThere) this.end();
    return isThere;
  }

  /** A run begins to use it. */
  use(): void {
    this.#users++;
    clearTimeout(this.#idle);
  }

  /** A run has ended: it waits for the next one. */
  leave(): void {
    this.#users--;
    if (this.#users > 0 || this.#isEnded) return;
    if (this.#isDoomed || Date.now() - this.#born > longestLife) this.end();
    else {
      this.#rest();
      this.#warmUp().catch(() => this.end());
    }
  }

  /** Another run wants it kept, too. */
  renew({ seconds, accounts }: Hold): void {
    this.#seconds = seconds;
    this.#accounts = [undefined, ...accounts];
    if (this.#users > 0) return;
    this.#rest();
    this.#warmUp().catch(() => this.end());
  }

  take(name: string): StartedLane | undefined {
    const lane = this.#warm.get(name);
    this.#warm.delete(name);
    return lane;
  }

  exec(command: string, options: ExecOptions): Promise<Channel> {
    return this.#transport.exec(command, options);
  }

  /** No run gets it any more; those that have it may go on. */
  doom(): void {
    this.#isDoomed = true;
    for (const name of this.#warm.keys()) this.take(name)?.channel.close();
    if (this.#users === 0) this.end();
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#idle);
    // A lane that nobody took is told so: its host need not find out by itself.
    for (const { channel } of this.#warm.values()) channel.close();
    void this.#transport.close();
    this.#onEnd();
  }

  #rest(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.end(), this.#seconds * 1000);
  }

  /** Starts the lanes that are missing: one time after the other, or two would start the same. */
  #warmUp(): Promise<void> {
    const warmed = this.#warming.then(() => this.#startMissing());
    this.#warming = warmed.catch(() => undefined);
    return warmed;
  }

  async #startMissing(): Promise<void> {
    for (const account of this.#accounts) {
      const name = laneName(account);
      if (this.#warm.has(name) || !this.isUsable) continue;
      const lane = await startLane(this.#transport, {
        target: targetOf(this.way),
        become: account,
        loginIsRoot: this.#transport.user === 'root',
        throughRoot: false,
      });
      if (!this.isUsable) lane.channel.close();
      else {
        this.#warm.set(name, lane);
        void lane.channel.exit.then(() => this.#warm.get(name) === lane && this.#warm.delete(name));
      }
    }
  }
}

function targetOf({ name, privateKeyFile, limits, settings }: Way): Target {
  return {
    name,
    address: settings.host,
    transport: 'ssh2',
    ...(privateKeyFile === undefined ? {} : { privateKeyFile }),
    ...(limits === undefined ? {} : { limits }),
  };
}
