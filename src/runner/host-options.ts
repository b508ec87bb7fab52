import { makeCommand, parseWith } from '../options/command.ts';
import { addHostOptions, type HostFlags } from '../options/host-flags.ts';
import { optionsOf } from './command-options.ts';
import type { RunnerOptions } from './types.ts';

/** What `parseHostOptions` found among a tool's arguments. */
export interface HostOptions {
  /** For `openRunner`. */
  readonly options: RunnerOptions;
  /** The value of `--output`. Default `human`. */
  readonly output: 'human' | 'jsonl';
  /** How often `-v` was given. */
  readonly verbosity: number;
  /** All other arguments, in order, for the tool's own parser. */
  readonly rest: readonly string[];
}

/**
 * Takes play's own options out of a tool's arguments: `-i`, `-l`, `-e`, `-u`, `-b`, `-K`, `--sandbox`, `--forks` and
 * all others that `play ping --help` lists, except `-h`.
 *
 * @param args default: the arguments of this process
 * @throws PlayError for an invalid value
 * @example
 * const { options, rest } = parseHostOptions();       // fleet -i staging -b nginx
 * const runner = await openRunner(options);           // { inventory: ['staging'], become: true }
 * const [name] = rest;                                // nginx
 */
export function parseHostOptions(args: readonly string[] = process.argv.slice(2)): HostOptions {
  const command = addHostOptions(makeCommand('', ''));
  command.helpOption(false).allowUnknownOption().allowExcessArguments();
  parseWith(command, args);
  const { output, verbose } = command.opts<HostFlags>();
  return { options: optionsOf(command), output, verbosity: verbose, rest: command.args };
}
