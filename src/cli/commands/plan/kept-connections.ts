import { isDeepStrictEqual } from 'node:util';
import type { Connection, Target } from '../../../connection/index.ts';

type Connect = (target: Target) => Promise<Connection>;

/** Connections that a look leaves open for what comes behind it: a host is logged in to once. */
export class KeptConnections {
  readonly #connect: Connect;
  readonly #kept = new Map<string, Connection>();

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  /** For the look: to close one ends its lanes alone. */
  readonly lend: Connect = async (target) => {
    await this.drop(target.name);
    const connection = await this.#connect(target);
    this.#kept.set(target.name, connection);
    return lent(connection);
  };

  /** For one look after another: the one that is kept, as long as the host is reached as before. */
  readonly lendAgain: Connect = async (target) => {
    const kept = this.#kept.get(target.name);
    return kept && isDeepStrictEqual(kept.target, target) ? lent(kept) : await this.lend(target);
  };

  /** For the run: the one that was kept, once. */
  readonly take: Connect = async (target) => {
    const kept = this.#kept.get(target.name);
    this.#kept.delete(target.name);
    return kept ?? (await this.#connect(target));
  };

  /** Closes those that nobody took. */
  async close(): Promise<void> {
    await Promise.all([...this.#kept.keys()].map((name) => this.drop(name)));
  }

  /** Closes that of a host, if there is one. */
  async drop(name: string): Promise<void> {
    const kept = this.#kept.get(name);
    this.#kept.delete(name);
    await kept?.close().catch(() => undefined);
  }
}

function lent(connection: Connection): Connection {
  const lanes = new Map<string, ReturnType<Connection['lane']>>();
  return {
    target: connection.target,
    description: connection.description,
    live: (command) => connection.live(command),
    lane: (become) => {
      const lane = connection.lane(become);
      lanes.set(become?.user ?? '', lane);
      return lane;
    },
    close: async () => {
      const opened = await Promise.allSettled(lanes.values());
      await Promise.allSettled(opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value.close()] : [])));
    },
  };
}
