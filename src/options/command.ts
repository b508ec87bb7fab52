import { Command, CommanderError } from 'commander';
import { PlayError, nearest } from '../errors/index.ts';
import { spellSandbox } from './connection-flags.ts';
import { spellDiff } from './diff-flag.ts';

/** Thrown when help was printed: there is nothing else to do. */
export class HelpShown extends Error {}

/** A command that throws PlayErrors instead of printing and leaving. */
export function makeCommand(name: string, description: string): Command {
  return (
    new Command(name)
      .description(description)
      .allowExcessArguments(false)
      .helpOption('-h, --help', 'show this help')
      .configureOutput({ writeErr: () => undefined })
      // Descriptions name defaults where they are news.
      .configureHelp({ optionDescription: (option) => option.description })
      .exitOverride()
  );
}

let isDescribing = false;

/** Thrown in place of parsing, where only a description is wanted. */
class Described extends Error {
  readonly command: Command;
  constructor(command: Command) {
    super();
    this.command = command;
  }
}

/**
 * What a command takes, by its own definition: it is started, and stopped where it would read its arguments.
 *
 * @param start starts it with the arguments `--help`
 */
export async function describeCommand(start: () => unknown): Promise<Command> {
  isDescribing = true;
  try {
    await start();
  } catch (thrown) {
    if (thrown instanceof Described) return thrown.command;
    throw thrown;
  } finally {
    isDescribing = false;
  }
  throw new Error('a command did not read its arguments');
}

/**
 * Parses arguments with a command.
 *
 * @throws PlayError naming the nearest option; HelpShown
 */
export function parseWith(command: Command, args: readonly string[]): void {
  if (isDescribing) throw new Described(command);
  try {
    command.parse(spellDiff(spellSandbox(args)), { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.code.startsWith('commander.help')) throw new HelpShown();
    throw readable(thrown, command);
  }
  refuseEmpty(command);
}

/** Options that may be given nothing: that takes back what the project's configuration says, or adds nothing. */
const mayBeEmpty = ['sshCommonArgs', 'sshExtraArgs', 'extraVars'];

/**
 * What was to be in it is most often a variable of a shell that is not set; and no limit, or no tag, would mean all.
 */
function refuseEmpty(command: Command): void {
  for (const option of command.options) {
    if (
      !option.required ||
      mayBeEmpty.includes(option.attributeName()) ||
      command.getOptionValueSource(option.attributeName()) !== 'cli'
    )
      continue;
    const given: unknown = command.getOptionValue(option.attributeName());
    const values: readonly unknown[] = Array.isArray(given) ? given : [given];
    if (values.some((value) => typeof value === 'string' && /^[\s,]*$/.test(value)))
      throw new PlayError(`${option.long ?? option.flags} is given nothing`, {
        hint: 'Leave it out, or say what is meant.',
      });
  }
  for (const [index, argument] of command.registeredArguments.entries()) {
    if (!argument.variadic && command.args[index]?.trim() === '')
      throw new PlayError(`The argument <${argument.name()}> is empty`, {
        hint: `${commandPath(command)} --help shows how it is used.`,
      });
  }
}

function readable(error: CommanderError, command: Command): PlayError {
  const unknown = /unknown option '(.+?)(?:=.*)?'/.exec(error.message)?.[1];
  const [text = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  if (unknown === undefined)
    return new PlayError(capital(text), { hint: suggestion ?? `${commandPath(command)} --help shows how it is used.` });
  const known = command.options.flatMap(({ short, long }) => [short, long]).filter((flag) => flag !== undefined);
  const close = unknown.startsWith('--')
    ? nearest(
        unknown,
        known.filter((flag) => flag.startsWith('--')),
      )
    : [];
  const hint =
    close.length > 0 ? `Did you mean ${close.join(' or ')}?` : `${commandPath(command)} --help lists the options.`;
  return new PlayError(`Unknown option "${unknown}"`, { hint });
}

function commandPath(command: Command): string {
  return command.parent ? `${commandPath(command.parent)} ${command.name()}` : command.name();
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
