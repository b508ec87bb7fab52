import type { Socket } from 'node:net';
import { drained } from '../drained.ts';
import type { Channel } from '../transport.ts';
import { FrameReader, frames, messageFrame, writeParts, type Frame } from './frames.ts';
import { Held } from './held.ts';
import { mostHeld, type Hold, type KeeperReply, type KeeperRequest } from './messages.ts';

/** Holds connections, and serves runs. */
export class Keeper {
  readonly #by: string;
  readonly #held = new Map<string, Held>();
  readonly #onIdle: () => void;
  /** Logins under way. One that is no longer here when it is done is not wanted any more. */
  readonly #opening = new Map<string, Hold>();
  #conversations = 0;
  #isRetired = false;

  /**
   * @param by the play it belongs to
   * @param onIdle it holds nothing any more, and nobody speaks with it
   */
  constructor(by: string, onIdle: () => void) {
    this.#by = by;
    this.#onIdle = onIdle;
  }

  /** Logs in to what is not held yet. What cannot be reached is not held. */
  async hold(holds: readonly Hold[]): Promise<void> {
    if (this.#isRetired) return;
    await Promise.all(holds.map((one) => this.#holdOne(one)));
    this.#restOrEnd();
  }

  async #holdOne(hold: Hold): Promise<void> {
    const { key } = hold.way;
    const known = this.#held.get(key);
    if (known?.isUsable) {
      known.renew(hold);
      return;
    }
    if (this.#opening.has(key) || this.#held.size + this.#opening.size >= mostHeld) return;
    this.#opening.set(key, hold);
    const isWanted = (): boolean => this.#opening.get(key) === hold;
    try {
      const held = await Held.open(hold, () => {
        if (this.#held.get(key) === held) this.#held.delete(key);
        this.#restOrEnd();
      });
      if (this.#isRetired || !held.isUsable || !isWanted()) held.end();
      else this.#held.set(key, held);
    } catch {
      // A key with a passphrase, a host that is gone: the next run tells it better.
    } finally {
      if (isWanted()) this.#opening.delete(key);
    }
  }

  /** Closes all that no run uses, takes nothing more, and is over once the runs are. */
  end(): void {
    this.#isRetired = true;
    for (const held of this.#held.values()) held.doom();
    this.#restOrEnd();
  }

  serve(socket: Socket): void {
    this.#conversations++;
    let onFrame = (first: Frame): void => {
      onFrame = () => undefined;
      const request: KeeperRequest = JSON.parse(first.bytes.toString());
      void this.#answer(request, socket, (next) => {
        onFrame = next;
      });
    };
    const reader = new FrameReader((one) => onFrame(one));
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch {
        socket.destroy();
      }
    });
    socket.on('error', () => undefined);
    socket.once('end', () => socket.end());
    socket.once('close', () => {
      this.#conversations--;
      this.#restOrEnd();
    });
  }

  async #answer(request: KeeperRequest, socket: Socket, listen: (next: (frame: Frame) => void) => void): Promise<void> {
    const say = (reply: KeeperReply): void => void (socket.writable && socket.write(messageFrame(reply)));
    if (request.by !== this.#by) {
      // Another build speaks another language, perhaps: the next run of that one starts its own.
      say({ say: 'no' });
      this.end();
      return;
    }
    switch (request.ask) {
      case 'hold':
        say({ say: 'done' });
        await this.hold(request.holds);
        return;
      case 'drop':
        for (const held of this.#held.values()) if (request.places.includes(held.way.place)) held.doom();
        // Who logs in now may have been let in before the change.
        for (const [key, { way }] of this.#opening) if (request.places.includes(way.place)) this.#opening.delete(key);
        say({ say: 'done' });
        return;
      case 'attach': {
        const held = this.#usable(request.key);
        if (held === undefined) return say({ say: 'no' });
        say({ say: 'wait' });
        held.use();
        socket.once('close', () => held.leave());
        say(
          (await held.answers()) && held.isUsable
            ? { say: 'attached', user: held.user, lanes: held.lanes }
            : { say: 'no' },
        );
        return;
      }
      case 'lane': {
        const lane = this.#held.get(request.key)?.take(request.name);
        if (lane === undefined) return say({ say: 'no' });
        say({ say: 'open' });
        bridge(lane.channel, socket, listen);
        return;
      }
      case 'exec': {
        const held = this.#held.get(request.key);
        if (held === undefined) return say({ say: 'no' });
        say({ say: 'wait' });
        try {
          const channel = await held.exec(request.command, { pty: request.pty });
          if (socket.destroyed) channel.close();
          say({ say: 'open' });
          bridge(channel, socket, listen);
        } catch (error) {
          say({ say: 'failed', message: error instanceof Error ? error.message : String(error) });
        }
        return;
      }
      default:
        request satisfies never;
    }
  }

  #usable(key: string): Held | undefined {
    const held = this.#held.get(key);
    return held?.isUsable && !this.#isRetired ? held : undefined;
  }

  #restOrEnd(): void {
    if (this.#held.size === 0 && this.#opening.size === 0 && this.#conversations === 0) this.#onIdle();
  }
}

/** Passes on what goes into a remote process and comes out of it, no faster than either side takes it. */
function bridge(channel: Channel, socket: Socket, listen: (next: (frame: Frame) => void) => void): void {
  const pass = (kind: 'o' | 'e', from: Channel['stdout']): void => {
    from.on('data', (chunk: Buffer) => {
      if (!socket.writable) return;
      if (writeParts(socket, frames(kind, chunk))) return;
      from.pause();
      socket.once('drain', () => from.resume());
    });
    from.resume();
  };
  listen(({ kind, bytes }) => {
    if (kind !== 'i') return;
    if (bytes.length === 0) channel.stdin.end();
    // What passes through is nobody's afterwards, this process's least of all.
    else if (!channel.stdin.write(bytes, () => bytes.fill(0))) {
      socket.pause();
      channel.stdin.once('drain', () => socket.resume());
    }
  });
  pass('o', channel.stdout);
  pass('e', channel.stderr);
  // The run is over, or was killed: as where a connection is lost.
  socket.once('end', () => channel.close());
  socket.once('close', () => channel.close());
  void channel.exit.then(async ({ code, error }) => {
    await drained(channel);
    if (!socket.writable) return;
    socket.end(
      messageFrame({
        say: 'exit',
        code: code ?? null,
        ...(error === undefined ? {} : { message: error.message }),
      } satisfies KeeperReply),
    );
  });
}
