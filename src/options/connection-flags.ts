import { Option, type Command } from 'commander';
import { PlayError } from '../errors/index.ts';
import { sandboxKinds, sandboxReleases, type SandboxKind, type SandboxRelease } from '../sandbox/index.ts';
import { account, oneOf, positive } from './option-values.ts';

/** How hosts are reached, where their variables do not say. */
export interface ConnectionFlags {
  readonly user?: string;
  readonly connection?: ConnectionName;
  readonly privateKey?: string;
  readonly timeout?: number;
  readonly startTimeout?: number;
  readonly answerTimeout?: number;
  readonly taskTimeout?: number;
  /** MiB. */
  readonly maxAnswer?: number;
  readonly sshCommonArgs?: string;
  readonly sshExtraArgs?: string;
  readonly askPass: boolean;
  readonly connectionPasswordFile?: string;
  readonly acceptNewHostKeys: boolean;
  /** From `play.config.ts` alone: ssh has no option of that name either. */
  readonly knownHostsFile?: string;
  readonly become: boolean;
  readonly becomeUser?: string;
  readonly becomeMethod?: BecomeMethod;
  readonly askBecomePass: boolean;
  readonly becomePasswordFile?: string;
}

export const connectionNames = ['auto', 'ssh', 'ssh2', 'openssh', 'local'] as const;
export type ConnectionName = (typeof connectionNames)[number];
export const becomeMethods = ['sudo', 'su', 'doas'] as const;
export type BecomeMethod = (typeof becomeMethods)[number];

/** Adds what every command takes that reaches hosts. */
export function addConnectionOptions(command: Command): Command {
  return command
    .option('-u, --user <name>', 'log in as this user', account('--user'))
    .option(
      '-c, --connection <how>',
      `how to reach hosts: ${connectionNames.join(', ')}`,
      oneOf('--connection', connectionNames),
    )
    .option('-k, --ask-pass', 'ask once for the password to log in with', false)
    .option('--connection-password-file <file>', 'file (or program) that gives the password to log in with')
    .option('--key-file, --private-key <file>', 'private key to log in with')
    .option('--ssh-common-args <args>', 'arguments for ssh, in quotes: --ssh-common-args "-J bastion"')
    .option('--ssh-extra-args <args>', 'more of them')
    .option(
      '--accept-new-host-keys',
      'record the keys of hosts never seen before (a changed key is always refused)',
      false,
    )
    .option('-T, --timeout <seconds>', 'wait this long for a connection (default: 10)', positive('--timeout'))
    .option(
      '--start-timeout <seconds>',
      'wait this long for a shell after the login: rc files, PAM, sudo (default: 60)',
      positive('--start-timeout'),
    )
    .option(
      '--answer-timeout <seconds>',
      'give up on a host that is silent this long beyond the time a request has (default: 60)',
      positive('--answer-timeout'),
    )
    .option(
      '--task-timeout <seconds>',
      'the time limit for requests without one of their own: what tasks and commands do (default: 14400)',
      positive('--task-timeout'),
    )
    .option(
      '--max-answer <MiB>',
      'give up on a host that answers more than this at once (default: 256)',
      positive('--max-answer'),
    )
    .option('-b, --become', 'become another user if a play does not say', false)
    .option('--become-user <name>', 'whom to become (default: root)', account('--become-user'))
    .option('--become-method <how>', `how: ${becomeMethods.join(', ')}`, oneOf('--become-method', becomeMethods))
    .option('-K, --ask-become-pass', 'ask once for the become password', false)
    .option('--become-password-file <file>', 'file (or program) that gives the become password');
}

/** Throwaway hosts in place of real ones. */
export interface SandboxFlags {
  readonly sandbox: SandboxKind | false;
  readonly sandboxRelease?: SandboxRelease;
}

const flag = '--sandbox';

/** Describes `--sandbox` and what goes with it to commander. */
export function addSandboxOption(command: Command): Command {
  const option = new Option(
    `${flag} [=kind]`,
    'use a throwaway host on this machine in place of each real one: pristine (default), or self: a copy of this machine',
  );
  return command
    .addOption(option.argParser(oneOf(flag, sandboxKinds)).default(false))
    .option(
      '--sandbox-release <name>',
      `the Debian release of throwaway hosts: ${sandboxReleases.join(', ')} (default: the host's play_sandbox_release, or this machine's release)`,
      oneOf('--sandbox-release', sandboxReleases),
    );
}

/** Its value stands behind `=` alone, or `--sandbox site.ts` would take the playbook for it. */
export function spellSandbox(args: readonly string[]): string[] {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  return args.map((arg, index) => (arg === flag && index < end ? `${flag}=pristine` : arg));
}

/** What to do where another run is changing a host, or somebody holds it. */
export interface LockFlags {
  /** Seconds; true: as long as it takes. */
  readonly wait?: number | true;
  readonly steal?: boolean;
  /** Work also on what an operator holds. */
  readonly ignoreHold?: boolean;
  /** Change a host also at the time of its critical jobs. */
  readonly ignoreWindow?: boolean;
}

/** Long enough for the other run to end, short enough for a job nobody watches to fail rather than hang. */
const standardWait = 600;

/** Describes these to commander. */
export function addLockOptions(command: Command): Command {
  return addWaitOptions(
    command,
    'wait this long if another run is changing a host, or a critical job is about to run there; without a number, as long as it takes (default: 600; 0: not at all)',
  ).option('--ignore-window', 'change hosts even at the time of their critical jobs (play jobs); this is recorded');
}

/**
 * Those of them that have to do with other runs and with holds.
 *
 * @param wait what --wait means
 */
export function addWaitOptions(command: Command, wait: string): Command {
  return command
    .option('--wait [seconds]', wait, seconds)
    .option('--steal', 'end the run that holds a host, on that host, and go ahead; refused while dpkg works there')
    .option('--ignore-hold', 'also work on hosts and units that are held (play hold); this is recorded');
}

function seconds(value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && Number.isFinite(number) && number >= 0) return number;
  throw new PlayError(`--wait needs a number of seconds, not "${value}"`, {
    hint: 'Put --wait last, or write --wait=600.',
  });
}

/** How long to wait for a host, in seconds. */
export function waitOf({ wait = standardWait }: LockFlags): number {
  return wait === true ? Infinity : wait;
}
