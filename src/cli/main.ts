import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, PlayError } from '../errors/index.ts';
import { exitAfterLoss, watchOutput } from '../operator/output-loss.ts';
import { HelpShown, makeCommand, parseWith } from '../options/command.ts';
import { oneOf } from '../options/option-values.ts';
import type { Launch } from '../project/launch.ts';
import { mapStacksToSources } from '../project/source-maps.ts';
import { describeError, makeStyle, wantsColour } from '../report/index.ts';
import { sandboxKinds, sandboxReleases, type SandboxKind, type SandboxRelease } from '../sandbox/index.ts';
import { Redactor } from '../secrets/index.ts';
import { distrust, trustInstaller } from '../trust/index.ts';
import { hostCommands } from './commands.ts';
import { runInventoryCommand } from './commands/inventory-command.ts';
import { runLintCommand } from './commands/lint/lint-command.ts';
import { runPlaybook } from './commands/run.ts';
import { isSandboxInternal, runSandboxCommand, runSandboxInternal } from './commands/sandbox.ts';
import { runWhyCommand } from './commands/why.ts';

/** A command and its arguments; gives the exit code. */
export type RunCommand = (args: readonly string[], launch: Launch, redactor: Redactor) => Promise<number>;

/**
 * Runs the command line and ends the process with its exit code.
 *
 * @param more commands of folders above this one, by the word that calls them
 */
export function start(launch: Launch, more: ReadonlyMap<string, RunCommand> = new Map()): void {
  mapStacksToSources();
  const args = process.argv.slice(2);
  watchOutput();
  const redactor = new Redactor();
  const tell = (thrown: unknown): number => {
    const { text, exitCode } = describeError(thrown, {
      style: makeStyle(wantsColour(process.stderr)),
      debug: args.includes('--debug'),
      redact: (line) => redactor.redact(line),
      ownFolders: [join(launch.root, 'src'), join(launch.root, 'dist')],
    });
    process.stderr.write(text);
    return exitCode;
  };
  const fail = (thrown: unknown): never => process.exit(tell(thrown));
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  dispatch(args, launch, redactor, more).then(
    async (code) => {
      if (code !== undefined) await leave(code);
    },
    async (thrown: unknown) => leave(tell(thrown)),
  );
}

/**
 * Ends the process once all that was printed is read: a pipe takes some 64 KiB at a time, and the rest would be lost.
 */
async function leave(code: number): Promise<never> {
  process.exitCode = code;
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise<void>((done) => stream.write('', () => done()))),
  );
  // A stream tells of an error after the write that had it.
  await new Promise((done) => setImmediate(done));
  process.exit(exitAfterLoss(code));
}

/**
 * Whoever may write play itself runs what they like as everyone who uses it. Whose it is, who started it has decided.
 */
function refuseShared(root: string): void {
  trustInstaller(statSync(root).uid);
  const found = distrust(join(root, 'dist'));
  if (found)
    throw new PlayError(`This installation of play is not safe to use: ${found.why}`, {
      where: { file: root },
      hint: found.hint,
    });
}

/** @returns the exit code; undefined when the process goes on serving */
async function dispatch(
  args: readonly string[],
  launch: Launch,
  redactor: Redactor,
  more: ReadonlyMap<string, RunCommand>,
): Promise<number | undefined> {
  const [command = '', ...rest] = args;
  refuseShared(launch.root);
  try {
    if (command === 'inventory') return await runInventoryCommand(rest, launch);
    if (command === 'lint') return await runLintCommand(rest, launch);
    if (command === 'why') return await runWhyCommand(rest, launch);
    if (command === 'sandbox') return await runSandbox(rest);
    const hostCommand = more.get(command) ?? (Object.hasOwn(hostCommands, command) ? hostCommands[command] : undefined);
    if (hostCommand) return await hostCommand(rest, launch, redactor);
    if (args.includes('--version')) {
      process.stdout.write(
        `play ${launch.version} (build ${launch.buildId}, Node.js ${process.versions.node}, ${launch.root})\n`,
      );
      return ExitCode.ok;
    }
    return await runPlaybook(args, launch, redactor);
  } catch (thrown) {
    if (thrown instanceof HelpShown) return ExitCode.ok;
    throw thrown;
  }
}

/**
 * What stands between the host of `play sandbox ssh` and its command is ours too: no command begins with a dash.
 *
 * @example optionsFirst(['web1', '-u', 'root', '--', 'id'])  // ['-u', 'root', 'web1', '--', 'id']
 */
function optionsFirst(args: readonly string[]): string[] {
  const options: string[] = [];
  const left = [...args];
  let host: string | undefined;
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (/^-./.test(word) && word !== '--') options.push(word, ...(takesValue(word) ? left.splice(0, 1) : []));
    else if (word !== '--' && host === undefined) host = word;
    else return [...options, ...(host === undefined ? [] : [host]), word, ...left];
  }
  return [...options, ...(host === undefined ? [] : [host])];
}

function takesValue(option = ''): boolean {
  return ['-u', '--user', '--kind', '--release'].includes(option);
}

async function runSandbox(args: readonly string[]): Promise<number | undefined> {
  if (isSandboxInternal(args)) {
    await runSandboxInternal(args);
    return undefined;
  }
  const command = makeCommand('play sandbox', 'Manages the throwaway hosts that --sandbox uses.')
    .argument('<list|start|stop|ssh|reset|rm>')
    .argument('[host...]', 'ssh: one host and a command; else the hosts meant (default: all)')
    .option('-u, --user <name>', 'ssh: log in as this user')
    .option(
      '--kind <kind>',
      'start, reset: pristine, or self: a copy of this machine (default: what the host is; pristine)',
      oneOf('--kind', sandboxKinds),
    )
    .option(
      '--release <name>',
      `start, reset: the Debian release: ${sandboxReleases.join(', ')} (default: what the host is; that of this machine)`,
      oneOf('--release', sandboxReleases),
    )
    .option('--all', 'rm: also the cached Debian and its packages', false)
    .option('--debug', 'show stacks with errors', false);
  // What stands behind the host of `ssh` is for the host; elsewhere options may stand anywhere.
  const at = args.findIndex((word, i) => !word.startsWith('-') && !takesValue(args[i - 1]));
  const isSsh = args[at] === 'ssh' && args.length > at + 1;
  if (isSsh) command.passThroughOptions();
  // The word itself would end the options.
  parseWith(command, isSsh ? optionsFirst(args.toSpliced(at, 1)) : args);
  const [what = '', ...hosts] = isSsh ? ['ssh', ...command.args] : command.args;
  const { user, kind, release, all } = command.opts<{
    user?: string;
    kind?: SandboxKind;
    release?: SandboxRelease;
    all: boolean;
  }>();
  return await runSandboxCommand(what, hosts, {
    print: (line) => process.stdout.write(`${line}\n`),
    notice: (line) => process.stderr.write(`${line}\n`),
    all,
    kind,
    release,
    ...(user === undefined ? {} : { user }),
  });
}
