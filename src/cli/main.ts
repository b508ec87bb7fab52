import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, PlayError } from '../errors/index.ts';
import { refuseMasked } from '../operator/command-line.ts';
import { exitAfterLoss, watchOutput } from '../operator/output-loss.ts';
import { HelpShown } from '../options/command.ts';
import type { Launch } from '../project/launch.ts';
import { mapStacksToSources } from '../project/source-maps.ts';
import { describeError, makeStyle, wantsColour } from '../report/index.ts';
import { Redactor } from '../secrets/index.ts';
import { distrust, trustInstaller } from '../trust/index.ts';
import { hostCommands } from './commands.ts';
import { runCompletionCommand } from './commands/completion/completion-command.ts';
import type { AnyCommand } from './commands/completion/describe.ts';
import { runInventoryCommand } from './commands/inventory-command.ts';
import { runLintCommand } from './commands/lint/lint-command.ts';
import { runPlaybook } from './commands/run.ts';
import { runSandbox } from './commands/sandbox-command.ts';
import { runWhyCommand } from './commands/why.ts';

/** A command and its arguments; gives the exit code. */
export type RunCommand = (args: readonly string[], launch: Launch, redactor: Redactor) => Promise<number>;

/** All commands by the word that calls them, but for playbooks, which are called by the empty one. */
export function commandsByName(more: ReadonlyMap<string, RunCommand>): ReadonlyMap<string, AnyCommand> {
  return new Map<string, AnyCommand>([
    ['', (args, launch, redactor) => runPlaybook(args, launch, redactor)],
    ['inventory', runInventoryCommand],
    ['lint', runLintCommand],
    ['why', runWhyCommand],
    ['sandbox', runSandbox],
    ['completion', (args, launch) => runCompletionCommand(args, launch, commandsByName(more))],
    ...Object.entries(hostCommands),
    ...more,
  ]);
}

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
  refuseMasked(args);
  try {
    if (command === 'inventory') return await runInventoryCommand(rest, launch);
    if (command === 'lint') return await runLintCommand(rest, launch);
    if (command === 'why') return await runWhyCommand(rest, launch);
    if (command === 'sandbox') return await runSandbox(rest);
    if (command === 'completion') return await runCompletionCommand(rest, launch, commandsByName(more));
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
