import { constants } from 'node:os';
import { ExitCode } from '../errors/index.ts';

/*
 * Standard output can be lost at any time: whoever read it ends (`| head`), the disk is full. What changes hosts then stops in good
 * order and says so; a listing has nothing left to do, and ends as other tools do.
 */

let loss: NodeJS.ErrnoException | undefined;
let toldTo: ((why: string) => void)[] = [];
let isRun = false;

/** Begins to watch; once, before anything is printed. */
export function watchOutput(): void {
  const { stdout } = process;
  const write = stdout.write.bind(stdout);
  type Done = (error?: Error | null) => void;
  // The event of an error comes only once the next change is on its way to the host; the stream knows of it at once.
  stdout.write = (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    const isLost = loss !== undefined;
    if (isLost) (typeof encoding === 'function' ? encoding : done)?.();
    const more = isLost || (typeof encoding === 'function' ? write(chunk, encoding) : write(chunk, encoding, done));
    if (stdout.errored) lose(stdout.errored);
    return more;
  };
  stdout.on('error', lose);
  // What would be said there has no other place to go; it must not end a run half way.
  process.stderr.on('error', () => undefined);
}

function lose(error: NodeJS.ErrnoException): void {
  if (loss) return;
  loss = error;
  for (const tell of toldTo) tell(reasonOf(error));
  if (!isRun) process.exit(ofListing(error));
}

/** Says that a run is under way, which is to stop by itself when it can no longer be told. */
export function onOutputLost(stop: (why: string) => void): void {
  isRun = true;
  toldTo = [...toldTo, stop];
  if (loss) stop(reasonOf(loss));
}

/** What the process ends with: nobody saw what a code of 0 would stand for. */
export function exitAfterLoss(code: number): number {
  if (!loss) return code;
  return isRun ? code || ExitCode.interrupted : ofListing(loss);
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EPIPE') return 'whoever read it is gone';
  return code === 'ENOSPC' ? 'no space is left where it goes' : message;
}

/** By SIGPIPE, which Node ignores, other tools end without a word. */
function ofListing(error: NodeJS.ErrnoException): number {
  if (error.code === 'EPIPE') return 128 + constants.signals.SIGPIPE;
  process.stderr.write(`error: Standard output is lost: ${reasonOf(error)}\n`);
  return ExitCode.usage;
}
