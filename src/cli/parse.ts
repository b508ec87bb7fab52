import { Command, CommanderError } from 'commander';
import { PlayError, nearest } from '../errors/index.ts';
import { addRunOptions, type Flags } from './flags.ts';

/** Thrown when help was printed: there is nothing else to do. */
export class HelpShown extends Error {}

/** A command that throws PlayErrors instead of printing and leaving. */
export function makeCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .allowExcessArguments(false)
    .helpOption('-h, --help', 'show this help')
    .configureOutput({ writeErr: () => undefined })
    // Descriptions name defaults where they are news.
    .configureHelp({ optionDescription: (option) => option.description })
    .exitOverride();
}

/**
 * Parses arguments with a command.
 *
 * @throws PlayError naming the nearest option; HelpShown
 */
export function parseWith(command: Command, args: readonly string[]): void {
  try {
    command.parse(args, { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.code.startsWith('commander.help')) throw new HelpShown();
    throw readable(thrown, command);
  }
}

function readable(error: CommanderError, command: Command): PlayError {
  const unknown = /unknown option '(.+?)(?:=.*)?'/.exec(error.message)?.[1];
  const [text = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  if (unknown === undefined) return new PlayError(capital(text), { hint: suggestion ?? `${commandPath(command)} --help shows how it is used.` });
  const known = command.options.flatMap(({ short, long }) => [short, long]).filter((flag) => flag !== undefined);
  const close = unknown.startsWith('--') ? nearest(unknown, known.filter((flag) => flag.startsWith('--'))) : [];
  const hint = close.length > 0 ? `Did you mean ${close.join(' or ')}?` : `${commandPath(command)} --help lists the options.`;
  return new PlayError(`Unknown option "${unknown}"`, { hint });
}

function commandPath(command: Command): string {
  return command.parent ? `${commandPath(command.parent)} ${command.name()}` : command.name();
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Reads the command line of a run. */
export function parseRun(args: readonly string[]): { readonly playbook: string; readonly flags: Flags } {
  const command = addRunOptions(makeCommand('play', 'Runs a playbook: typed, idempotent tasks over SSH.'))
    .argument('<playbook>', 'a playbook by path, or by name under playbooks/')
    .option('--version', 'show the version, and stop')
    .addHelpText('after', otherCommands);
  parseWith(command, args);
  return { playbook: command.args[0] ?? '', flags: command.opts<Flags>() };
}

const otherCommands = `
Other commands:
  play inventory --list|--graph|--host HOST|--hosts   what the inventory says
  play why HOST VARIABLE                              where a variable gets its value from
  play sandbox list|start|stop|ssh|reset|rm           the throwaway hosts of --sandbox

Exit codes: 0 fine; 1 wrong before a host was touched; 2 a host failed; 3 would change (-C --exit-code);
4 unreachable; 99 interrupted; 250 internal error.`;
