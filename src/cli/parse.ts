import type { Command } from 'commander';
import { nearest, PlayError } from '../errors/index.ts';
import { makeCommand, parseWith } from '../options/command.ts';
import { addRunOptions, type Flags } from '../options/flags.ts';
import { addWorkerOptions } from '../options/worker-flags.ts';
import { applyConfig, readConfig } from '../project/apply-config.ts';
import type { ProjectConfig } from '../project/config.ts';
import type { Launch } from '../project/launch.ts';
import { existingPlaybook } from '../project/project.ts';
import { addForeignOptions } from './ansible-options.ts';

/**
 * Parses arguments, then gives what they leave open the values of the project's `play.config.ts`.
 *
 * @param playbookOf the playbook among the arguments: its project counts where the working directory is in none
 */
export async function parseWithConfig(
  command: Command,
  args: readonly string[],
  launch: Launch,
  playbookOf?: (args: readonly string[]) => string | undefined,
): Promise<ProjectConfig> {
  parseWith(command, args);
  const named = playbookOf?.(command.args);
  const config = await readConfig(launch, named === undefined ? undefined : existingPlaybook(named));
  applyConfig(command, config);
  return config;
}

export interface ParsedRun {
  readonly playbook: string;
  readonly flags: Flags;
  readonly config: ProjectConfig;
  /** The options that were on the command line, by name. */
  readonly given: ReadonlySet<string>;
}

/** The options that stand on the command line itself, in the spelling of `flags`. */
export function givenOptions(command: Command): ReadonlySet<string> {
  return new Set(
    command.options
      .map((option) => option.attributeName())
      .filter((name) => command.getOptionValueSource(name) === 'cli'),
  );
}

/** Reads the command line of a run. */
export async function parseRun(args: readonly string[], launch: Launch): Promise<ParsedRun> {
  const command = addWorkerOptions(
    addRunOptions(makeCommand('play', 'Runs a playbook: typed, idempotent tasks over SSH.')),
  )
    .argument('<playbook>', 'a playbook by path, or by name under playbooks/')
    .option('--version', 'show the version, and stop')
    .addHelpText('after', otherCommands);
  addForeignOptions(command);
  const config = await parseWithConfig(command, args, launch, ([playbook]) => playbook).catch((thrown: unknown) => {
    throw mistypedCommand(command.args) ?? thrown;
  });
  return { playbook: command.args[0] ?? '', flags: command.opts<Flags>(), config, given: givenOptions(command) };
}

/** A command that was mistyped is taken for a playbook, and what follows it for too much. */
function mistypedCommand([name = '', ...more]: readonly string[]): PlayError | undefined {
  if (more.length === 0 || existingPlaybook(name) !== undefined) return undefined;
  const close = nearest(name, commandNames());
  if (close.length === 0) return undefined;
  return new PlayError(`There is no command "${name}"`, {
    hint: `Did you mean ${close.map((one) => `"play ${one}"`).join(' or ')}?`,
  });
}

/** The words that call commands. */
export function commandNames(): string[] {
  return [...commandTexts().keys()];
}

/** What commands are for, in a few words, by the word that calls them. */
export function commandTexts(): ReadonlyMap<string, string> {
  return new Map(
    otherCommands.split('\n').flatMap((row): [string, string][] => {
      const [, name, text] = /^ {2}play ([a-z-]+).*? {2,}(\S.*)$/.exec(row) ?? [];
      return name === undefined || text === undefined ? [] : [[name, text]];
    }),
  );
}

