import { makeCommand, parseWith } from '../../options/command.ts';
import { oneOf } from '../../options/option-values.ts';
import { sandboxKinds, sandboxReleases, type SandboxKind, type SandboxRelease } from '../../sandbox/index.ts';
import { isSandboxInternal, runSandboxCommand, runSandboxInternal } from './sandbox.ts';

/**
 * `play sandbox list|start|stop|ssh|reset|rm`. @returns undefined where the process goes on serving
 */
export async function runSandbox(args: readonly string[]): Promise<number | undefined> {
  if (isSandboxInternal(args)) {
    await runSandboxInternal(args);
    return undefined;
  }
  const command = makeCommand('play sandbox', 'Manages the throwaway hosts that --sandbox uses.')
    .argument('<list|start|stop|ssh|reset|rm>')
    .argument('[host...]', 'ssh: one host and a command; else the hosts (default: all)')
    .option('-u, --user <name>', 'ssh: log in as this user')
    .option(
      '--kind <kind>',
      'start, reset: pristine, or self: a copy of this machine (default: as the host is, else pristine)',
      oneOf('--kind', sandboxKinds),
    )
    .option(
      '--release <name>',
      `start, reset: the Debian release: ${sandboxReleases.join(', ')} (default: as the host is, else this machine's)`,
      oneOf('--release', sandboxReleases),
    )
    .option('--all', 'rm: also the cached Debian and its packages', false)
    .option('--debug', 'show stack traces with errors', false);
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
