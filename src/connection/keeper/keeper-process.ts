import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { askKeeper } from './conversation.ts';
import { Keeper } from './keeper.ts';
import type { Hold } from './messages.ts';
import { keeperSocket } from './socket-folder.ts';

/**
 * The keeper as a process of its own, started by a run that has ended: on its standard input it is told which play it
 * belongs to and what to hold. It ends once it holds nothing.
 */
async function main(): Promise<void> {
  const { by, holds } = await readStart();
  const path = keeperSocket(true);
  if (path === undefined) return;
  // Two runs may have ended at once, and both have started one.
  const other = await askKeeper({ ask: 'hold', by, holds });
  if (other?.reply.say === 'done') process.exit(0);
  let own: number | undefined;
  const leave = (): void => {
    // What listens there by now may be a later one.
    if (lstatSync(path, { throwIfNoEntry: false })?.ino === own) rmSync(path, { force: true });
    process.exit(0);
  };
  const keeper = new Keeper(by, leave);
  const server = createServer({ allowHalfOpen: true }, (socket) => keeper.serve(socket));
  server.on('error', () => process.exit(0));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => keeper.end());
  process.umask(0o077);
  // Of a keeper that was killed, or is of another build and ends.
  rmSync(path, { force: true });
  server.listen(path, () => {
    chmodSync(path, 0o600);
    own = lstatSync(path).ino;
  });
  await keeper.hold(holds);
}

async function readStart(): Promise<{ readonly by: string; readonly holds: readonly Hold[] }> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

// Whatever goes wrong here, the next run connects by itself.
process.on('uncaughtException', () => process.exit(1));
process.on('unhandledRejection', () => process.exit(1));
main().catch(() => process.exit(1));
