import { Link, type Frame } from './link.ts';
import type { ToWorker } from './messages.ts';
import type { Exchange } from './redis.ts';

/** A worker as a run knows it. */
export interface Peer {
  readonly id: string;
  /** `deploy@runner2 (pid 4711)`; empty until it has said. */
  name: string;
  readonly link: Link;
  /** It was told what the run is made of. */
  isTold: boolean;
  /** Why it does not work for this run; undefined: it does. */
  refused: string | undefined;
  isLost: boolean;
  /** It has let go of all hosts. */
  isClosed: boolean;
}

/** The workers that a run has heard of. */
export class Peers {
  readonly #all = new Map<string, Peer>();
  readonly #exchange: Exchange;
  readonly #self: string;
  readonly #hear: (peer: Peer, body: unknown) => void;

  constructor(exchange: Exchange, self: string, hear: (peer: Peer, body: unknown) => void) {
    this.#exchange = exchange;
    this.#self = self;
    this.#hear = hear;
  }

  get all(): readonly Peer[] {
    return [...this.#all.values()].filter((peer) => !peer.isLost);
  }

  receive(from: string, frame: Frame): void {
    const known = this.#all.get(from);
    if (known?.isLost) return;
    (known ?? this.#meet(from)).link.receive(frame);
  }

  post(peer: Peer, message: ToWorker): void {
    peer.link.post(message);
  }

  /** Says that we are there. @returns the workers that were silent for so many milliseconds, while Redis was there */
  tick(patience: number): Peer[] {
    const now = Date.now();
    for (const peer of this.all) peer.link.tick();
    if (!this.#exchange.isUp || now - this.#exchange.hearsSince < patience) return [];
    return this.all.filter((peer) => now - peer.link.lastHeard > patience);
  }

  lose(peer: Peer): void {
    peer.isLost = true;
    peer.link.close();
  }

  #meet(id: string): Peer {
    const link = new Link(
      (frame) => this.#exchange.send(this.#self, id, frame),
      (body) => this.#hear(peer, body),
    );
    const peer: Peer = { id, name: '', link, isTold: false, refused: undefined, isLost: false, isClosed: false };
    this.#all.set(id, peer);
    return peer;
  }
}
