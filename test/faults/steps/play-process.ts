/** A run of `./play`, with what it tells. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

export interface Told {
  readonly code: number | null;
  readonly output: string;
  /** Of the host, where the run came to its recap. */
  readonly recap: Readonly<Record<string, number>> | undefined;
  /** Tasks and handlers that changed something or failed, a line each. */
  readonly eventful: readonly string[];
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Told>;
  isOver(): boolean;
}

/** Seconds after which a run that goes on is taken for one that hangs, on a busy machine too. */
const longest = 1200;

/**
 * @param root of this repository
 * @param dir of the project
 */
export function startPlay(root: string, dir: string, env: NodeJS.ProcessEnv, args: readonly string[]): Running {
  // What `./play` does before is done: whoever prepares a job runs that.
  const child = spawn(process.execPath, [join(root, 'dist/play.cjs'), ...args, '--output', 'jsonl', '--no-typecheck'], {
    cwd: dir,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let isOver = false;
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const watchdog = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), longest * 1000);
  const ended = new Promise<Told>((done) =>
    child.once('close', (code) => {
      isOver = true;
      clearTimeout(watchdog);
      done(read(code, output));
    }),
  );
  return { child, ended, isOver: () => isOver };
}

function read(code: number | null, output: string): Told {
  let recap: Told['recap'];
  const eventful: string[] = [];
  for (const line of output.split('\n')) {
    if (!line.startsWith('{')) continue;
    let event;
    try {
      event = JSON.parse(line);
    } catch {
      continue; // cut short by the end of play
    }
    if (event.event === 'recap') recap = Object.values<Told['recap']>(event.hosts)[0];
    else if ((event.event === 'task' || event.event === 'handler') && (event.changed || event.status === 'failed'))
      eventful.push(
        `${event.event} ${event.status}: ${event.role ?? ''}: ${event.task}${event.error ? `: ${JSON.stringify(event.error)}` : ''}`,
      );
  }
  return { code, output, recap, eventful };
}
