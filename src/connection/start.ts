import { randomBytes } from 'node:crypto';
import { PlayError } from '../errors/index.ts';
import {
  asksForMore,
  becomeCommand,
  becomeRefused,
  noSuchAccount,
  passwordNeeded,
  wantsTerminal,
  wrongPassword,
} from './become.ts';
import { drained } from './drained.ts';
import { Unreachable } from './errors.ts';
import { defaultShell, laneCommand, type LaneShell } from './lane-program.ts';
import { limitsOf } from './limits.ts';
import { PromptWatch, type PromptSeen } from './prompt-watch.ts';
import type { Channel, Transport } from './transport.ts';
import type { Become, LaneGreeting, Target } from './types.ts';

/** How much of the earlier output is kept, for the error. */
const NOISE_KEPT = 8192;

/** More than any banner and all rc files together print, in bytes. */
const NOISE_ENDURED = 4 * 1024 * 1024;

export interface LaneStart {
  readonly target: Target;
  readonly become: Become | undefined;
  readonly loginIsRoot: boolean;
  readonly throughRoot: boolean;
  readonly shell?: LaneShell;
}

export interface StartedLane {
  readonly channel: Channel;
  readonly greeting: LaneGreeting;
}

/**
 * Starts the lane program and waits until it is ready. Nothing is written before its ready line, except a password to a
 * prompt that was seen: sudo would take anything else for one.
 *
 * @throws BecomeFailed, Unreachable
 */
export async function startLane(transport: Transport, start: LaneStart): Promise<StartedLane> {
  const nonce = randomBytes(12).toString('hex');
  const lane = laneCommand(nonce, start.shell ?? defaultShell);
  const wanted = becomeCommand(lane, start.become, {
    nonce,
    loginIsRoot: start.loginIsRoot,
    throughRoot: start.throughRoot,
  });
  const attempt = async (command: string, pty: boolean): Promise<StartedLane | EndedEarly> => {
    const channel = await openInTime(transport.exec(command, { pty }), start);
    const outcome = await waitUntilReady(channel, { nonce, start, prompt: wanted.prompt, loginUser: transport.user });
    return 'greeting' in outcome ? { channel, greeting: outcome.greeting } : outcome;
  };
  let outcome = await attempt(wanted.command, wanted.pty);
  if ('output' in outcome && !wanted.pty && start.become !== undefined && wantsTerminal(outcome.output)) {
    // `requiretty`: the terminal is made raw before anything else uses it.
    outcome = await attempt(wanted.command.replace(/^exec /, `exec sh -c 'stty raw -echo; exec "$@"' play `), true);
  }
  if ('channel' in outcome) return outcome;
  if (outcome.error instanceof PlayError) throw outcome.error;
  if (outcome.error !== undefined) {
    throw new Unreachable(`the connection to ${start.target.name} was lost`, {
      where: start.target.name,
      cause: outcome.error,
      detail: outcome.error.message,
    });
  }
  if (start.become !== undefined) {
    const tried = { become: start.become, target: start.target, loginUser: transport.user };
    if (!start.loginIsRoot) throw becomeRefused(tried, outcome.output, outcome.code);
    const missing = noSuchAccount(tried, outcome.output);
    if (missing !== undefined) throw missing;
  }
  throw noShell(start, outcome);
}

/** A host that accepted the login may never open the channel that we ask for. */
function openInTime(opening: Promise<Channel>, start: LaneStart): Promise<Channel> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(
      () => {
        isLate = true;
        reject(tooSlow(start, ''));
      },
      limitsOf(start.target).start * 1000,
    );
    opening.then((channel) => (isLate ? channel.close() : resolve(channel)), reject).finally(() => clearTimeout(timer));
  });
}

interface EndedEarly {
  readonly code: number | undefined;
  readonly output: string;
  readonly error?: Error;
}

interface Waiting {
  readonly nonce: string;
  readonly start: LaneStart;
  readonly prompt: RegExp | undefined;
  readonly loginUser: string | undefined;
}

