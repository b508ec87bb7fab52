import { Option, type Command } from 'commander';
import { PlayError } from '../errors/index.ts';

/** Whether changes of files are shown as diffs; `full`: all of them, however long. */
export type DiffFlag = boolean | 'full';

const full = '--diff=full';
const fullOption = '--diff-full';

/**
 * Describes `-D, --diff` and `--diff=full` to commander. To it these are two options: one that may take a value would take
 * the `C` of `-DC` for it, and the playbook of `--diff site.ts`.
 */
export function addDiffOption(command: Command, text = 'show changes to files as diffs'): Command {
  let isFull = false;
  const set = (): void => {
    if (isFull) command.setOptionValueWithSource('diff', 'full', 'cli');
  };
  command
    .option('-D, --diff', `${text}, long ones shortened; ${full}: in full`, false)
    .addOption(new Option(fullOption).hideHelp());
  command.on('option:diff', set);
  command.on('option:diff-full', () => {
    isFull = true;
    set();
  });
  return command;
}

/** `--diff=full` as the option of its own that it is to commander. @throws PlayError for another value */
export function spellDiff(args: readonly string[]): string[] {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  return args.map((arg, index) => {
    if (index >= end || !arg.startsWith('--diff=')) return arg;
    if (arg === full) return fullOption;
    throw new PlayError(`There is no ${arg}`, { hint: `There are --diff, and ${full}.` });
  });
}
