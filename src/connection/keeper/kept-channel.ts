import { Readable, Writable } from 'node:stream';
import type { Channel, ChannelExit } from '../transport.ts';
import type { Conversation } from './conversation.ts';
import { frames, writeParts } from './frames.ts';
import type { KeeperReply } from './messages.ts';

/** A channel that a keeper has open, as it is spoken with over its socket. */
export function keptChannel({ socket, listen }: Conversation): Channel {
  const resume = (): void => {
    if (![stdout, stderr].some((one) => one.readableLength >= one.readableHighWaterMark)) socket.resume();
  };
  const stdout = new Readable({ read: resume });
  const stderr = new Readable({ read: resume });
  const stdin = new Writable({
    // Done when the keeper has room for more.
    write: (chunk: Buffer, _encoding, done) => void writeParts(socket, frames('i', chunk), done),
    final: (done) => void writeParts(socket, frames('i', Buffer.alloc(0)), () => done()),
  });
  const exit = new Promise<ChannelExit>((resolve) => {
    listen(({ kind, bytes }) => {
      if (kind === 'j') {
        resolve(exitOf(bytes));
        stdout.push(null);
        stderr.push(null);
        socket.end();
      } else if (!(kind === 'o' ? stdout : stderr).push(bytes)) socket.pause();
    });
    socket.once('close', () => {
      resolve({ code: undefined, error: new Error('the keeper of the connection has ended') });
      if (!stdout.readableEnded) stdout.push(null);
      if (!stderr.readableEnded) stderr.push(null);
    });
  });
  for (const one of [stdin, stdout, stderr]) one.on('error', () => undefined);
  return {
    stdin,
    stdout,
    stderr,
    exit,
    close: () => {
      // What was written goes before the end.
      stdin.end(() => socket.end());
      socket.unref();
      stdout.destroy();
      stderr.destroy();
    },
  };
}

function exitOf(bytes: Buffer): ChannelExit {
  const reply: KeeperReply = JSON.parse(bytes.toString());
  if (reply.say !== 'exit') return { code: undefined, error: new Error('the keeper said something else than an end') };
  return {
    code: reply.code ?? undefined,
    ...(reply.message === undefined ? {} : { error: new Error(reply.message) }),
  };
}
