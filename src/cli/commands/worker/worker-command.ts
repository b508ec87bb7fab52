import { spawn } from 'node:child_process';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { watchInterrupts } from '../../../operator/interrupt.ts';
import { makeCommand, parseWith } from '../../../options/command.ts';
import { addVaultOptions } from '../../../options/flags.ts';
import { positive } from '../../../options/option-values.ts';
import { addWorkerKeyOption, redisUrl } from '../../../options/worker-flags.ts';
import type { Launch } from '../../../project/launch.ts';
import { localTime, said } from '../../../report/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { operatorName } from '../../../values/index.ts';
import { makeWorkerKey, serveRuns } from '../../../workers/index.ts';
import { givenOptions } from '../../parse.ts';
import { Outdated, RunOpener, type OwnWays } from './open-run.ts';
import { watchPassword } from './run-workers.ts';

interface WorkerCommandFlags extends OwnWays {
  readonly redis?: string;
  readonly workerKeyFile?: string;
  readonly makeKey?: string;
  readonly forks: number;
}

/** Set for the process that does the work. */
const childMark = 'PLAY_WORKER_CHILD';
/** What it exits with once the project under it has changed: code is loaded once in a process. */
const startAnew = 75;

/** `play worker`: works on hosts of whichever runs there are (`--workers`), until it is told to leave. */
export async function runWorkerCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addVaultOptions(
    addWorkerKeyOption(
      makeCommand(
        'play worker',
        'Takes hosts from runs started with --workers. Start it in a copy of their project, in the same state.',
      )
        .option('--redis <url>', 'where the runs are: redis://HOST, rediss:// with TLS; @FILE reads it there')
        .option('-f, --forks <n>', 'hosts at once (default: 20)', positive('--forks'), 20)
        .option('--make-key <file>', 'write a new key for runs and workers, and stop'),
    ),
  )
    .option('--key-file, --private-key <file>', "private key to log in with, instead of the run's")
    .option('--connection-password-file <file>', 'file (or program) that gives the password to log in with')
    .option('--become-password-file <file>', 'file (or program) that gives the become password');
  parseWith(command, args);
  const flags = command.opts<WorkerCommandFlags>();
  if (flags.makeKey !== undefined) {
    makeWorkerKey(flags.makeKey);
    process.stdout.write(
      `${flags.makeKey}: a new key. Give runs and workers a copy each, by a way that nobody else can read.\n`,
    );
    return ExitCode.ok;
  }
  if (flags.redis === undefined || flags.workerKeyFile === undefined)
    throw new PlayError(`play worker needs ${flags.redis === undefined ? '--redis' : '--worker-key-file'}`, {
      hint: 'play worker --redis redis://HOST --worker-key-file FILE; --make-key FILE writes such a key',
    });
  const url = redisUrl(flags.redis, '--redis');
  watchPassword(url, redactor);
  if (process.env[childMark] === undefined) return await supervise(args, launch);
  const given = givenOptions(command);
  const own: Record<string, unknown> = {};
  for (const name of [
    'vaultPasswordFile',
    'vaultId',
    'ageIdentity',
    'privateKey',
    'connectionPasswordFile',
    'becomePasswordFile',
  ] as const)
    if (given.has(name)) own[name] = flags[name];
  return await work(url, flags, own, launch, redactor);
}

async function work(
  url: string,
  { workerKeyFile = '', forks }: WorkerCommandFlags,
  own: OwnWays,
  launch: Launch,
  redactor: Redactor,
): Promise<number> {
  const say = (text: string): void => {
    process.stderr.write(`${localTime(new Date().toISOString())}  ${redactor.redact(said(text))}\n`);
  };
  const interrupted = watchInterrupts(
    () => say('leaving: work in progress is finished first. Ctrl-C again quits at once.'),
    () => say('left at once: what the hosts were doing may still continue there; other workers wait for it.'),
    // Without its terminal it goes on: it is a service.
    () => true,
  );
  const renewal = new AbortController();
  // Whoever started us is gone, and can neither end nor renew us.
  process.once('disconnect', () => renewal.abort());
  const opener = new RunOpener(launch, redactor, own);
  await serveRuns(
    { url, keyFile: workerKeyFile, project: process.cwd(), root: launch.root },
    {
      name: `${operatorName()} (pid ${process.pid})`,
      forks,
      signal: AbortSignal.any([interrupted, renewal.signal]),
      say,
      open: (inputs) =>
        opener.open(inputs).catch((thrown: unknown) => {
          if (thrown instanceof Outdated) renewal.abort();
          throw thrown;
        }),
    },
  );
  return renewal.signal.aborted && !interrupted.aborted ? startAnew : ExitCode.ok;
}

/** Starts the process that works, and a new one each time the project has changed under it. */
async function supervise(args: readonly string[], launch: Launch): Promise<number> {
  let child: ReturnType<typeof spawn> | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child?.kill(signal));
  for (;;) {
    const begun = spawn(process.execPath, [...process.execArgv, launch.apiFile, 'worker', ...args], {
      // Of its own group: Ctrl-C would reach it twice.
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, [childMark]: '1' },
    });
    child = begun;
    const code = await new Promise<number>((done) => {
      begun.once('error', () => done(ExitCode.internal));
      begun.once('exit', (ended, signal) => done(ended ?? (signal === null ? ExitCode.internal : 128)));
    });
    if (code !== startAnew) return code;
  }
}
