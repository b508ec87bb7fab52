import type { Command } from 'commander';
import { PlayError, unknownName } from '../errors/index.ts';
import { makeCommand, parseWith } from '../options/command.ts';
import { type LockFlags, addLockOptions } from '../options/connection-flags.ts';
import { type HostFlags, addHostOptions } from '../options/host-flags.ts';
import { positive } from '../options/option-values.ts';
import { optionsOf } from '../runner/command-options.ts';
import type { RunnerOptions } from '../runner/index.ts';

const commandNames = ['status', 'deploy', 'promote', 'restart', 'refresh_badges'] as const;
type CommandName = (typeof commandNames)[number];

/** The options of `deployer`, as typed. */
export interface DeployerFlags extends HostFlags, LockFlags {
  readonly config?: string;
  readonly check: boolean;
  readonly yes: boolean;
  readonly skipStages: boolean;
  readonly allowDowngrade: boolean;
  readonly follow: boolean;
  /** Seconds to follow on after the installation; undefined: until Ctrl-C. */
  readonly followFor?: number;
}

export interface CommandLine {
  readonly command: CommandName;
  readonly args: readonly string[];
  readonly flags: DeployerFlags;
  /** How hosts are reached, as far as it was typed. */
  readonly options: RunnerOptions;
}

/** What `deploy` and `promote` take: the second is the first, from a stage to the next. */
const forDeploys = [
  'check',
  'yes',
  'skipStages',
  'allowDowngrade',
  'follow',
  'followFor',
  'wait',
  'steal',
  'ignoreHold',
  'ignoreWindow',
];

/** What each command takes besides what all take. */
const shapes: Readonly<
  Record<
    CommandName,
    { readonly least: number; readonly most: number; readonly usage: string; readonly options: readonly string[] }
  >
> = {
  status: { least: 0, most: 0, usage: 'deployer', options: [] },
  deploy: {
    least: 1,
    most: 3,
    usage: 'deployer deploy PACKAGE [STAGE] [VERSION]',
    options: forDeploys,
  },
  promote: {
    least: 1,
    most: 2,
    usage: 'deployer promote PACKAGE [STAGE]',
    options: forDeploys,
  },
  restart: {
    least: 1,
    most: 2,
    usage: 'deployer restart PACKAGE [STAGE]',
    options: ['check', 'yes', 'wait', 'steal', 'ignoreHold', 'ignoreWindow'],
  },
  refresh_badges: {
    least: 0,
    most: 0,
    usage: 'deployer refresh_badges',
    options: ['check', 'wait', 'steal', 'ignoreHold', 'ignoreWindow'],
  },
};

/** Options that only some commands take, with what to call them by. */
const ownOptions: Readonly<Record<string, string>> = {
  check: '--check',
  yes: '--yes',
  skipStages: '--skip-stages',
  allowDowngrade: '--allow-downgrade',
  follow: '--follow',
  followFor: '--follow-for',
  wait: '--wait',
  steal: '--steal',
  ignoreHold: '--ignore-hold',
  ignoreWindow: '--ignore-window',
};

/** Reads the command line. @throws PlayError, HelpShown */
export function parseDeployer(args: readonly string[]): CommandLine {
  const command = addDeployerOptions(
    makeCommand(
      'deployer',
      'Takes packages through the stages of deployer.ini. Without a command: which version runs where.',
    ),
  );
  command.usage('[command] [options]').argument('[command]').argument('[args...]').addHelpText('after', commandsHelp);
  parseWith(command, args);
  const [word = 'status', ...rest] = command.args;
  const name = commandNames.find((known) => known === word);
  if (name === undefined)
    throw unknownName(
      'command',
      word,
      commandNames,
      word === 'rollback'
        ? { hint: 'To roll back, deploy an older version: deployer deploy PACKAGE STAGE VERSION.' }
        : {},
    );
  const shape = shapes[name];
  if (rest.length < shape.least || rest.length > shape.most)
    throw new PlayError(`${name} is used as: ${shape.usage}`, { hint: 'deployer --help has the rest.' });
  const isTyped = (option: string): boolean => command.getOptionValueSource(option) === 'cli';
  const stray = Object.keys(ownOptions).find((option) => isTyped(option) && !shape.options.includes(option));
  if (stray !== undefined)
    throw new PlayError(
      `${ownOptions[stray] ?? stray} does not go with ${name === 'status' ? 'the table of versions' : name}`,
      { hint: 'deployer --help lists what does.' },
    );
  const { json, ...flags } = command.opts<DeployerFlags & { json: boolean }>();
  const output = json ? 'jsonl' : flags.output;
  if (
    output === 'jsonl' &&
    (name === 'deploy' || name === 'promote' || name === 'restart') &&
    !flags.yes &&
    !flags.check
  ) {
    throw new PlayError('--json is for programs, which cannot be asked', {
      hint: 'Add -y to go ahead, or -C to only look.',
    });
  }
  return {
    command: name,
    args: rest,
    flags: { ...flags, output, follow: flags.follow || flags.followFor !== undefined },
    options: optionsOf(command),
  };
}

function addDeployerOptions(command: Command): Command {
  return addLockOptions(addHostOptions(command))
    .option('--config <file>', 'the configuration (default: the nearest deployer.ini or .deployer.ini upwards)')
    .option('-C, --check', 'change nothing; say what would change', false)
    .option('-y, --yes', 'do not ask', false)
    .option('--skip-stages', 'deploy even what the stage before does not run', false)
    .option('--allow-downgrade', 'replace a newer version with an older one', false)
    .option('--follow', "show the journal of the package's services meanwhile, and after until Ctrl-C", false)
    .option('--follow-for <seconds>', 'the same, and end after so long', positive('--follow-for'))
    .option('--json', 'JSON lines for programs, like --output jsonl', false);
}

const commandsHelp = `
Commands:
  deployer                                    which version runs where; ►► a rollout is due, ⚠ newer than the stage before
  deployer deploy PACKAGE [STAGE] [VERSION]   install the newest, or that version; default: the first stage
  deployer promote PACKAGE [STAGE]            install what the stage before runs; default: where a rollout is due
  deployer restart PACKAGE [STAGE]            restart its services that still run the old version; default: the first stage that has some
  deployer refresh_badges                     write each host's badges to its badges_path

Exit codes: 0 success; 1 an error before any host was touched, or not wanted; 2 a host failed; 4 unreachable; 5 held; 99 interrupted; 250 a bug in play.`;
