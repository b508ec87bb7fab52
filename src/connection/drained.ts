import type { Channel } from './transport.ts';

/** Silence after which nothing more is expected of a process that has ended, in milliseconds. */
const QUIET = 300;

/** However much still comes, never longer than this: a host may go on for ever. */
const LONGEST = 10_000;

/**
 * Waits for what a process printed before it ended: its exit is known before its last output is read. Done when both
 * streams have ended or, where daemons hold them open, when nothing came for a while.
 */
export function drained({ stdout, stderr }: Pick<Channel, 'stdout' | 'stderr'>): Promise<void> {
  const streams = [stdout, stderr];
  return new Promise((resolve) => {
    const isOver = (): boolean => streams.every((stream) => stream.readableEnded || stream.destroyed);
    let timer: NodeJS.Timeout;
    const last = setTimeout(() => finish(), LONGEST);
    const finish = (): void => {
      clearTimeout(timer);
      clearTimeout(last);
      for (const stream of streams) stream.off('data', restart).off('end', check).off('close', check);
      resolve();
    };
    const check = (): void => {
      if (isOver()) finish();
    };
    const restart = (): void => {
      clearTimeout(timer);
      timer = setTimeout(finish, QUIET);
    };
    timer = setTimeout(finish, QUIET);
    for (const stream of streams) stream.on('data', restart).on('end', check).on('close', check);
    check();
  });
}
