import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Channel, ChannelExit } from './transport.ts';

export interface SpawnOptions {
  readonly env: NodeJS.ProcessEnv;
  /** A lane outlives its channel, to finish what it has read; the ssh client has nothing to finish. */
  readonly killOnClose: boolean;
}

/**
 * A process on this machine as a channel, in a session of its own: Ctrl-C at the terminal is for us to pass on, not for
 * the kernel.
 */
export function spawnChannel([program, ...args]: readonly string[], { env, killOnClose }: SpawnOptions): Channel {
  if (program === undefined) throw new TypeError('no program to start');
  const child = spawn(program, args, { stdio: 'pipe', detached: true, env });
  const exit = new Promise<ChannelExit>((resolve) => {
    child.once('error', (error) => resolve({ code: undefined, error }));
    child.once('exit', (code, signal) =>
      resolve({ code: code ?? (signal === null ? undefined : 128 + constants.signals[signal]) }),
    );
  });
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined);
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exit,
    close() {
      child.stdin.end();
      child.stdout.destroy();
      child.stderr.destroy();
      if (killOnClose) child.kill();
    },
  };
}
