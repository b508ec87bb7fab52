import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { PlayError } from '../errors/index.ts';
import type { OutputForm } from '../options/flags.ts';
import {
  humanReport,
  jsonlReport,
  makeStyle,
  quietReport,
  saidLines,
  type ShownEvent,
  type ShownListener,
} from '../report/index.ts';
import { divertOutput, onTerminalGone } from './output-loss.ts';
import { runFile, statOf } from './run-files.ts';
import type { RunState } from './run-state.ts';

/** Events that whoever comes back is shown of what was before. */
const mostKept = 300;

/** The variable by which `--detach` says that nobody is at a terminal, and where what is printed goes. */
export const detachedLog = 'PLAY_DETACHED_LOG';

export interface DetachInput {
  /** The id of the run, by which it is found again. */
  readonly id: string;
  readonly state: RunState;
  /** Prints at the terminal. */
  readonly report: ShownListener;
  readonly output: OutputForm;
  readonly diff: boolean | 'full';
  readonly verbosity: number;
  readonly quiet: boolean;
  /** Told before the terminal is left: nothing more is drawn there. */
  readonly onLeave: () => void;
}

/**
 * A run's terminal, which may be left: by Ctrl-Z, as a shell's job is, by closing it, or when somebody takes the run over
 * (`play resume`). The run goes on, and prints into a file by which `play resume` shows it.
 */
export class Detachment {
  readonly #input: DetachInput;
  #report: ShownListener;
  #kept: ShownEvent[] = [];
  #isDetached: boolean;

  constructor(input: DetachInput) {
    this.#input = input;
    this.#report = input.report;
    const log = process.env[detachedLog];
    this.#isDetached = log !== undefined;
    if (log !== undefined) {
      // Not for what this run starts in its turn.
      delete process.env[detachedLog];
      renameSync(log, runFile(input.id, 'log'));
      input.state.set({ isDetached: true });
      process.send?.({ run: input.id }, () => process.disconnect());
    }
    process.on('SIGTSTP', () => this.#leave());
    process.on('SIGUSR2', () => this.#detach('Taken over by play resume: the run goes on there.'));
    onTerminalGone(() => this.hangUp());
  }

  readonly listener: ShownListener = (event) => {
    if (!this.#isDetached) this.#kept = [...this.#kept.slice(1 - mostKept), event];
    this.#report(event);
  };

  /** The terminal was closed. @returns false where there was none */
  hangUp(): boolean {
    if (!this.#isDetached && !process.stdout.isTTY) return false;
    this.#detach();
    return true;
  }

  /** Whether questions are asked of who comes back. */
  get isDetached(): boolean {
    return this.#isDetached;
  }

  /**
   * Asks whoever comes back to the run. @throws PlayError when it is interrupted meanwhile
   */
  async ask(question: string, signal: AbortSignal | undefined): Promise<string> {
    const { id, state } = this.#input;
    const answer = runFile(id, 'answer');
    rmSync(answer, { force: true });
    process.stderr.write(
      `${saidLines(question)}\n  Nobody is at its terminal. It is waiting for the answer: play resume ${id}\n`,
    );
    state.set({ question });
    try {
      for (;;) {
        if (signal?.aborted) throw new PlayError('Interrupted while waiting for an answer');
        const given = readAnswer(answer);
        if (given !== undefined) return given;
        await sleep(300);
      }
    } finally {
      rmSync(answer, { force: true });
      state.set({ question: null });
    }
  }

  /** Ctrl-Z: the shell gets its terminal back, as of any job. */
  #leave(): void {
    if (this.#isDetached) return;
    const [, , group, session] = statOf(process.pid) ?? [];
    if (group === undefined || group === session) {
      process.stderr.write('\nThere is no shell here to go back to. Close the terminal: the run goes on.\n');
      return;
    }
    const { id } = this.#input;
    this.#detach(`The run goes on in the background. Come back to it with: play resume ${id}`);
    spawn('/bin/sh', ['-c', continueScript, 'sh', String(process.pid)], { detached: true, stdio: 'ignore' }).unref();
    process.kill(process.pid, 'SIGSTOP');
  }

  #detach(said?: string): void {
    if (this.#isDetached) return;
    const { id, state, output, diff, verbosity, quiet, onLeave } = this.#input;
    // First: the terminal may turn out to be gone on the way, which comes here again.
    this.#isDetached = true;
    onLeave();
    const log = openSync(runFile(id, 'log'), 'w', 0o600);
    const write = (text: string): void => void writeSync(log, text);
    if (said !== undefined) process.stderr.write(`${process.stderr.isTTY ? '\r' : '\n'}${said}\n`);
    // What the old report still has to say, its line of progress, goes nowhere.
    divertOutput({ stdout: () => undefined, stderr: write });
    const human = (): ShownListener =>
      humanReport({
        stream: { isTTY: false, columns: 80, write },
        style: makeStyle(false),
        check: false,
        diff,
        verbosity,
      });
    if (output === 'jsonl') this.#report = jsonlReport({ write, verbosity });
    else this.#report = quiet ? quietReport(human()) : human();
    for (const event of this.#kept) this.#report(event);
    this.#kept = [];
    state.set({ isDetached: true });
    process.once('exit', () => closeSync(log));
  }
}

// A job is continued once its shell has the terminal back: it would take one that runs on for one that was never stopped.
const continueScript = `p=$1 n=0
while [ "$n" -lt 50 ]; do
  sleep 0.1; n=$((n+1))
  read -r line <"/proc/$p/stat" || exit
  set -- \${line##*) }
  [ "$6" = "$3" ] || break
done
kill -CONT "$p"`;

function readAnswer(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    return text.endsWith('\n') ? text.slice(0, -1) : undefined;
  } catch {
    return undefined;
  }
}
