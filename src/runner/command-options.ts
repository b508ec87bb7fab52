import type { Command } from 'commander';
import { optionName } from '../project/apply-config.ts';
import { checkOptions, optionNames } from './options.ts';
import type { RunnerOptions } from './types.ts';

// Apart from what is public: the package has no types of commander.
/** What was typed of a command that has play's options for hosts (`addHostOptions`), for `openRunner`. */
export function optionsOf(command: Command): RunnerOptions {
  const typed = optionNames
    .map((name): readonly [string, string] => [name, optionName(name)])
    .filter(([, flag]) => command.getOptionValueSource(flag) === 'cli')
    .map(([name, flag]): readonly [string, unknown] => [name, command.getOptionValue(flag)]);
  return checkOptions(Object.fromEntries(typed));
}
