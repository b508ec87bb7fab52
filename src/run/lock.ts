import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LaneReply } from '../connection/index.ts';
import { logEnd, logStart, type HostLock, type Listener, type LoggedRun } from '../engine/index.ts';
import { ExitCode, PlayError } from '../errors/index.ts';
import { operatorName } from '../values/index.ts';
import { lockScript, markScript } from './lock-script.ts';

/** How a run behaves towards others that change the same hosts. */
export interface LockOptions {
  /** The command line as others may see it, without secrets. */
  readonly command: string;
  /** Seconds to wait for a host that another run is changing; Infinity: as long as it takes, 0: not at all. */
  readonly wait: number;
  /** End the run that holds a host. */
  readonly steal: boolean;
  /** The run for the hosts' own logs; undefined: it is left out of them. */
  readonly logged?: Pick<LoggedRun, 'id' | 'kind' | 'project'> | undefined;
  /** Of a worker: the lock of the run that it works for. Default: a run of its own. */
  readonly shared?: SharedLock | undefined;
}

/** What the processes of one run have in common towards other runs. */
export interface SharedLock {
  readonly run: string;
  readonly holder: Holder;
}

/** Who holds a host. */
export interface Holder {
  /** `bob@laptop`. */
  readonly by: string;
  /** ISO 8601, by the clock of the machine that runs play. */
  readonly since: string;
  readonly command: string;
  /** The process on that machine. */
  readonly pid: number;
}

export interface HostLockInput {
  readonly host: string;
  readonly account: string;
  readonly listener: Listener;
  readonly signal: AbortSignal | undefined;
  /** Where a worker has the host. Default: the run has it from its own process. */
  readonly seat?: HostSeat | undefined;
}

/** A host in the hands of one worker. */
export interface HostSeat {
  /** What its lanes are known by. */
  readonly id: string;
  /** The same of workers that had the host and were lost: until their lanes have ended, the host is not touched. */
  readonly former: readonly string[];
}

/** The text of the link that is the lock is limited by PATH_MAX. */
const mostCommand = 1000;
/** Seconds until the next look at a lock that is held: soon at first, since what a dead run left is usually short. */
function pauseAfter(waited: number): number {
  return Math.min(3, 0.25 + waited / 4);
}

/** The locks of one run on all its hosts. */
export class RunLock {
  readonly #options: LockOptions;
  readonly #run: string;
  readonly #holder: Holder;
  readonly #logged: LoggedRun | undefined;

  constructor(options: LockOptions) {
    this.#options = options;
    this.#run = options.shared?.run ?? randomUUID();
    this.#holder = options.shared?.holder ?? {
      by: operatorName(),
      since: new Date().toISOString(),
      command: options.command.slice(0, mostCommand),
      pid: process.pid,
    };
    const { by, since, command } = this.#holder;
    this.#logged = options.logged && { ...options.logged, by, at: since, command };
  }

  /** The same lock, for workers of this run. */
  get shared(): SharedLock {
    return { run: this.#run, holder: this.#holder };
  }

  /** The gate of one host: it opens once no other run holds the host. */
  hostLock(input: HostLockInput): HostLock {
    return this.#lockOf(input, this.#run, this.#options);
  }

  #isOurs({ by, pid }: Holder): boolean {
    return by === this.#holder.by && pid === this.#holder.pid;
  }

  #lockOf(input: HostLockInput, run: string, { wait, steal }: Pick<LockOptions, 'wait' | 'steal'>): HostLock {
    const { host, account, listener, signal, seat } = input;
    const logged = this.#logged;
    return {
      account,
      // A worker has its run's lock in common with others: what is waited for is what its own lanes have under way.
      anew: () =>
        seat === undefined
          ? this.#lockOf(input, randomUUID(), { wait: Infinity, steal: false })
          : this.#lockOf({ ...input, seat: { id: randomUUID(), former: [seat.id] } }, run, {
              wait: Infinity,
              steal: false,
            }),
      request: {
        script: lockScript,
        args: [
          run,
          JSON.stringify(this.#holder),
          steal ? 'steal' : '',
          logged ? logStart(logged, host) : '',
          seat?.former.join(' ') ?? '',
        ],
        timeout: 60,
      },
      leave: logged && ((end) => logEnd(logged.id, end)),
      mark: { script: markScript, args: [run, seat?.id ?? ''] },
      marksAll: seat !== undefined,
      settle: async (first, again) => {
        const started = Date.now();
        let told = 0;
        for (let reply = first; ; reply = await again()) {
          if (isOurs(reply, host)) {
            if (told > 0) listener({ event: 'notice', host, text: 'the host is free, going on' });
            return told > 0;
          }
          const holder = readHolder(reply.stdout.toString('utf8'));
          const waited = (Date.now() - started) / 1000;
          // What this run has under way itself is waited for: it ends once its lane has done what it was sent.
          const most = this.#isOurs(holder) ? Infinity : wait;
          if (waited >= most) throw busy(host, holder, wait);
          // Said at once and then repeated, so that nobody thinks it hangs.
          if (told === 0 || waited >= told * 60) {
            listener({
              event: 'notice',
              host,
              text: `waiting for ${this.#isOurs(holder) ? 'what this run was doing there' : holderText(holder)}`,
            });
            told++;
          }
          await pauseFor(host, holder, Math.min(pauseAfter(waited), most - waited), signal);
        }
      },
    };
  }
}

