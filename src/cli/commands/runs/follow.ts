import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { knownRun, type KnownRun } from '../../../operator/known-runs.ts';
import { promptLine } from '../../../operator/prompt.ts';
import { isAlive, runFile } from '../../../operator/run-files.ts';
import { readNow, type RunNow } from '../../../operator/run-state.ts';
import { saidLines } from '../../../report/index.ts';

/** Milliseconds between two looks. */
const pause = 150;
/** Milliseconds that a run in the foreground of another terminal has to leave it. */
const mostWait = 5000;

/** Prints a file that another process writes, as it grows. */
export class Tail {
  readonly #file: number;
  readonly #before: () => void;
  #at = 0;

  /** @param before called before something is printed */
  constructor(path: string, before: () => void = () => undefined) {
    this.#file = openSync(path, 'r');
    this.#before = before;
  }

  /** Prints what has come since. */
  print(): void {
    for (let left = fstatSync(this.#file).size - this.#at; left > 0;) {
      const bytes = Buffer.alloc(Math.min(left, 256 * 1024));
      const read = readSync(this.#file, bytes, 0, bytes.length, this.#at);
      if (read === 0) return;
      this.#at += read;
      left -= read;
      this.#before();
      process.stdout.write(bytes.subarray(0, read));
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Comes back to a run that goes on: shows what it prints, asks what it asks. @returns its exit code, or 0 once it was left */
export async function followRun(run: KnownRun): Promise<number> {
  await takeOver(run);
  const doing = new DoingLine();
  const tail = new Tail(runFile(run.id, 'log'), () => doing.clear());
  process.stderr.write(`${saidLines(run.command)}: Ctrl-Z leaves it again, Ctrl-C interrupts it\n`);
  const left = new AbortController();
  const leave = (): void => {
    left.abort();
    process.stderr.write(`\nDetached again: the run goes on. Come back to it with: play resume ${run.id}\n`);
  };
  // Ctrl-C is for the run, as at its own terminal: it says itself what comes of it.
  const interrupt = (): void => void process.kill(run.pid, 'SIGINT');
  process.on('SIGTSTP', leave);
  process.on('SIGINT', interrupt);
  const asked = new Questioner(run.id);
  try {
    while (!left.signal.aborted) {
      const isOver = !isAlive(run);
      tail.print();
      if (isOver) return exitOf(run.id);
      const now = readNow(run.id);
      doing.show(now);
      await asked.answer(now);
      await sleep(pause);
    }
    return ExitCode.ok;
  } finally {
    doing.clear();
    tail.close();
    process.off('SIGTSTP', leave);
    process.off('SIGINT', interrupt);
  }
}

/** A run in the foreground of another terminal leaves that. */
async function takeOver({ id, pid, isAlive: runs }: KnownRun): Promise<void> {
  if (existsSync(runFile(id, 'log'))) return;
  const isWilling = readNow(id) !== undefined;
  if (runs && isWilling) process.kill(pid, 'SIGUSR2');
  for (let waited = 0; waited < (isWilling ? mostWait : 0); waited += pause) {
    await sleep(pause);
    if (existsSync(runFile(id, 'log'))) return;
  }
  throw new PlayError(`The run goes on in another terminal (pid ${pid}), which cannot be left`, {
    hint: 'It has only just begun, or asks at each step (--step). Try again, or go there.',
  });
}

function exitOf(id: string): number {
  const exit = knownRun(id)?.exit;
  if (exit !== undefined) return exit;
  process.stderr.write(`The run was killed. Continue it with: play resume ${id}\n`);
  return ExitCode.internal;
}

/** What the run is doing: on a terminal a line that is kept, elsewhere once. */
class DoingLine {
  readonly #isTerminal = process.stderr.isTTY;
  #shown = '';
  #isThere = false;

  show(now: RunNow | undefined): void {
    const text = (now?.doing ?? []).map(({ host, task }) => `${host}: ${task}`).join('  ');
    if (text === '' || text === this.#shown || (!this.#isTerminal && this.#shown !== '')) return;
    this.#shown = text;
    const line = saidLines(text).replaceAll('\n', ' ');
    if (!this.#isTerminal) return void process.stderr.write(`${line}\n`);
    process.stderr.write(`\r${line.slice(0, Math.max(20, process.stderr.columns - 1))}\x1b[K`);
    this.#isThere = true;
  }

  clear(): void {
    if (this.#isThere) process.stderr.write('\r\x1b[K');
    this.#isThere = false;
  }
}

/** Asks at this terminal what a run asks that has none. */
class Questioner {
  readonly #id: string;
  #answered: string | null = null;

  constructor(id: string) {
    this.#id = id;
  }

  async answer(now: RunNow | undefined): Promise<void> {
    const question = now?.question ?? null;
    if (question === null || question === this.#answered) {
      this.#answered = question;
      return;
    }
    const given = await promptLine(question);
    if (given === undefined) return;
    const file = runFile(this.#id, 'answer');
    writeFileSync(`${file}.new`, `${given}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
    this.#answered = question;
  }
}
