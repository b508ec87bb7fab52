import type { Input } from './byte-source.ts';
import type { Limits } from './limits.ts';

/** How one host is reached. Built from inventory and command line before anything is connected. */
export interface Target {
  /** The inventory name: used in errors and events. */
  readonly name: string;
  readonly transport: 'auto' | 'ssh2' | 'openssh' | 'local';
  /** Address or name to connect to; default the inventory name. */
  readonly address: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: SecretText;
  readonly privateKeyFile?: string;
  /**
   * Asked for the passphrase of an encrypted key that no agent holds, when there is nothing else to log in with or the
   * key was named for this host; once for each key and process. `isRight` tries one. Undefined when nobody can be
   * asked.
   */
  readonly passphrase?: (keyFile: string, isRight: (passphrase: string) => boolean) => Promise<string | undefined>;
  /** known_hosts files; default the user's and the system's own (`ssh -G`). */
  readonly knownHostsFiles?: readonly string[];
  /** The name to look up in known_hosts instead of the address (ssh_config HostKeyAlias). */
  readonly hostKeyAlias?: string;
  /** Accept and record keys of hosts never seen before. A changed key is refused always. */
  readonly acceptNewHostKeys?: boolean;
  /**
   * Extra ssh arguments as the inventory gives them (`ansible_ssh_common_args` and `_extra_args`), split as a shell
   * would.
   */
  readonly sshArgs?: readonly string[];
  /** Seconds to wait for the connection; default 10. */
  readonly connectTimeout?: number;
  /** How often to try again where the network or sshd fails, with growing waits; default 0. */
  readonly retries?: number;
  /** A login of its own, whatever is open already: the user's own ssh configuration shares no connection with it. */
  readonly isFresh?: boolean;
  /** How long it is waited for, and how much of its output is kept; default `standardLimits`. */
  readonly limits?: Partial<Limits>;
}

/** A secret as the lower layers need it: shown only on purpose. */
export interface SecretText {
  expose(): string;
}

/** Which account to become on the host, and how. `undefined` stays the login user. */
export interface Become {
  readonly user: string;
  readonly method: 'sudo' | 'su' | 'doas';
  readonly password?: SecretText;
}

/** One script to run in a lane. */
export interface LaneRequest {
  /** POSIX sh, constant program text: anything that comes from a user goes into `args` or `stdin`. */
  readonly script: string;
  /**
   * `$1`, `$2` ... of the script. Never in an argv: they are quoted into the script file, which only the lane's user
   * may read.
   */
  readonly args?: readonly string[];
  /** The script's standard input; `/dev/null` when absent. A source reaches it while it is sent. */
  readonly stdin?: Input;
  /** Seconds until the script's process group is ended (the reply has code 124); default none. */
  readonly timeout?: number;
  /** Run only if every request of the same exchange before it, but for those that only ask, ended with code 0. */
  readonly afterSuccess?: boolean;
  /** It only asks: its exit code is no failure to those behind it with `afterSuccess`. */
  readonly asks?: boolean;
  /** The longest stdout kept, in bytes; default 16 MiB. Anything beyond is dropped and `truncated` is set. */
  readonly maxOutput?: number;
}

/** One whose input is here. */
export type PlainRequest = LaneRequest & { readonly stdin?: Uint8Array };

export interface LaneReply {
  /** The script's exit code; 128+n when ended by signal n; 124 on timeout; -1 when skipped after a failure. */
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly truncated: boolean;
  /** True when it was not run because a request before it failed. */
  readonly skipped: boolean;
}

/** What the lane said about its host when it came up, without an exchange of its own. */
export interface LaneGreeting {
  readonly user: string;
  readonly uid: number;
  readonly home: string;
  readonly hostname: string;
}

/** One long-lived remote shell of one account. */
export interface Lane {
  readonly greeting: LaneGreeting;
  /** How many exchanges (round trips of requests) went through this lane: tests and benchmarks count them. */
  readonly exchanges: number;
  /**
   * Sends all requests in one go and resolves with their replies in order. Concurrent calls queue up.
   * @throws ConnectionLost when the lane ends before all are answered; `replies` has those that arrived
   */
  exchange(requests: readonly LaneRequest[], onReply?: (reply: LaneReply, index: number) => void): Promise<LaneReply[]>;
  close(): Promise<void>;
}

export interface LiveCommand {
  /** sh program text, with `args` as `$1`... */
  readonly script: string;
  readonly args?: readonly string[];
  readonly become?: Become;
  /** A returned promise holds back what comes next until it is settled. */
  readonly onStdout: (chunk: Buffer) => unknown;
  readonly onStderr: (chunk: Buffer) => unknown;
}

/** One authenticated way to one host. */
export interface Connection {
  readonly target: Target;
  /** Whom we logged in as; undefined where nobody had to be. */
  readonly user?: string | undefined;
  /** What carries it and why: `ssh2`, or `openssh (ProxyCommand in ~/.ssh/config)`: for `-v`. */
  readonly description: string;
  /** The lane of an account; the same lane for the same account. Opened when first asked for. */
  lane(become?: Become): Promise<Lane>;
  /** A command with live output on a channel of its own; resolves with its exit code. */
  live(command: LiveCommand): Promise<number>;
  /**
   * Before a change that logins rest on (accounts, keys, sshd, sudo, firewall): no connection to this host that was kept
   * for later runs is used again.
   */
  releaseKept?(): Promise<void>;
  close(): Promise<void>;
}
