import type { Become, Connection } from '../connection/index.ts';
import { loggedCommandSh } from '../engine/index.ts';
import { HostLines } from '../report/index.ts';
import type { Redactor } from '../secrets/index.ts';

export interface LiveRun {
  /** `$1`, `$2` ... of the command. */
  readonly args?: readonly string[];
  readonly become?: Become | undefined;
  readonly redactor: Redactor;
  /** When aborted, the command is stopped on the host. */
  readonly signal?: AbortSignal | undefined;
  /** What the host is to keep in its log of runs: the run's id and its first line. */
  readonly logged?: { readonly id: string; readonly line: string } | undefined;
  /** Called once the command has started. */
  readonly onStart?: (() => void) | undefined;
  /** Told each line, masked. A promise keeps what comes next back until it is settled. */
  readonly onLine: (stream: 'stdout' | 'stderr', text: string) => unknown;
}

// Its pid first, so that it can be ended: a channel that closes would leave it running. `eval`, since a command in an
// argv is for everybody on the host to read.
const beginScript = `echo "$$"; cd "\${HOME:-/}" 2>/dev/null || cd /; c=$1; shift`;
const script = `${beginScript}; eval "$c"`;
const loggedScript = `${beginScript}
${loggedCommandSh}`;
const endScript = `kill -TERM "-$1" 2>/dev/null || kill -TERM "$1" 2>/dev/null; exit 0`;

/** Runs a shell command in the home of its user and tells what it says as it says it. @returns its exit code */
export async function runLive(
  connection: Connection,
  command: string,
  { args = [], become, redactor, signal, logged, onStart, onLine }: LiveRun,
): Promise<number> {
  const [stdout, stderr] = (['stdout', 'stderr'] as const).map(
    (stream) => new Lines(redactor, (text) => onLine(stream, text)),
  );
  const end = async (pid: string): Promise<void> => {
    await (await connection.lane(become)).exchange([{ script: endScript, args: [pid], timeout: 20 }]);
  };
  const onAbort = (): void => void (pid.line ? end(pid.line).catch(() => undefined) : undefined);
  const pid = new FirstLine(() => {
    onStart?.();
    if (signal?.aborted) onAbort();
  });
  signal?.addEventListener('abort', onAbort);
  try {
    return await connection.live({
      script: logged ? loggedScript : script,
      args: [command, ...(logged ? [logged.id, logged.line] : []), ...args],
      ...(become ? { become } : {}),
      onStdout: (chunk) => stdout?.write(pid.without(chunk)),
      onStderr: (chunk) => stderr?.write(chunk),
    });
  } finally {
    stdout?.end();
    stderr?.end();
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Lines whose listener may ask for time. */
class Lines {
  readonly #lines: HostLines;
  #wait: unknown;

  constructor(redactor: Redactor, onLine: (text: string) => unknown) {
    this.#lines = new HostLines({ redactor, onLine: (text) => (this.#wait = onLine(text)) });
  }

  write(chunk: Buffer): unknown {
    this.#wait = undefined;
    this.#lines.write(chunk);
    return this.#wait;
  }

  end(): void {
    this.#lines.end();
  }
}

/** A process id has fewer digits. */
const longestPid = 20;

/** Takes the first line out of a stream. */
class FirstLine {
  line: string | undefined;
  #held = '';
  readonly #onLine: () => void;

  constructor(onLine: () => void) {
    this.#onLine = onLine;
  }

  without(chunk: Buffer): Buffer {
    if (this.line !== undefined) return chunk;
    const end = chunk.indexOf(0x0a);
    this.#held += chunk.toString('latin1', 0, Math.min(longestPid, end < 0 ? chunk.length : end));
    if (end < 0 && this.#held.length < longestPid) return Buffer.alloc(0);
    // A host that says something else has no command to end.
    this.line = /^\d+$/.test(this.#held) ? this.#held : '';
    this.#onLine();
    return chunk.subarray(end + 1);
  }
}
