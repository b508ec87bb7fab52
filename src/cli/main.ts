import { join } from 'node:path';
import { ExitCode } from '../errors/index.ts';
import { describeError, makeStyle, wantsColour } from '../report/index.ts';
import { Redactor } from '../secrets/index.ts';
import type { Launch } from './launch.ts';
import { mapStacksToSources } from './source-maps.ts';

/** Runs the command line and ends the process with its exit code. */
export function start(launch: Launch): void {
  mapStacksToSources();
  const args = process.argv.slice(2);
  // `play ... | head` closes the pipe early: nothing is left to say then.
  process.stdout.on('error', () => process.exit(process.exitCode ?? ExitCode.ok));
  const redactor = new Redactor();
  const end = (thrown: unknown): never => {
    const { text, exitCode } = describeError(thrown, {
      style: makeStyle(wantsColour(process.stderr)),
      debug: args.includes('--debug'),
      redact: (line) => redactor.redact(line),
      ownFolders: [join(launch.root, 'src'), join(launch.root, 'dist')],
    });
    process.stderr.write(text);
    process.exit(exitCode);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
  dispatch(args, launch, redactor).then((code) => process.exit(code), end);
}

async function dispatch(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  if (args.includes('--version')) {
    process.stdout.write(`play ${launch.version} (${launch.buildId}; Node.js ${process.versions.node}; ${launch.root})\n`);
    return ExitCode.ok;
  }
  void redactor;
  return ExitCode.usage;
}
