import { constants } from 'node:os';
import { ExitCode } from '../errors/index.ts';

/*
 * Standard output can be lost at any time: whoever read it ends (`| head`), the disk is full. What changes hosts then stops in good
 * order and says so; a listing has nothing left to do, and ends as other tools do.
 */

let loss: NodeJS.ErrnoException | undefined;
let diverted: { readonly stdout: (text: string) => void; readonly stderr: (text: string) => void } | undefined;
let terminalGone: (() => boolean) | undefined;
let toldTo: ((why: string) => void)[] = [];
let isRun = false;

/** Begins to watch; once, before anything is printed. */
export function watchOutput(): void {
  const { stdout } = process;
  const write = stdout.write.bind(stdout);
  type Done = (error?: Error | null) => void;
  // The event of an error comes only once the next change is on its way to the host; the stream knows of it at once.
  stdout.write = (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    if (diverted) diverted.stdout(textOf(chunk));
    const isLost = loss !== undefined || diverted !== undefined;
    if (isLost) (typeof encoding === 'function' ? encoding : done)?.();
    const more = isLost || (typeof encoding === 'function' ? write(chunk, encoding) : write(chunk, encoding, done));
    if (stdout.errored) lose(stdout.errored);
    return more;
  };
  const { stderr } = process;
  const writeError = stderr.write.bind(stderr);
  stderr.write = (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    if (diverted === undefined)
      return typeof encoding === 'function' ? writeError(chunk, encoding) : writeError(chunk, encoding, done);
    diverted.stderr(textOf(chunk));
    (typeof encoding === 'function' ? encoding : done)?.();
    return true;
  };
  stdout.on('error', lose);
  // What would be said there has no other place to go; it must not end a run half way.
  process.stderr.on('error', () => undefined);
}

const textOf = (chunk: string | Uint8Array): string =>
  typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');

/** From now on what is printed goes elsewhere: the terminal was left. */
export function divertOutput(to: NonNullable<typeof diverted>): void {
  diverted = to;
}

/** @param handle told that the terminal is no more; whether the run goes on without it */
export function onTerminalGone(handle: () => boolean): void {
  terminalGone = handle;
}

function lose(error: NodeJS.ErrnoException): void {
  if (loss || diverted) return;
  // A terminal that was closed fails before the signal of it comes.
  if (error.code === 'EIO' && process.stdout.isTTY && terminalGone?.()) return;
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
  if (code === 'EPIPE') return 'its reader is gone';
  return code === 'ENOSPC' ? 'no space is left on its device' : message;
}

/** By SIGPIPE, which Node ignores, other tools end without a word. */
function ofListing(error: NodeJS.ErrnoException): number {
  if (error.code === 'EPIPE') return 128 + constants.signals.SIGPIPE;
  process.stderr.write(`error: Standard output is lost: ${reasonOf(error)}\n`);
  return ExitCode.usage;
}
