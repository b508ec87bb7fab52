import type { Socket } from 'node:net';
import { constants } from 'node:os';
import type { Client, ClientChannel } from 'ssh2';
import { Unreachable } from './errors.ts';
import type { Channel, ChannelExit, Transport } from './transport.ts';

/** The host opens no further session on a connection (MaxSessions in its sshd_config). */
class NoMoreSessions extends Unreachable {
  override name = 'NoMoreSessions';
}

/** One login, and the sessions on it. */
export class Link {
  readonly #client: Client;
  readonly #clients: readonly Client[];
  readonly #socket: Socket;
  readonly #hostName: string;
  #lost: Error | undefined;
  /** Sessions that are open or asked for. */
  #sessions = 0;
  /** It refused a further session, and none has closed since. */
  #isFull = false;

  constructor(client: Client, clients: readonly Client[], socket: Socket, hostName: string) {
    this.#client = client;
    this.#clients = clients;
    this.#socket = socket;
    this.#hostName = hostName;
    client.on('error', (error) => {
      this.#lost = error;
    });
    client.on('close', () => {
      this.#lost ??= new Error('the host closed the connection');
    });
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** @throws NoMoreSessions where others are open already, else Unreachable */
  exec(command: string, { pty }: { pty: boolean }): Promise<Channel> {
    return new Promise((resolve, reject) => {
      const gone = (): void =>
        reject(
          new Unreachable(`the connection to ${this.#hostName} is gone`, {
            where: this.#hostName,
            detail: this.#lost?.message ?? 'the host closed it',
          }),
        );
      if (this.#lost !== undefined) {
        gone();
        return;
      }
      const others = this.#sessions++;
      this.#client.once('close', gone);
      try {
        this.#client.exec(command, pty ? { pty: { term: 'dumb' } } : {}, (error, stream) => {
          this.#client.off('close', gone);
          if (error === undefined) resolve(this.#channel(stream));
          else reject(this.#refused(error, others));
        });
      } catch (error) {
        // It hung up right after the login, before anybody listened.
        this.#lost = error instanceof Error ? error : new Error(String(error));
        gone();
      }
    });
  }

  #refused(error: Error, others: number): Unreachable {
    this.#sessions--;
    const what = `${this.#hostName} opened no session: ${error.message}`;
    if (others === 0 || !('reason' in error))
      return new Unreachable(what, {
        where: this.#hostName,
        hint: 'Does its sshd_config allow sessions (MaxSessions)?',
      });
    this.#isFull = true;
    return new NoMoreSessions(what, { where: this.#hostName });
  }

  #channel(stream: ClientChannel): Channel {
    const exit = new Promise<ChannelExit>((resolve) => {
      stream.once('exit', (code: number | null, signal?: string) => resolve({ code: code ?? signalCode(signal) }));
      stream.once('close', () =>
        resolve({ code: undefined, ...(this.#lost === undefined ? {} : { error: this.#lost }) }),
      );
    });
    // The end of the channel explains it; without a listener the error would count as play's own.
    for (const one of [stream, stream.stderr]) one.on('error', () => undefined);
    stream.once('close', () => {
      this.#sessions--;
      this.#isFull = false;
    });
    return { stdin: stream, stdout: stream, stderr: stream.stderr, exit, close: () => stream.close() };
  }

  /** Calls back once it is lost. */
  onLost(callback: () => void): void {
    this.#client.once('close', callback);
  }

  /**
   * Goes there and back: resolves once the host has answered. ssh2 has no echo of its own; to cancel a forwarding that
   * never was is refused by every server, which is an answer.
   */
  echo(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) {
        reject(this.#lost);
        return;
      }
      const gone = (): void => reject(this.#lost ?? new Error('the host closed the connection'));
      this.#client.once('close', gone);
      this.#client.unforwardIn('127.0.0.1', 1, () => {
        this.#client.off('close', gone);
        resolve();
      });
    });
  }

  close(): void {
    // The host's goodbye would cost a round trip: it is not waited for, and does not keep the process alive.
    this.#lost ??= new Error('it was closed');
    for (const client of [...this.#clients].reverse()) client.end();
    this.#socket.unref();
  }
}

/** One connection to the host, and further ones where it allows too few sessions on one. */
export class Ssh2Transport implements Transport {
  readonly user: string;
  readonly description: string;
  readonly #links: Link[];
  readonly #openLink: () => Promise<Link>;
  readonly #hostName: string;
  #isClosed = false;

  constructor(link: Link, openAnother: () => Promise<Link>, hostName: string, user: string, description: string) {
    this.#links = [link];
    this.#openLink = openAnother;
    this.#hostName = hostName;
    this.user = user;
    this.description = description;
  }

  async exec(command: string, options: { pty: boolean }): Promise<Channel> {
    for (;;) {
      const link = this.#links.find((one) => !one.isFull) ?? (await this.#another());
      try {
        return await link.exec(command, options);
      } catch (error) {
        if (!(error instanceof NoMoreSessions)) throw error;
      }
    }
  }

  /** Calls back once the first login is lost. */
  onLost(callback: () => void): void {
    this.#links[0]?.onLost(callback);
  }

  /** Resolves once the host has answered. */
  async echo(): Promise<void> {
    await this.#links[0]?.echo();
  }

  async #another(): Promise<Link> {
    let link: Link;
    try {
      link = await this.#openLink();
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      throw new Unreachable(`${this.#hostName} allows no further session on one connection, and no second connection`, {
        where: this.#hostName,
        hint: 'Raise MaxSessions in its sshd_config.',
        cause: error,
        detail: [error.message, error.detail].filter(Boolean).join('\n'),
      });
    }
    if (this.#isClosed) link.close();
    else this.#links.push(link);
    return link;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const link of this.#links) link.close();
  }
}

function signalCode(signal: string | undefined): number | undefined {
  const number = Object.entries(constants.signals).find(
    ([name]) => name === `SIG${signal ?? ''}` || name === signal,
  )?.[1];
  return number === undefined ? undefined : 128 + number;
}
