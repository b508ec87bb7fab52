import type { Command } from 'commander';
import type { BackupFlags } from './backup-flags.ts';
import {
  type ConnectionFlags,
  type LockFlags,
  type SandboxFlags,
  addConnectionOptions,
  addLockOptions,
  addSandboxOption,
} from './connection-flags.ts';
import { addDiffOption, type DiffFlag } from './diff-flag.ts';
import type { NotifyFlags } from './notify-flags.ts';
import { collect, oneOf, positive } from './option-values.ts';
import { addPersistOptions, type PersistFlags } from './persist-flags.ts';
import type { WorkerFlags } from './worker-flags.ts';

/** What several commands take. */
export interface InventoryFlags {
  readonly inventory: readonly string[];
  /** What `play.config.ts` says of it, also where `-i` beats that. */
  readonly projectInventory?: readonly string[];
  readonly limit?: string;
  readonly extraVars: readonly string[];
  readonly vaultPasswordFile: readonly string[];
  readonly vaultId: readonly string[];
  readonly askVaultPass: boolean;
  readonly ageIdentity: readonly string[];
  readonly debug: boolean;
  /** How YAML is read; `play.config.ts` says it, and no option. */
  readonly yaml?: 'ansible' | 'strict';
}

/** How a run is told on standard output: `junit` and `markdown` once it is over. */
export type OutputForm = 'human' | 'jsonl' | 'junit' | 'markdown';

/** The options of `play PLAYBOOK.ts`, as typed. */
export interface Flags
  extends
    InventoryFlags,
    ConnectionFlags,
    SandboxFlags,
    LockFlags,
    NotifyFlags,
    BackupFlags,
    PersistFlags,
    WorkerFlags {
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly check: boolean;
  readonly diff: DiffFlag;
  readonly forks: number;
  readonly listHosts: boolean;
  readonly listTasks: boolean;
  readonly listTags: boolean;
  /** How often -v was given. */
  readonly verbose: number;
  /** Tell of nothing but changes and failures. */
  readonly quiet: boolean;
  /** Tell at the end where the time went. */
  readonly profile: boolean;
  readonly syntaxCheck: boolean;
  /** Ask before each change: `--ask`, or `--step` as Ansible calls it. */
  readonly step: boolean;
  /** Where the plan of a check run is written. */
  readonly out?: string;
  readonly planKeyFile?: string;
  /** Where the changes of a check run of one host are written as a script. */
  readonly script?: string;
  readonly withSecrets: boolean;
  readonly startAtTask?: string;
  readonly forceHandlers: boolean;
  readonly output: OutputForm;
  /** Files that the run is written to as a page, JUnit or Markdown, once it is over. */
  readonly report: readonly string[];
  readonly exitCode: boolean;
  /** Plan again at every save. */
  readonly watch: boolean;
  readonly typecheck: boolean;
  /** Leave the terminal once it has begun. */
  readonly detach: boolean;
}

/** Adds what several commands take: where the inventory is and which of its hosts are meant. */
export function addInventoryOptions(command: Command): Command {
  command
    .option(
      '-i, --inventory <file>',
      'inventory file or folder, or hosts with a comma; may be given several times',
      collect,
      [],
    )
    .option(
      '-l, --limit <pattern>',
      'only these hosts: names, groups, globs, a:b, a,b, a:&b, a:!b, @FILE; @failed: those the last run failed on',
    )
    .option('-e, --extra-vars <vars>', 'k=v, JSON or @file; may be given several times', collect, []);
  return addVaultOptions(command).option('--debug', 'show stack traces with errors', false);
}

/** Adds what opens secrets. */
export function addVaultOptions(command: Command): Command {
  return command
    .option(
      '--vault-password-file <file>',
      'file (or program) that gives the vault password; may be given several times',
      collect,
      [],
    )
    .option('--vault-id <id@file>', 'the same for one vault id; ID@prompt asks', collect, [])
    .option('-J, --ask-vault-pass', 'ask for the vault password', false)
    .option(
      '--age-identity <file>',
      'what opens age and sops files: a file written by age-keygen, or an ssh private key; may be given several times',
      collect,
      [],
    );
}

