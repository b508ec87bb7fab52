import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { BoundaryReader } from './boundary-reader.ts';
import { drained } from './drained.ts';
import { ConnectionLost } from './errors.ts';
import { encodeBoundary, encodeLive } from './lane-frame.ts';
import { writeAll } from './lane.ts';
import type { Limits } from './limits.ts';
import type { StartedLane } from './start.ts';
import type { LiveCommand } from './types.ts';

/** More than the line with the exit code contains. */
const LONGEST_LINE = 64;

/**
 * Runs one script on a channel of its own, with its output as it comes. It is over when the lane has printed the
 * boundary on both streams: by then everything the script printed has arrived, whatever daemons still hold the streams
 * open.
 *
 * @throws ConnectionLost when the channel ends before, or the script takes longer than a task may
 */
export function runLive(
  { channel }: StartedLane,
  command: LiveCommand,
  hostName: string,
  { task }: Limits,
): Promise<number> {
  const boundary = Buffer.from(`=${randomBytes(18).toString('base64url')}=`);
  return new Promise((resolve, reject) => {
    let line: string | undefined;
    let code: number | undefined;
    let stderrDone = false;
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      reject(error instanceof Error ? error : new Error(String(error)));
      channel.close();
    };
    const lost = (what: string, more: { hint?: string; detail?: string } = {}): void =>
      fail(new ConnectionLost(what, [], { where: hostName, ...more }));
    const timer = setTimeout(
      () =>
        lost(`${hostName} was not done within ${task} s`, { hint: 'It may go on there. --task-timeout waits longer.' }),
      Math.min(task * 1000, 2 ** 31 - 1),
    );
    const finish = (): void => {
      if (code === undefined || !stderrDone) return;
      clearTimeout(timer);
      resolve(code);
      channel.close();
    };
    const readCode = (bytes: Buffer): void => {
      if (code !== undefined) return;
      line = `${line ?? ''}${bytes.toString('latin1', 0, LONGEST_LINE)}`;
      const [, said] = /^(\d{1,3})\n/.exec(line) ?? [];
      if (said !== undefined) code = Number(said);
      else if (line.includes('\n') || line.length >= LONGEST_LINE)
        lost(`${hostName} did not say how the command ended`);
      finish();
    };
    const stdout = new BoundaryReader(
      boundary,
      (bytes) => {
        if (line === undefined) hearing(channel.stdout, command.onStdout(bytes));
        else readCode(bytes);
      },
      () => {
        // With a terminal both streams are one: the second boundary there is stderr's.
        if (line === undefined) line = '';
        else stderrDone = true;
        finish();
      },
    );
    const stderr = new BoundaryReader(
      boundary,
      (bytes) => hearing(channel.stderr, command.onStderr(bytes)),
      () => {
        stderrDone = true;
        finish();
      },
    );
    // An error in handling the output fails the command, not play.
    const guarded = (reader: BoundaryReader) => (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        fail(error);
      }
    };
    channel.stdout.on('data', guarded(stdout));
    channel.stderr.on('data', guarded(stderr));
    channel.stdin.on('error', () => undefined);
    void channel.exit.then(async ({ error }) => {
      await drained(channel);
      // Settled long ago, unless the lane ended without a word.
      lost(`the connection to ${hostName} was lost`, error === undefined ? {} : { detail: error.message });
    });
    void writeAll(channel, [encodeBoundary(boundary.toString()), ...encodeLive(command.script, command.args)]);
  });
}

/**
 * Reads nothing more from a stream until what came was passed on: a host must not fill our memory when the reader is
 * slow.
 */
function hearing(stream: Readable, passedOn: unknown): void {
  if (!(passedOn instanceof Promise)) return;
  stream.pause();
  const goOn = (): void => void stream.resume();
  passedOn.then(goOn, goOn);
}
