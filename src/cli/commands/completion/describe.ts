import type { Command } from 'commander';
import { describeCommand } from '../../../options/command.ts';
import type { WordReader } from '../../../options/option-values.ts';
import type { Launch } from '../../../project/launch.ts';
import { Redactor } from '../../../secrets/index.ts';

/** A command: what follows its name -> whatever. */
export type AnyCommand = (args: readonly string[], launch: Launch, redactor: Redactor) => unknown;

export interface DescribedOption {
  /** All spellings: `-l`, `--limit`. */
  readonly names: readonly string[];
  /** What it takes, `<file>` or `[=kind]`; undefined where it takes nothing. */
  readonly value: string | undefined;
  /** All that it may be, where these are a few words. */
  readonly words: readonly string[] | undefined;
  readonly text: string;
}

/** What a command takes, from its definition. */
export interface DescribedCommand {
  /** As it is typed: `play ping`. */
  readonly name: string;
  readonly text: string;
  readonly arguments: readonly {
    readonly name: string;
    readonly text: string;
    readonly isRequired: boolean;
    readonly isVariadic: boolean;
  }[];
  readonly options: readonly DescribedOption[];
}

/** @param words between the command's name and its options, where these choose among several: `encrypt` of `play vault` */
export async function describe(
  command: AnyCommand,
  launch: Launch,
  words: readonly string[] = [],
): Promise<DescribedCommand> {
  return described(await describeCommand(() => command([...words, '--help'], launch, new Redactor())));
}

function described(command: Command): DescribedCommand {
  return {
    name: command.name(),
    text: command.description(),
    arguments: command.registeredArguments.map((one) => ({
      name: one.name(),
      text: one.description,
      isRequired: one.required,
      isVariadic: one.variadic,
    })),
    options: command.options
      .filter(({ hidden }) => !hidden)
      .map(({ short, long, flags, description, parseArg }) => ({
        names: [short, long].flatMap((name) => name ?? []),
        value: /[<[].*$/.exec(flags)?.[0],
        words: (parseArg as Partial<WordReader<string>> | undefined)?.words,
        text: description,
      })),
  };
}
