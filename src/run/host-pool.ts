import type { Target } from '../connection/index.ts';
import { HostSession, type Connect, type LoggedEnd, type Results, type SharedRun } from '../engine/index.ts';
import type { RunOptions, RunRequest } from './types.ts';

/** A host during the run: connected when first needed, out after its first failure or where it is held. */
export interface PoolHost {
  readonly results: Results;
  isOut: boolean;
  /** It is left alone, and that is no failure. */
  isHeld: boolean;
  /** It vanished, and its play lets it go: no failure either. */
  isGone: boolean;
}

/** Seconds: a login that is only to show whether one gets in is tried again and again. */
const freshTimeout = 5;

/** Every host of a run, and those that tasks are delegated to. */
export class HostPool {
  readonly #request: RunRequest;
  readonly #options: RunOptions;
  readonly #hosts = new Map<string, PoolHost>();
  readonly #run: SharedRun = {};
  readonly #sessions = new Map<string, Promise<HostSession>>();

  constructor(request: RunRequest, options: RunOptions) {
    this.#request = request;
    this.#options = options;
  }

  /** What the hosts of the run share in this process. */
  get shared(): SharedRun {
    return this.#run;
  }

  of(host: string): PoolHost {
    let known = this.#hosts.get(host);
    if (!known) {
      known = { results: new Map(), isOut: false, isHeld: false, isGone: false };
      this.#hosts.set(host, known);
    }
    return known;
  }

  /** The host's session; the same for plays and for tasks delegated to it. @throws Unreachable */
  session(host: string): Promise<HostSession> {
    let session = this.#sessions.get(host);
    if (!session) {
      session = this.#open(host);
      this.#sessions.set(host, session);
    }
    return session;
  }

  /** Makes the next use of a host try to connect it again. */
  forget(host: string): void {
    this.#sessions.delete(host);
  }

  async #open(host: string): Promise<HostSession> {
    const { options, request } = { options: this.#options, request: this.#request };
    const started = Date.now();
    const connect: Connect = (how) => {
      const target = this.#target(host);
      return options.connect(
        how === 'fresh' ? { ...target, isFresh: true, retries: 0, connectTimeout: freshTimeout } : target,
      );
    };
    const connection = await connect();
    options.listener({ event: 'connected', host, how: connection.description, seconds: (Date.now() - started) / 1000 });
    const own = request.becomeOf?.(host, request.inventory);
    const password = own?.password ?? request.becomePassword;
    const method = own?.method ?? request.becomeMethod;
    const accounts = { become: (user: string) => ({ user, method, ...(password ? { password } : {}) }) };
    return new HostSession(host, connection, accounts, options.listener, options.trace ?? false, connect, this.#run);
  }

  /** `localhost` is this machine, even where no inventory says so. */
  #target(host: string): Target {
    if (host === 'localhost' && !this.#request.inventory.hosts.has(host))
      return { name: host, address: host, transport: 'local' };
    return this.#options.target(host);
  }

  /** @param endOf what the run came to on a host */
  async close(endOf: (host: string) => LoggedEnd): Promise<void> {
    const sessions = await Promise.allSettled(this.#sessions.values());
    await Promise.allSettled(
      sessions.flatMap((one) => (one.status === 'fulfilled' ? [one.value.close(endOf(one.value.host))] : [])),
    );
  }
}
