import type { Command } from 'commander';
import { PlayError, nearest, unknownName } from '../errors/index.ts';

/** What several commands take. */
export interface InventoryFlags {
  readonly inventory: readonly string[];
  readonly limit?: string;
  readonly extraVars: readonly string[];
  readonly vaultPasswordFile: readonly string[];
  readonly vaultId: readonly string[];
  readonly askVaultPass: boolean;
  readonly debug: boolean;
}

/** The options of `play PLAYBOOK.ts`, as typed. */
export interface Flags extends InventoryFlags {
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly check: boolean;
  readonly diff: boolean;
  readonly forks: number;
  readonly user?: string;
  readonly connection?: ConnectionName;
  readonly become: boolean;
  readonly becomeUser?: string;
  readonly becomeMethod?: BecomeMethod;
  readonly askBecomePass: boolean;
  readonly becomePasswordFile?: string;
  readonly privateKey?: string;
  readonly acceptNewHostKeys: boolean;
  readonly listHosts: boolean;
  readonly listTasks: boolean;
  readonly listTags: boolean;
  /** How often -v was given. */
  readonly verbose: number;
  readonly timeout?: number;
  readonly sandbox: boolean;
  readonly output: 'human' | 'jsonl';
  readonly exitCode: boolean;
  readonly typecheck: boolean;
}

const connectionNames = ['auto', 'ssh', 'ssh2', 'openssh', 'local'] as const;
export type ConnectionName = (typeof connectionNames)[number];
export const becomeMethods = ['sudo', 'su', 'doas'] as const;
export type BecomeMethod = (typeof becomeMethods)[number];

const collect = (value: string, previous: readonly string[]): string[] => [...previous, value];

/** One of a few words, else an error with the nearest. */
function oneOf<T extends string>(option: string, words: readonly T[]): (value: string) => T {
  return (value) => {
    const found = words.find((word) => word === value);
    if (found === undefined) throw unknownName(`value of ${option}`, value, words, nearest(value, words).length > 0 ? {} : { hint: `It is one of ${words.join(', ')}.` });
    return found;
  };
}

function positive(option: string): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!Number.isInteger(number) || number < 1) throw new PlayError(`${option} needs a whole number from 1, not "${value}"`);
    return number;
  };
}

/** Adds what several commands take: where the inventory is and which of its hosts are meant. */
export function addInventoryOptions(command: Command): Command {
  return command
    .option('-i, --inventory <file>', 'inventory file or folder, or hosts with a comma; may be given several times', collect, [])
    .option('-l, --limit <pattern>', 'only these hosts: names, groups, globs, a:b, a,b, a:&b, a:!b')
    .option('-e, --extra-vars <vars>', 'k=v, JSON or @file; may be given several times', collect, [])
    .option('--vault-password-file <file>', 'file (or program) that gives the vault password; may be given several times', collect, [])
    .option('--vault-id <id@file>', 'the same for one vault id; ID@prompt asks', collect, [])
    .option('-J, --ask-vault-pass', 'ask for the vault password', false)
    .option('--debug', 'show stacks with errors', false);
}

/** Describes the options of a run to commander. */
export function addRunOptions(command: Command): Command {
  return addInventoryOptions(command)
    .option('-t, --tags <tags>', 'only tasks with one of these tags', collect, [])
    .option('--skip-tags <tags>', 'no task with one of these tags', collect, [])
    .option('-C, --check', 'change nothing; say what would change', false)
    .option('-D, --diff', 'show changes of files as diffs', false)
    .option('-f, --forks <n>', 'hosts at once (default: 50)', positive('--forks'), 50)
    .option('-u, --user <name>', 'log in as this user')
    .option('-c, --connection <how>', `how to reach hosts: ${connectionNames.join(', ')}`, oneOf('--connection', connectionNames))
    .option('-b, --become', 'become another user where a play does not say', false)
    .option('--become-user <name>', 'whom to become (default: root)')
    .option('--become-method <how>', `how: ${becomeMethods.join(', ')}`, oneOf('--become-method', becomeMethods))
    .option('-K, --ask-become-pass', 'ask once for the become password', false)
    .option('--become-password-file <file>', 'file (or program) that gives the become password')
    .option('--key-file, --private-key <file>', 'private key to log in with')
    .option('--accept-new-host-keys', 'record the keys of hosts never seen before (a changed key is refused always)', false)
    .option('--timeout <seconds>', 'wait this long for a connection (default: 10)', positive('--timeout'))
    .option('--sandbox', 'use a throwaway host on this machine in place of each real one', false)
    .option('--list-hosts', 'list the hosts of each play, and stop', false)
    .option('--list-tasks', 'list the tasks that would run, and stop', false)
    .option('--list-tags', 'list all tags, and stop', false)
    .option('--output <form>', 'human (default), or jsonl: one JSON object a line for each event', oneOf('--output', ['human', 'jsonl']), 'human')
    .option('--exit-code', 'with --check: exit with 3 when something would change', false)
    .option('--no-typecheck', 'run although tsc has not said that the types are right')
    .option('-v, --verbose', 'say more; -vv, -vvv: the sh sent to the hosts', (_: string, count: number) => count + 1, 0);
}
