import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { connect, type Connection } from '../../../connection/index.ts';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { commandLine } from '../../../operator/command-line.ts';
import { makeCommand } from '../../../options/command.ts';
import { addWaitOptions, waitOf, type LockFlags } from '../../../options/connection-flags.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import type { Launch } from '../../../project/launch.ts';
import { shownLines } from '../../../report/index.ts';
import { limiter, RunLock } from '../../../run/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { chooseHosts, type ChosenHosts } from '../../../targets/chosen-hosts.ts';
import { asPlayError, exitCodeOf, shortReason } from '../../../targets/unreachable.ts';
import { parseWithConfig } from '../../parse.ts';
import { heldText } from '../held-host.ts';
import { rootLane } from '../on-hosts.ts';
import { recorded, type Recorded } from '../recorded.ts';
import { LockedHost } from './locked-host.ts';

type WithLockFlags = HostFlags & LockFlags;

interface Work {
  readonly chosen: ChosenHosts;
  readonly flags: WithLockFlags;
  readonly redactor: Redactor;
  readonly argv: readonly string[];
}

/** `play with-lock PATTERN... -- COMMAND`: no other run changes these hosts while the command works. */
export async function runWithLockCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const at = args.indexOf('--');
  const command = addWaitOptions(
    addHostOptions(
      makeCommand(
        'play with-lock',
        "Locks hosts against play's runs while a command works, such as ansible-playbook. The exit status is the command's.",
      ),
    ).argument('<pattern...>', 'the hosts; the command comes after --'),
    'wait this long for a host that another run is changing; without a number, as long as it takes (default: 600; 0: not at all)',
  );
  await parseWithConfig(command, at < 0 ? args : args.slice(0, at), launch);
  const argv = at < 0 ? [] : args.slice(at + 1);
  if (argv.length === 0)
    throw new PlayError('Which command?', {
      hint: 'It comes after --: play with-lock web -- ansible-playbook site.yml -l web',
    });
  const flags = command.opts<WithLockFlags>();
  const chosen = await chooseHosts({ flags, launch, redactor, pattern: command.args.join(',') });
  return recorded({ kind: 'with-lock', hosts: chosen.hosts, redactor }, (record) =>
    workLocked({ chosen, flags, redactor, argv }, record),
  );
}

/** @returns the command's exit status, or play's where the hosts cannot be had */
async function workLocked({ chosen, flags, redactor, argv }: Work, { note, logged }: Recorded): Promise<number> {
  const say = (host: string, text: string): void => {
    note(host, text);
    process.stderr.write(shownLines([`${host}  ${text}`], redactor));
  };
  const child = new Child(argv);
  const lock = new RunLock({
    command: redactor.redact(commandLine()),
    wait: waitOf(flags),
    steal: flags.steal ?? false,
    logged,
  });
  const connections: Connection[] = [];
  const locked: LockedHost[] = [];
  let exit: number = ExitCode.internal;
  try {
    const slots = limiter(flags.forks);
    const reached = await Promise.all(
      chosen.hosts.map((host) =>
        slots(async () => {
          try {
            const connection = await connect(chosen.target(host));
            connections.push(connection);
            return { host, connection, root: await rootLane(host, connection, chosen) };
          } catch (thrown) {
            return { host, error: asPlayError(thrown) };
          }
        }),
      ),
    );
    const errors = reached.flatMap(({ host, error }) => (error === undefined ? [] : [{ host, error }]));
    for (const { host, error } of errors)
      say(host, `${shortReason(error, host)}${error.hint === undefined ? '' : `: ${error.hint}`}`);
    if (errors.length > 0) return Math.max(...errors.map(({ error }) => exitCodeOf(error)));
    // One after the other and in one order: two that want the same hosts never wait for each other.
    for (const one of reached.toSorted((a, b) => (a.host < b.host ? -1 : 1))) {
      const { host, connection, root } = one;
      if (connection === undefined) continue;
      const held = flags.ignoreHold ? undefined : await heldText(root, host);
      if (held !== undefined) {
        say(host, `left alone: ${held}`);
        return ExitCode.held;
      }
      const taken = new LockedHost({
        host,
        lock,
        listener: (event) => void (event.event === 'notice' && say(host, event.text)),
        signal: child.signal,
      });
      locked.push(taken);
      await taken.take(connection, root);
      taken.watch((why) => say(host, `is no longer locked, and the command goes on: ${why}`));
    }
    if (child.signal.aborted) return ExitCode.interrupted;
    exit = await child.run();
    return exit;
  } finally {
    const came = exit;
    await Promise.all(locked.map((one) => one.leave(came)));
    await Promise.all(connections.map((connection) => connection.close().catch(() => undefined)));
  }
}

/** The command, and what signals mean before it is there and while it works. */
class Child {
  readonly #argv: readonly string[];
  readonly #controller = new AbortController();
  #kill: ((signal: NodeJS.Signals) => void) | undefined;

  constructor(argv: readonly string[]) {
    this.#argv = argv;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        this.#controller.abort();
        this.#kill?.(signal);
      });
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** @returns its exit status, as a shell gives it @throws PlayError where it cannot be started */
  run(): Promise<number> {
    const [program = '', ...args] = this.#argv;
    return new Promise((done, fail) => {
      const child = spawn(program, args, { stdio: 'inherit' });
      this.#kill = (signal) => {
        // On a terminal Ctrl-C reaches the command by itself; a second one would have it leave half way.
        if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
      };
      child.once('error', (cause) =>
        fail(
          new PlayError(`${program} cannot be started: ${cause.message}`, {
            hint: 'What comes after -- is a program and its arguments, and no shell reads it: sh -c "..." does.',
            cause,
          }),
        ),
      );
      child.once('exit', (code, signal) => done(code ?? (signal === null ? 255 : 128 + constants.signals[signal])));
    });
  }
}
