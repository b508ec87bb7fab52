import { connect, Unreachable, type Connection, type Lane, type Target } from '../connection/index.ts';
import { PlayError } from '../errors/index.ts';

/** Connections of a run: the runner's own, which stay when the run is over. */
export interface Lease {
  /** The first for a host is the one that is open; one asked for again takes its place, since that one is lost. */
  connect(target: Target): Promise<Connection>;
  /** Ends the lanes that the run had, and with them its locks. */
  end(): Promise<void>;
}

/** Seconds a connection that was left alone has to show that it is there. */
const patience = 10;

/** One connection a host: made when first needed, made anew when it is lost, kept until all are closed. */
export class Connections {
  readonly #open = new Map<string, Promise<Connection>>();
  #isClosed = false;

  /** @throws Unreachable, PlayError once all are closed */
  get(target: Target): Promise<Connection> {
    const known = this.#open.get(target.name);
    if (known) return known;
    if (this.#isClosed)
      return Promise.reject(new PlayError('The runner is closed', { hint: 'Close it when all is done.' }));
    const opening = connect(target);
    this.#open.set(target.name, opening);
    opening.catch(() => this.#forget(target.name, opening));
    return opening;
  }

  /** Work that may be done twice: a connection that was lost while nobody used it is found by it. @throws Unreachable */
  async use<T>(target: Target, work: (connection: Connection) => Promise<T>): Promise<T> {
    const isFresh = !this.#open.has(target.name);
    try {
      return await work(await this.get(target));
    } catch (thrown) {
      if (!(thrown instanceof Unreachable)) throw thrown;
      await this.#drop(target.name);
      if (isFresh) throw thrown;
      return await work(await this.get(target));
    }
  }

  lease(): Lease {
    const seen = new Set<string>();
    const lanes = new Set<Lane>();
    return {
      connect: async (target) => {
        if (target.isFresh === true) return await connect(target);
        const isFirst = !seen.has(target.name);
        seen.add(target.name);
        const connection = isFirst ? await this.#alive(target) : await this.#anew(target);
        return {
          target: connection.target,
          user: connection.user,
          description: connection.description,
          lane: async (become) => {
            const lane = await connection.lane(become);
            lanes.add(lane);
            return lane;
          },
          live: (command) => connection.live(command),
          close: async () => undefined,
        };
      },
      end: async () => void (await Promise.allSettled([...lanes].map((lane) => lane.close()))),
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#open.keys()].map((host) => this.#drop(host)));
  }

  /** A run changes hosts: whether the connection is still there is found out before it begins. */
  async #alive(target: Target): Promise<Connection> {
    if (!this.#open.has(target.name)) return await this.get(target);
    try {
      const connection = await this.get(target);
      await (await connection.lane()).exchange([{ script: ':', timeout: patience }]);
      return connection;
    } catch {
      return await this.#anew(target);
    }
  }

  async #anew(target: Target): Promise<Connection> {
    await this.#drop(target.name);
    return await this.get(target);
  }

  async #drop(host: string): Promise<void> {
    const open = this.#open.get(host);
    if (!open) return;
    this.#forget(host, open);
    await open.then((connection) => connection.close()).catch(() => undefined);
  }

  #forget(host: string, open: Promise<Connection>): void {
    if (this.#open.get(host) === open) this.#open.delete(host);
  }
}