const otherCommands = `
Other commands:
  play inventory --list|--graph|--host HOST|--hosts   what the inventory says
  play graph [PLAYBOOK] --format svg|mermaid          the inventory, or a playbook, as a drawing
  play why HOST VARIABLE                              where a variable gets its value from
  play lint [PLAYBOOK...]                             what Ansible would do differently, and what looks wrong
  play ping [PATTERN]                                 which hosts let us in, how, and whether sudo works
  play run COMMAND -l PATTERN                         a shell command on many hosts at once
  play ssh HOST [-- COMMAND]                          OpenSSH with the inventory's settings
  play logs -l PATTERN [-u UNIT] [-f]                 journals of many hosts as one, ordered by time
  play tunnel HOST PORT[:PORT]                        a port of a host, here
  play allow-me HOST PORT --for 1h                    lets your address in for a time; --list, --revoke, -C
  play find-big [PATH] -l PATTERN                     what fills disks; --crash-dumps --delete
  play oom -l PATTERN [--restart UNIT]                what ran out of memory
  play doctor HOST                                    what is wrong with a host, and how to fix it
  play facts HOST [NAME]                              what playbooks can read about a host
  play resource NAME k=v... -l PATTERN                one resource without a playbook; -C, -D
  play bootstrap HOST -u root                         first login: key, account, sudo, host key, DNS; -C, -D
  play host add NAME --groups a,b | remove NAME       edits the inventory, says what else must follow; -C, -D
  play show PLAN.json                                 a plan that -C --out wrote, as the check run printed it
  play apply PLAN.json                                runs it, if it is still what would be done; -C only compares
  play drift [PLAYBOOK...]                            which hosts differ from the playbooks, and since when
  play rehearse PLAYBOOK -l PATTERN                   the playbook on throwaway twins of these hosts; how services fared
  play patch -l PATTERN [--security]                  upgrades of Debian packages, batch by batch; --reboot-if-needed, -C
  play hold PATTERN [UNIT...] --reason TEXT           makes runs leave these hosts, or units on them, alone; --until TIME
  play unhold PATTERN [UNIT...]                       lifts the hold
  play status [PATTERN]                               what is held or stopped, by whom, since when
  play owed [PATTERN] [--drop ID]                     what interrupted runs left undone there
  play jobs [PATTERN]                                 jobs that lose data if missed: did they run, by when must they; --wait
  play gaps PATTERN [PATH]                            which hours or days an archive is missing
  play page PATTERN                                   what to know about hosts you have never seen; --out FILE
  play unmanaged PATTERN                              what hosts have that no playbook declares
  play blame HOST PATH|UNIT|PACKAGE                   who changed it, by which line of which playbook; by hand since?
  play restore-files RUN                              files as they were before a run; refuses what changed since; -C, -D
  play log [RUN] [--host PATTERN]                     what was run, by whom, and what it changed; by others, too
  play ui                                             records, plans, drift and holds in a browser on this machine
  play runs                                           runs in progress, and those that were killed
  play resume [RUN]                                   comes back to one; continues one that was killed
  play sandbox list|start|stop|ssh|reset|rm           the throwaway hosts of --sandbox
  play vault encrypt|decrypt|view|edit|rekey|...      secrets in files and values: Ansible Vault's, or age
  play init [FOLDER]                                  a repository to start from
  play import ansible PATH --out DIR                  Ansible's playbooks and roles as TypeScript
  play compare ansible SITE.yml -l PATTERN            what ansible-playbook and play would each do that the other would not
  play worker --redis URL                             takes hosts from runs started with --workers
  play pull -U URL                                    fetches a repository, runs this host's part of it
  play with-lock PATTERN... -- COMMAND                hosts locked against other runs while a command works (ansible-playbook)
  play role [NAME]                                    what a role does, and its variables
  play console [-l PATTERN]                           a prompt: inventory, variables, facts, resources
  play schema                                         JSON Schemas of variables and inventory, for editors
  play runbook [NAME [status]]                        an emergency or a rare change in steps; --back, --from, -C, --doc
  play new role|playbook|resource NAME                one of them, with its test
  play new ci github|gitlab                           a CI file that posts a pull request's plan
  play completion bash|zsh|fish                       completes play's command lines in a shell

Exit codes: 0 success; 1 an error before any host was touched; 2 a host failed; 3 would change (-C --exit-code);
4 unreachable; 5 something held was left alone; 99 interrupted; 250 a bug in play.`;
