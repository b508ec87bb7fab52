import { ConnectionLost, Unreachable, type Connection } from '../../connection/index.ts';
import { logStart } from '../../engine/index.ts';
import { ExitCode, PlayError } from '../../errors/index.ts';
import { watchInterrupts } from '../../operator/interrupt.ts';
import { loggedRun } from '../../operator/logged-run.ts';
import { startRecord } from '../../operator/run-record.ts';
import { makeCommand } from '../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../options/host-flags.ts';
import type { Launch } from '../../project/launch.ts';
import { commandReport, type CommandEvent } from '../../report/index.ts';
import { runLive } from '../../runner/live.ts';
import type { Redactor } from '../../secrets/index.ts';
import { chooseHosts, onEachHost, type ChosenHosts } from '../../targets/chosen-hosts.ts';
import { exitCodeOf, shortReason } from '../../targets/unreachable.ts';
import { parseWithConfig } from '../parse.ts';

interface RunFlags extends HostFlags {
  readonly oneLine: boolean;
}

/** `play run COMMAND -l PATTERN`: a shell command on many hosts at once, with what they say as they say it. */
export async function runShellCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(
    makeCommand(
      'play run',
      "Runs a shell command on all hosts at once, in the user's home; prints their output as it comes.",
    ),
  )
    .argument('<command>', "a shell command, in quotes: 'df -h / | tail -1'")
    .option('--one-line', "each host's output in one line, once it is done", false);
  await parseWithConfig(command, args, launch);
  const flags = command.opts<RunFlags>();
  if (flags.limit === undefined)
    throw new PlayError('On which hosts?', { hint: 'Name them with -l; -l all means every one.' });
  const chosen = await chooseHosts({ flags, launch, redactor, pattern: 'all' });
  const started = performance.now();
  const report = commandReport({
    form: flags.output,
    oneLine: flags.oneLine,
    width: Math.max(...chosen.hosts.map((host) => host.length)),
    redact: (text) => redactor.redact(text),
  });
  const record = startRecord({ kind: 'run', hosts: chosen.hosts, check: false, redactor });
  const logged = loggedRun({ id: record.id, kind: 'run', redactor });
  let exit: number = ExitCode.ok;
  const tell = (event: CommandEvent): void => {
    if (event.event === 'exit' && event.code !== 0) exit = Math.max(exit, ExitCode.hostFailed);
    if (event.event === 'unreachable') exit = Math.max(exit, ExitCode.unreachable);
    if (event.event === 'host-failed') exit = Math.max(exit, ExitCode.hostFailed);
    if (event.event !== 'line') record.note(event);
    report(event);
  };
  const signal = watchInterrupts(
    () => process.stderr.write('\nInterrupted: ending the command on the hosts. Ctrl-C again quits at once.\n'),
    () => process.stderr.write('\nLeft at once: the command may still be running on the hosts.\n'),
  );
  await onEachHost(chosen, {
    forks: flags.forks,
    work: async (host, open) => {
      if (!signal.aborted)
        await runOn(host, open, {
          chosen,
          text: command.args[0] ?? '',
          redactor,
          signal,
          logged: { id: record.id, line: logStart(logged, host) },
          tell,
        });
    },
    failed: (host, error) => {
      exit = Math.max(exit, exitCodeOf(error));
      const more = error instanceof ConnectionLost ? '; the command may continue there' : '';
      tell({
        event: error instanceof Unreachable ? 'unreachable' : 'host-failed',
        host,
        reason: `${shortReason(error, host)}${more}`,
        hint: error.hint ?? null,
      });
    },
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
  readonly logged: { readonly id: string; readonly line: string };
  readonly tell: (event: CommandEvent) => void;
}

async function runOn(
  host: string,
  open: () => Promise<Connection>,
  { chosen, text, redactor, signal, logged, tell }: OneCommand,
): Promise<void> {
  const started = performance.now();
  const code = await runLive(await open(), text, {
    become: chosen.asked(host),
    redactor,
    signal,
    logged,
    onLine: (stream, line) => {
      tell({ event: 'line', host, stream, text: line });
      return caughtUp();
    },
  });
  tell({ event: 'exit', host, code, seconds: (performance.now() - started) / 1000 });
}

let catchingUp: Promise<unknown> | undefined;

/** @returns a promise while whoever reads our output has to catch up; the same one for all lines meanwhile */
function caughtUp(): Promise<unknown> | undefined {
  const full = [process.stdout, process.stderr].find((stream) => stream.writableNeedDrain);
  if (full === undefined) return undefined;
  catchingUp ??= new Promise((done) => full.once('drain', done)).finally(() => (catchingUp = undefined));
  return catchingUp;
}
