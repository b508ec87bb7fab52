import { ConnectionLost, Unreachable, type Connection } from '../connection/index.ts';
import { ExitCode, PlayError } from '../errors/index.ts';
import { HostLines, commandReport, type CommandEvent } from '../report/index.ts';
import type { Redactor } from '../secrets/index.ts';
import { chooseHosts, onEachHost, type ChosenHosts } from './chosen-hosts.ts';
import { addHostOptions, type HostFlags } from './host-flags.ts';
import { watchInterrupts } from './interrupt.ts';
import type { Launch } from './launch.ts';
import { makeCommand, parseWithConfig } from './parse.ts';
import { startRecord } from './run-record.ts';
import { asPlayError, shortReason } from './unreachable.ts';

interface RunFlags extends HostFlags {
  readonly oneLine: boolean;
}

// Its pid first, so that Ctrl-C can end it: a channel that closes would leave it running. `eval`, since a command in an argv
// is for everybody on the host to read.
const script = `echo "$$"; cd "\${HOME:-/}" 2>/dev/null || cd /; c=$1; set --; eval "$c"`;
const endScript = `kill -TERM "-$1" 2>/dev/null || kill -TERM "$1" 2>/dev/null; exit 0`;

/** `play run COMMAND -l PATTERN`: a shell command on many hosts at once, with what they say as they say it. */
export async function runShellCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(makeCommand('play run', 'Runs a shell command on hosts, at once, in the home of the user; prints what they say as it comes.'))
    .argument('<command>', "a shell command, in quotes: 'df -h / | tail -1'")
    .option('--one-line', "each host's output in one line, once it is done", false);
  await parseWithConfig(command, args, launch);
  const flags = command.opts<RunFlags>();
  if (flags.limit === undefined) throw new PlayError('On which hosts?', { hint: 'Name them with -l; -l all means every one.' });
  const chosen = await chooseHosts({ flags, launch, redactor, pattern: 'all' });
  const started = performance.now();
  const report = commandReport({ form: flags.output, oneLine: flags.oneLine, width: Math.max(...chosen.hosts.map((host) => host.length)), redact: (text) => redactor.redact(text) });
  const record = startRecord({ kind: 'run', hosts: chosen.hosts, check: false, redactor });
  let exit: number = ExitCode.ok;
  const tell = (event: CommandEvent): void => {
    if (event.event === 'exit' && event.code !== 0) exit = Math.max(exit, ExitCode.hostFailed);
    if (event.event === 'unreachable') exit = Math.max(exit, ExitCode.unreachable);
    if (event.event === 'host-failed') exit = Math.max(exit, ExitCode.hostFailed);
    if (event.event !== 'line') record.note(event);
    report(event);
  };
  const signal = watchInterrupts(
    () => process.stderr.write('\nInterrupted: ending the command on the hosts. Ctrl-C again leaves at once.\n'),
    () => process.stderr.write('\nLeft at once: the command may still run on the hosts.\n'),
  );
  await onEachHost(chosen, flags.forks, async (host, open) => {
    if (!signal.aborted) await runOn(host, open, { chosen, text: command.args[0] ?? '', redactor, signal, tell });
  });
  if (signal.aborted) exit = ExitCode.interrupted;
  tell({ event: 'recap', exit, seconds: (performance.now() - started) / 1000 });
  await record.end(exit);
  return exit;
}

interface OneCommand {
  readonly chosen: ChosenHosts;
  readonly text: string;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  readonly tell: (event: CommandEvent) => void;
}

async function runOn(host: string, open: () => Promise<Connection>, { chosen, text, redactor, signal, tell }: OneCommand): Promise<void> {
  const started = performance.now();
  const become = chosen.asked(host);
  const lines = (stream: 'stdout' | 'stderr'): HostLines =>
    new HostLines({ redactor, visible: process.stdout.isTTY, onLine: (line) => tell({ event: 'line', host, stream, text: line }) });
  const [stdout, stderr] = [lines('stdout'), lines('stderr')];
  const pid = new FirstLine();
  try {
    const connection = await open();
    const end = async (): Promise<void> => {
      if (pid.line !== undefined) await (await connection.lane(become)).exchange([{ script: endScript, args: [pid.line] }]);
    };
    const onAbort = (): void => void end().catch(() => undefined);
    signal.addEventListener('abort', onAbort);
    try {
      const code = await connection.live({ script, args: [text], ...(become ? { become } : {}), onStdout: (chunk) => stdout.write(pid.without(chunk)), onStderr: (chunk) => stderr.write(chunk) });
      stdout.end();
      stderr.end();
      tell({ event: 'exit', host, code, seconds: (performance.now() - started) / 1000 });
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  } catch (thrown) {
    const error = asPlayError(thrown);
    stdout.end();
    stderr.end();
    const event = error instanceof Unreachable ? 'unreachable' : 'host-failed';
    const more = error instanceof ConnectionLost ? '; the command may go on there' : '';
    tell({ event, host, reason: `${shortReason(error, host)}${more}`, hint: error.hint ?? null });
  }
}

/** Takes the first line out of a stream. */
class FirstLine {
  line: string | undefined;
  #held = '';

  without(chunk: Buffer): Buffer {
    if (this.line !== undefined) return chunk;
    const end = chunk.indexOf(0x0a);
    this.#held += chunk.subarray(0, end < 0 ? chunk.length : end).toString('latin1');
    if (end < 0) return Buffer.alloc(0);
    this.line = this.#held;
    return chunk.subarray(end + 1);
  }
}
