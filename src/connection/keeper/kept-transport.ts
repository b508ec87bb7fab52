import type { Socket } from 'node:net';
import { Unreachable } from '../errors.ts';
import type { StartedLane } from '../start.ts';
import type { Channel, ExecOptions, Transport } from '../transport.ts';
import type { Become } from '../types.ts';
import { askKeeper } from './conversation.ts';
import { keptChannel } from './kept-channel.ts';
import { laneName, type WarmLane } from './messages.ts';
import type { Way } from './way.ts';

/** A connection that waited: its keeper opens the channels, each over a socket of its own. */
export class KeptTransport implements Transport {
  readonly description = 'ssh2 (kept since the last run)';
  readonly user: string;
  readonly #by: string;
  readonly #way: Way;
  readonly #lease: Socket;
  readonly #warm: Map<string, WarmLane>;

  private constructor(by: string, way: Way, lease: Socket, user: string, lanes: readonly WarmLane[]) {
    this.#by = by;
    this.#way = way;
    this.#lease = lease;
    this.user = user;
    this.#warm = new Map(lanes.map((lane) => [lane.name, lane]));
  }

  /** @returns undefined where no connection of this way is kept, or it no longer works */
  static async attach(by: string, way: Way): Promise<KeptTransport | undefined> {
    const found = await askKeeper({ ask: 'attach', by, key: way.key });
    if (found === undefined) return undefined;
    const { socket, reply } = found;
    if (reply.say !== 'attached') {
      socket.destroy();
      return undefined;
    }
    return new KeptTransport(by, way, socket, reply.user, reply.lanes);
  }

  async readyLane(become: Become | undefined): Promise<StartedLane | undefined> {
    // Who has a password is asked for it anew, as sudo would.
    if (become?.password !== undefined) return undefined;
    const warm = this.#warm.get(laneName(become));
    if (warm === undefined) return undefined;
    this.#warm.delete(warm.name);
    const found = await askKeeper({ ask: 'lane', by: this.#by, key: this.#way.key, name: warm.name });
    if (found?.reply.say === 'open') return { channel: keptChannel(found), greeting: warm.greeting };
    found?.socket.destroy();
    return undefined;
  }

  async exec(command: string, { pty }: ExecOptions): Promise<Channel> {
    const found = await askKeeper({ ask: 'exec', by: this.#by, key: this.#way.key, command, pty });
    if (found?.reply.say === 'open') return keptChannel(found);
    found?.socket.destroy();
    throw new Unreachable(`the connection to ${this.#way.name} is gone`, {
      where: this.#way.name,
      detail: found?.reply.say === 'failed' ? found.reply.message : 'its keeper has ended',
    });
  }

  async close(): Promise<void> {
    this.#lease.end();
    this.#lease.unref();
  }
}
