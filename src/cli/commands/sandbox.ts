/** `play sandbox list | start | stop | ssh | reset | rm`: thin, the work is in src/sandbox. */
import { spawn } from 'node:child_process';
import { PlayError, unknownName } from '../../errors/index.ts';
import {
  listSandbox,
  removeSandbox,
  resetSandbox,
  runProxy,
  sandboxSshArgv,
  startSandbox,
  stopSandbox,
  type SandboxKind,
  type SandboxRelease,
} from '../../sandbox/index.ts';
import { sandboxFleet } from '../../targets/sandbox-fleet.ts';
import { findStandIns } from '../../targets/stand-ins.ts';

export interface SandboxCommandOptions {
  readonly print: (line: string) => void;
  readonly notice: (line: string) => void;
  /** `ssh`: the login user, default admin. */
  readonly user?: string;
  /** `start`, `reset`: what kind of host is wanted. */
  readonly kind?: SandboxKind | undefined;
  /** `start`, `reset`: of which Debian release. */
  readonly release?: SandboxRelease | undefined;
  /** `rm`: also the base and the fetched packages. */
  readonly all?: boolean;
}

const commands = ['list', 'start', 'stop', 'ssh', 'reset', 'rm'] as const;

/** The hidden subcommands the sandbox starts in the background: `play sandbox __proxy`, `play sandbox __listen ...`. */
export function isSandboxInternal(args: readonly string[]): boolean {
  return args[0] === '__proxy' || args[0] === '__listen';
}

/** Resolves once the helper is set up; the process then lives as long as it serves. */
export async function runSandboxInternal(args: readonly string[]): Promise<void> {
  await runProxy(args);
}

/** Runs one `play sandbox` command; resolves with the exit code. */
export async function runSandboxCommand(
  command: string,
  names: readonly string[],
  options: SandboxCommandOptions,
): Promise<number> {
  const { notice: onNotice, kind, release } = options;
  const fleet = sandboxFleet();
  const said = [...(kind === undefined ? [] : ['--kind']), ...(release === undefined ? [] : ['--release'])];
  if (said.length > 0 && command !== 'start' && command !== 'reset')
    throw new PlayError(
      `${said.join(' and ')} ${said.length === 1 ? 'is' : 'are'} for \`play sandbox start\` and \`reset\`, not for ${command}`,
    );
  const packages =
    command === 'start' || command === 'reset' ? [...(findStandIns(undefined)?.packages.values() ?? [])] : [];
  const some = names.length > 0 ? names : undefined;
  switch (commands.find((known) => known === command)) {
    case 'list':
      printHosts(options.print, fleet);
      return 0;
    case 'start':
      await startSandbox(some ?? listSandbox({ fleet }).map(({ name }) => name), {
        fleet,
        onNotice,
        kind,
        release,
        packages,
      });
      printHosts(options.print, fleet);
      return 0;
    case 'stop':
      await stopSandbox(some, { fleet, onNotice });
      return 0;
    case 'reset':
      await resetSandbox(some, { fleet, onNotice, kind, release, packages });
      printHosts(options.print, fleet);
      return 0;
    case 'rm':
      await removeSandbox(some, { fleet, onNotice, all: options.all ?? false });
      return 0;
    case 'ssh': {
      const [name, ...rest] = names;
      const remote = rest[0] === '--' ? rest.slice(1) : rest;
      if (name === undefined)
        throw new PlayError('play sandbox ssh: which host?', { hint: '`play sandbox list` names them.' });
      return inTerminal(
        sandboxSshArgv(name, remote, { fleet, ...(options.user === undefined ? {} : { user: options.user }) }),
      );
    }
    case undefined:
      throw unknownName('sandbox command', command, commands);
  }
}

function printHosts(print: (line: string) => void, fleet: string): void {
  const hosts = listSandbox({ fleet });
  const width = Math.max(0, ...hosts.map(({ name }) => name.length));
  for (const { name, kind, release, address, state, memory } of hosts) {
    print(
      `${name.padEnd(width)}  ${kind.padEnd(8)}  ${release.padEnd(8)}  ${address.padEnd(15)}  ${state}${state === 'running' ? `  ${memory} MiB` : ''}`,
    );
  }
}

function inTerminal(argv: readonly string[]): Promise<number> {
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 255));
  });
}