/** Reads past banners, lectures and noise to the ready line, answering one prompt on the way. */
function waitUntilReady(
  channel: Channel,
  { nonce, start, prompt, loginUser }: Waiting,
): Promise<{ greeting: LaneGreeting } | EndedEarly> {
  const { become, target } = start;
  const ready = new RegExp(`\n${nonce}\t([^\t\n]*)\t(\\d+)\t([^\t\n]*)\t([^\n]*)\n`);
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    let noise = 0;
    let answered: string | undefined;
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      prompts?.stop();
      channel.stdout.off('data', onStdout);
      channel.stderr.off('data', onStderr);
      settle();
    };
    const timer = setTimeout(
      () => {
        channel.close();
        finish(() => reject(tooSlow(start, stdout + stderr)));
      },
      limitsOf(target).start * 1000,
    );
    const endure = (chunk: Buffer): void => {
      noise += chunk.length;
      if (noise <= NOISE_ENDURED) return;
      channel.close();
      finish(() => reject(tooLoud(start, stdout + stderr)));
    };
    const answer = ({ text, wantsPassword }: PromptSeen): void => {
      if (become === undefined) return;
      if (answered === undefined && wantsPassword && become.password !== undefined) {
        answered = text;
        channel.stdin.write(`${become.password.expose()}\n`);
        return;
      }
      const attempt = { become, target, loginUser };
      const isMore = !wantsPassword || (answered !== undefined && !answered.endsWith(text));
      channel.close();
      finish(() =>
        reject(
          isMore
            ? asksForMore(attempt, text)
            : answered === undefined
              ? passwordNeeded(attempt)
              : wrongPassword(attempt),
        ),
      );
    };
    const prompts =
      become === undefined || start.loginIsRoot
        ? undefined
        : new PromptWatch({ exact: prompt, guesses: become.password !== undefined, onPrompt: answer });
    const onStdout = (chunk: Buffer): void => {
      stdout = (stdout + chunk.toString()).slice(-NOISE_KEPT);
      const [, user, uid, home, hostname] = ready.exec(stdout) ?? [];
      if (user !== undefined && uid !== undefined && home !== undefined && hostname !== undefined) {
        finish(() => resolve({ greeting: { user, uid: Number(uid), home, hostname } }));
      } else {
        prompts?.push(chunk.toString());
        endure(chunk);
      }
    };
    const onStderr = (chunk: Buffer): void => {
      stderr = (stderr + chunk.toString()).slice(-NOISE_KEPT);
      prompts?.push(chunk.toString());
      endure(chunk);
    };
    channel.stdout.on('data', onStdout);
    channel.stderr.on('data', onStderr);
    void channel.exit.then(async ({ code, error }) => {
      await drained(channel);
      finish(() => resolve({ code, output: `${stdout}${stderr}`, ...(error === undefined ? {} : { error }) }));
    });
  });
}

function tooSlow({ target }: LaneStart, output: string): Unreachable {
  return new Unreachable(`no shell came up on ${target.name} within ${limitsOf(target).start} s`, {
    where: target.name,
    hint: 'Does its login shell wait for something, or does sudo ask for something other than a password? --start-timeout waits longer.',
    ...(output.trim() === '' ? {} : { detail: output.trim() }),
  });
}

function tooLoud({ target }: LaneStart, output: string): Unreachable {
  return new Unreachable(`${target.name} prints without end instead of starting a shell`, {
    where: target.name,
    hint: 'What do its rc files, or its forced command, do?',
    detail: output.slice(-200).trim(),
  });
}

function noShell({ target }: LaneStart, { code, output }: EndedEarly): Unreachable {
  return new Unreachable(`${target.name} accepted the login but ran no shell (code ${code ?? 'unknown'})`, {
    where: target.name,
    hint: 'Is the account allowed a shell (not nologin, no forced command), and is there room in /run, /dev/shm or /tmp?',
    ...(output.trim() === '' ? {} : { detail: output.trim() }),
  });
}
