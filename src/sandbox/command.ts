/** Running this machine's own commands: argv only, never a shell line made of names. */
import { spawn } from 'node:child_process';
import { PlayError } from '../errors/index.ts';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string | Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
}

/** sbin is not on everybody's PATH, and that is where most of what we call lives. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function systemEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:${systemPath}`, LC_ALL: 'C', ...extra };
}

/** Runs a command to its end; a command that cannot be started has code 127. */
export function run(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program = '', ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(program, args, { env: systemEnvironment(options.env), stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => undefined); // a command that does not read its input is no fault
    child.on('error', (error) => resolve({ code: 127, stdout: '', stderr: error.message }));
    child.on('close', (code, signal) =>
      resolve({
        code: code ?? (signal === 'SIGKILL' ? 137 : 143),
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      }),
    );
    child.stdin.end(options.input ?? '');
  });
}

/** Runs a command that has to succeed; resolves with its stdout. */
export async function must(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await run(argv, options);
  if (result.code !== 0) {
    throw new PlayError(`Sandbox: \`${argv.slice(0, 6).join(' ')}\` failed with code ${result.code}`, {
      detail: lastLines(result.stderr || result.stdout, 20),
    });
  }
  return result.stdout;
}

export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

/**
 * Starts a command that outlives this process: a session of its own, nothing of ours held open.
 * @param log the open file its output goes to
 */
export function startDetached(argv: readonly string[], log: number, env: NodeJS.ProcessEnv = {}): void {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
    env: systemEnvironment(env),
  });
  child.on('error', () => undefined); // seen by whoever waits for what it should have brought about
  child.unref();
}

/** Polls until `probe` gives a value; `undefined` when `seconds` have passed first. */
export async function waitFor<T>(
  probe: () => T | undefined | Promise<T | undefined>,
  seconds: number,
  pauseMs = 20,
): Promise<T | undefined> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (performance.now() > end) return undefined;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Seconds until it is said what is waited for: a boot takes about three on a quiet machine. */
const firstWord = 8;
/** Seconds between two such words. */
const nextWord = 30;

/**
 * Says what is waited for, for as long as that takes.
 *
 * @param what as a part of a sentence; asked anew each time
 */
export async function tellingWait<T>(
  onNotice: (text: string) => void,
  what: () => string,
  work: () => Promise<T>,
): Promise<T> {
  const began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const tellIn = (seconds: number): void => {
    timer = setTimeout(() => {
      onNotice(`sandbox: waiting for ${what()}, ${Math.round((performance.now() - began) / 1000)} s so far`);
      tellIn(nextWord);
    }, seconds * 1000).unref();
  };
  tellIn(firstWord);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
