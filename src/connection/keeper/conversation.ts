import { connect, type Socket } from 'node:net';
import { FrameReader, messageFrame, type Frame } from './frames.ts';
import type { KeeperReply, KeeperRequest } from './messages.ts';
import { keeperSocket } from './socket-folder.ts';

/** How long a keeper has to answer at all, in milliseconds: it does so at once, or it is stopped or stuck. */
const firstPatience = 1000;

/** How long it has to say whether its host answers. A keeper gives up before. */
const patience = 6000;

export interface Conversation {
  readonly socket: Socket;
  readonly reply: KeeperReply;
  /** Hears all frames behind the reply; those that came before it is called, too. */
  listen(onFrame: (frame: Frame) => void): void;
}

/**
 * Asks the keeper of this account, if there is one.
 *
 * @returns undefined where nobody answers, or not in time
 */
export function askKeeper(request: KeeperRequest): Promise<Conversation | undefined> {
  const path = keeperSocket(false);
  if (path === undefined) return Promise.resolve(undefined);
  return new Promise((done) => {
    const early: Frame[] = [];
    let hear: ((frame: Frame) => void) | undefined;
    const socket = connect(path);
    const giveUp = (): void => {
      clearTimeout(timer);
      socket.destroy();
      done(undefined);
    };
    let timer = setTimeout(giveUp, firstPatience);
    const reader = new FrameReader((frame) => {
      if (hear !== undefined) {
        hear(frame);
        return;
      }
      const reply = frame.kind === 'j' ? readReply(frame.bytes) : undefined;
      clearTimeout(timer);
      if (reply === undefined) giveUp();
      else if (reply.say === 'wait') {
        // Who opens a channel knows how long that may take.
        if (request.ask !== 'exec') timer = setTimeout(giveUp, patience);
      } else {
        hear = (later) => void early.push(later);
        socket.off('close', giveUp);
        done({
          socket,
          reply,
          listen: (onFrame) => {
            hear = onFrame;
            for (const one of early.splice(0)) onFrame(one);
          },
        });
      }
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch {
        giveUp();
      }
    });
    // Its closing says the same.
    socket.on('error', () => undefined);
    socket.once('close', giveUp);
    socket.write(messageFrame(request));
  });
}

/** Tells the keeper something, and does not wait for what it says to that. Resolves once it is on its way, or cannot be. */
export function tellKeeper(request: KeeperRequest): Promise<void> {
  const path = keeperSocket(false);
  if (path === undefined) return Promise.resolve();
  return new Promise((done) => {
    const socket = connect(path);
    socket.on('error', () => undefined);
    socket.once('close', () => done());
    socket.write(messageFrame(request), () => {
      socket.end();
      socket.unref();
      done();
    });
  });
}

/** It is our own account's program: what is not of its form is another version's. */
function readReply(bytes: Buffer): KeeperReply | undefined {
  try {
    const reply: KeeperReply = JSON.parse(bytes.toString());
    return typeof reply.say === 'string' ? reply : undefined;
  } catch {
    return undefined;
  }
}