/** @throws PlayError when it can never be had */
function isOurs(reply: LaneReply, host: string): boolean {
  if (reply.code === 0) return true;
  if (reply.code === 75) return false;
  if (reply.code === 76) {
    throw new PlayError(
      `${host} is not stolen: ${reply.stdout.toString('utf8').trim()} is at work there, and stopping it halfway would leave packages broken`,
      {
        exitCode: ExitCode.hostFailed,
        hint: 'Wait for it: --wait.',
      },
    );
  }
  throw new PlayError(
    `${host} cannot be locked against other runs: ${reply.stderr.toString('utf8').trim() || `code ${reply.code}`}`,
    { exitCode: ExitCode.hostFailed },
  );
}

async function pauseFor(host: string, holder: Holder, seconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(seconds * 1000, undefined, signal ? { signal } : {});
  } catch {
    throw new PlayError(`interrupted while ${host} was held by ${holderText(holder)}`, {
      exitCode: ExitCode.hostFailed,
    });
  }
}

function busy(host: string, holder: Holder, wait: number): PlayError {
  return new PlayError(`${host} is held by ${holderText(holder)}`, {
    exitCode: ExitCode.hostFailed,
    hint: `${wait > 0 ? `Waited for it for ${wait} s.` : ''} --wait waits as long as it takes; --steal ends that run on this host and goes ahead. A run whose connection died holds the host until everything it sent is done.`.trim(),
  });
}

/** What the host says about the lock's holder. Another play wrote it, perhaps of another version. */
export function readHolder(line: string): Holder {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = {};
  }
  const { by, since, command, pid } = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  const text = (one: unknown, otherwise: string): string => (typeof one === 'string' ? one : otherwise);
  return {
    by: text(by, 'somebody'),
    since: text(since, 'an unknown time'),
    command: text(command, 'play'),
    pid: Number(pid),
  };
}

/** @example bob@laptop since 10:23:48 (for 3 min): play site -l web (pid 4711 there) */
export function holderText({ by, since, command, pid }: Holder): string {
  const began = new Date(since);
  const ago = Math.max(0, Math.round((Date.now() - began.getTime()) / 1000));
  const when = Number.isNaN(ago)
    ? since
    : `${began.toTimeString().slice(0, 8)} (${ago < 120 ? `${ago} s` : `${Math.round(ago / 60)} min`} ago)`;
  return `${by} since ${when}: ${command}${Number.isInteger(pid) ? ` (pid ${pid} there)` : ''}`;
}