/** Describes the options of a run to commander. */
export function addRunOptions(command: Command): Command {
  return addExecutionOptions(command)
    .option('-t, --tags <tags>', 'only tasks with one of these tags', collect, [])
    .option('--skip-tags <tags>', 'no task with one of these tags', collect, [])
    .option('--syntax-check', 'read and check everything that can be checked here, and stop', false)
    .option('--ask, --step', 'show each change and ask: yes, no, all, quit', false)
    .option('--out <file>', 'with --check: write the plan there, for review and for play apply')
    .option(
      '--plan-key-file <file>',
      "the key for a plan's fingerprints (default: one of your own, created when needed)",
    )
    .option('--script <file>', 'with --check, for one host: write what would change as a script to run at its console')
    .option('--with-secrets', 'with --script: include the secrets', false)
    .option('--start-at-task <name>', 'skip everything before the task with this name (or glob)')
    .option('--force-handlers', 'run due handlers even on hosts where a task failed', false)
    .option('--list-hosts', 'list the hosts of each play, and stop', false)
    .option('--list-tasks', 'list the tasks that would run, and stop', false)
    .option('--list-tags', 'list all tags, and stop', false)
    .option('--detach', 'go on in the background once it has begun; play resume comes back to it', false)
    .option('--watch', 'with --sandbox (or -C): plan again whenever a file is saved, and show what is new', false)
    .option('--exit-code', 'with --check: exit with 3 when something would change', false);
}

/** Of a runbook there is no part to be chosen by tasks: only steps are on record. */
export type RunbookFlags = Omit<Flags, keyof typeof noSelection>;

/** The flags of a run that chooses no part of a playbook. */
export const noSelection = {
  tags: [],
  skipTags: [],
  listHosts: false,
  listTasks: false,
  listTags: false,
  syntaxCheck: false,
  step: false,
  withSecrets: false,
  forceHandlers: false,
  exitCode: false,
  detach: false,
  watch: false,
} satisfies Partial<Flags>;

/** A runbook's options as those of a run. */
export function runFlags(flags: RunbookFlags): Flags {
  return { ...noSelection, ...flags };
}

/** Describes what runs of playbooks and runbooks have in common. */
export function addExecutionOptions(command: Command): Command {
  const described = addDiffOption(
    addSandboxOption(addLockOptions(addPersistOptions(addConnectionOptions(addInventoryOptions(command))))).option(
      '-C, --check',
      'change nothing; say what would change',
      false,
    ),
  )
    .option('--no-diff', 'show no diffs, even if play.config.ts says so')
    .option('-f, --forks <n>', 'hosts at once (default: 50)', positive('--forks'), 50);
  return addAmountOptions(addTypecheckOption(addReportOption(addOutputOption(described)))).option(
    '-v, --verbose',
    'say more; -vv, -vvv: the sh sent to the hosts',
    (_: string, count: number) => count + 1,
    0,
  );
}

/** Describes `--output` of what can be told in all forms. */
export function addOutputOption(command: Command): Command {
  return command.option(
    '--output <form>',
    'human (default), jsonl: one JSON object per line for each event; at the end: junit, markdown',
    oneOf<OutputForm>('--output', ['human', 'jsonl', 'junit', 'markdown']),
    'human',
  );
}

/** Describes `--report`. */
export function addReportOption(command: Command): Command {
  return command.option(
    '--report <file>',
    'also write it to FILE.html: a page; FILE.xml: JUnit; FILE.md: Markdown; may be given several times',
    collect,
    [],
  );
}

/** Describes how much a run tells. */
export function addAmountOptions(command: Command): Command {
  return command
    .option('-q, --quiet', 'show only changes, failures and the recap', false)
    .option('--profile', 'show at the end where the time went, by task and by host', false);
}

/**
 * Describes `--no-typecheck`. `PLAY_NO_TYPECHECK=1` in the environment is the same for every run there: where tsc has
 * looked at the whole repository already.
 */
export function addTypecheckOption(command: Command): Command {
  return command.option(
    '--no-typecheck',
    'run without waiting for tsc to check the types',
    ['', '0', undefined].includes(process.env['PLAY_NO_TYPECHECK']),
  );
}
