import { isSandboxInternal, runSandboxCommand, runSandboxInternal } from '../../src/cli/commands/sandbox.ts';
/** The background helpers of the sandbox as a program of their own, for runs from sources: see `bundleSandbox`. */
import { sandboxKinds } from '../../src/sandbox/index.ts';

// As the product is called, `SCRIPT sandbox COMMAND`, or without the word.
const [command = 'list', ...names] = process.argv.slice(process.argv[2] === 'sandbox' ? 3 : 2);
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const notice = (line: string): void => void process.stderr.write(`${line}\n`);

const running = isSandboxInternal([command])
  ? runSandboxInternal([command, ...names])
  : runSandboxCommand(command, names, {
      print,
      notice,
      all: process.env['PLAY_SANDBOX_RM_ALL'] === '1',
      kind: sandboxKinds.find((kind) => kind === process.env['PLAY_SANDBOX_KIND']),
    }).then((code) => {
      process.exitCode = code;
    });
running.catch((error: unknown) => {
  notice(error instanceof Error ? [error.message, ...Object.values(error)].join('\n') : String(error));
  process.exitCode = 1;
});
