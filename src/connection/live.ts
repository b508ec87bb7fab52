import { randomBytes } from 'node:crypto';
import { BoundaryReader } from './boundary-reader.ts';
import { drained } from './drained.ts';
import { ConnectionLost } from './errors.ts';
import { encodeBoundary, encodeLive } from './lane-frame.ts';
import { writeAll } from './lane.ts';
import type { StartedLane } from './start.ts';
import type { LiveCommand } from './types.ts';

/**
 * Runs one script on a channel of its own, its output as it comes. It is over when the lane has printed the boundary on
 * both streams: by then all that the script printed has arrived, whatever daemons still hold the streams open.
 *
 * @throws ConnectionLost when the channel ends before
 */
export function runLive({ channel }: StartedLane, command: LiveCommand, hostName: string): Promise<number> {
  const boundary = Buffer.from(`=${randomBytes(18).toString('base64url')}=`);
  return new Promise((resolve, reject) => {
    let line: string | undefined;
    let code: number | undefined;
    let stderrDone = false;
    const finish = (): void => {
      if (code === undefined || !stderrDone) return;
      resolve(code);
      channel.close();
    };
    const stdout = new BoundaryReader(
      boundary,
      (bytes) => {
        if (line === undefined) {
          command.onStdout(bytes);
          return;
        }
        line += bytes.toString();
        if (code === undefined && line.includes('\n')) code = Number.parseInt(line, 10);
        finish();
      },
      () => {
        // With a terminal both streams are one: the second boundary there is that of stderr.
        if (line === undefined) line = '';
        else stderrDone = true;
        finish();
      },
    );
    const stderr = new BoundaryReader(boundary, command.onStderr, () => {
      stderrDone = true;
      finish();
    });
    channel.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    channel.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    channel.stdin.on('error', () => undefined);
    void channel.exit.then(async ({ error }) => {
      await drained(channel);
      // Settled long ago, unless the lane ended without a word.
      reject(new ConnectionLost(`the connection to ${hostName} was lost`, [], { where: hostName, ...(error === undefined ? {} : { detail: error.message }) }));
    });
    writeAll(channel, [encodeBoundary(boundary.toString()), ...encodeLive(command.script, command.args)]);
  });
}
