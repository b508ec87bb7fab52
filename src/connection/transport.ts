import type { Readable, Writable } from 'node:stream';
import type { Become, LaneGreeting } from './types.ts';

/** One remote process. Streams are binary; `exit` settles once and never rejects. */
export interface Channel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /**
   * How the process ended. Settles on its exit, not on the end of its streams: a daemon that kept a stream open would
   * delay that for ever.
   */
  readonly exit: Promise<ChannelExit>;
  /** Ends the channel without waiting for the process. */
  close(): void;
}

export interface ChannelExit {
  /** Exit code, 128+n for signal n, or undefined when the connection went before it was known. */
  readonly code: number | undefined;
  /** What went wrong with the connection itself, if that ended the process. */
  readonly error?: Error;
}

export interface ExecOptions {
  /** A terminal, for `requiretty` and doas: stderr then arrives on stdout. */
  readonly pty: boolean;
}

/** Carries commands to one host. The command passes through the login shell of the account there, whatever that is. */
export interface Transport {
  /** The account that is logged in, as far as the transport knows it. */
  readonly user: string | undefined;
  /** For `-v`: what carries the commands, and why. */
  readonly description: string;
  exec(command: string, options: ExecOptions): Promise<Channel>;
  /** A lane of an account that is up already; `become` undefined: the login's own. */
  readyLane?(
    become: Become | undefined,
  ): Promise<{ readonly channel: Channel; readonly greeting: LaneGreeting } | undefined>;
  close(): Promise<void>;
}
