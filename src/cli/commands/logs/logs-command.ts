import type { Command } from 'commander';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { watchInterrupts } from '../../../operator/interrupt.ts';
import { makeCommand } from '../../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import { collect, oneOf, positive } from '../../../options/option-values.ts';
import type { Launch } from '../../../project/launch.ts';
import { makeStyle, said, shownLines, wantsColour } from '../../../report/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { chooseHosts, onEachHost } from '../../../targets/chosen-hosts.ts';
import { exitCodeOf, shortReason } from '../../../targets/unreachable.ts';
import { parseWithConfig } from '../../parse.ts';
import { defaultLines } from './journal.ts';
import type { LogLine } from './log-line.ts';
import { LastLines, Merge } from './merge.ts';
import { readLogs, type Said } from './read-logs.ts';

export interface LogFlags extends HostFlags {
  readonly unit: readonly string[];
  readonly file?: string;
  readonly follow: boolean;
  readonly lines?: number;
  readonly since?: string;
  readonly until?: string;
  readonly grep?: string;
  readonly priority?: string;
}

const priorities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;
/** How long lines of -f wait for older ones of other hosts, in milliseconds. */
const followWindow = 300;

/** `play logs -l PATTERN`: the journals of hosts, or a log file of each, as one, in the order of time. */
export async function runLogsCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = journalLetters(
    addHostOptions(
      makeCommand(
        'play logs',
        "Shows the journals of hosts as one, ordered by time, each line after its host's name. Options are those of journalctl(1).",
      ),
    ),
  )
    .option('-u, --unit <unit>', 'only this unit; may be given several times', collect, [])
    .option('-F, --file <path>', 'a log file on the hosts instead of their journals')
    .option('-f, --follow', 'keep showing new lines, until Ctrl-C; lost connections are made again', false)
    .option(
      '-n, --lines <n>',
      'how many of the last lines, per host (default: 20; with --since all)',
      positive('--lines'),
    )
    .option('-S, --since <time>', 'from then on: 10m, 2h, 06:00, "2026-11-29 02:00", by the host\'s clock')
    .option('-U, --until <time>', 'up to then')
    .option('-g, --grep <pattern>', 'only lines that match this regular expression')
    .option(
      '-p, --priority <level>',
      'only lines of this priority or higher: err, warning ...',
      oneOf('--priority', priorities),
    );
  await parseWithConfig(command, args, launch);
  const flags = command.opts<LogFlags>();
  if (flags.limit === undefined)
    throw new PlayError('Of which hosts?', { hint: 'Name them with -l; -l all means every one.' });
  refuseContradictions(flags);
  const matches = patternOf(flags);
  const chosen = await chooseHosts({ flags, launch, redactor, pattern: 'all' });
  const width = Math.max(...chosen.hosts.map((host) => host.length));
  const print = printer(flags, width, redactor);
  const merge = new Merge(chosen.hosts, print.line, flags.follow ? followWindow : undefined);
  const kept = flags.follow || isWhole(flags) ? merge : new LastLines(flags.lines ?? defaultLines, merge);
  let exit: number = ExitCode.ok;
  const tell: Said = (host, text) => print.said(host, text);
  const signal = watchInterrupts(
    () => undefined,
    () => undefined,
  );
  await onEachHost(chosen, {
    // Who is followed is never done, and all are wanted.
    forks: flags.follow ? chosen.hosts.length : flags.forks,
    work: (host) =>
      readLogs({
        host,
        chosen,
        flags,
        redactor,
        signal,
        tell,
        hear: (line) => {
          if (matches(line)) kept.push(host, line);
        },
      }).finally(() => kept.end(host)),
    failed: (host, error) => {
      exit = Math.max(exit, exitCodeOf(error));
      print.failed(host, shortReason(error, host), error.hint);
    },
  });
  merge.flush();
  // To follow has no other end.
  if (signal.aborted && !flags.follow) exit = ExitCode.interrupted;
  if (flags.output === 'jsonl') process.stdout.write(`${JSON.stringify({ event: 'recap', exit })}\n`);
  return exit;
}

/** Whether all that a host gives is wanted, and not its last lines. */
function isWhole({ lines, since }: LogFlags): boolean {
  return lines === undefined && since !== undefined;
}

/** In this command -u and -f are what they are to journalctl: the login user and the forks keep their long names. */
function journalLetters(command: Command): Command {
  for (const option of command.options)
    if (option.short === '-u' || option.short === '-f') {
      option.flags = option.flags.replace(/^-\w, /, '');
      delete option.short;
    }
  return command;
}

function refuseContradictions(flags: LogFlags): void {
  const { file, unit, since, until, priority, follow } = flags;
  const ofJournal = [
    unit.length > 0 ? '--unit' : '',
    since === undefined ? '' : '--since',
    until === undefined ? '' : '--until',
    priority === undefined ? '' : '--priority',
  ].filter((option) => option !== '');
  if (file !== undefined && ofJournal.length > 0)
    throw new PlayError(`--file and ${ofJournal.join(', ')} contradict each other`, {
      hint: 'These options are for the journal. -n and --grep choose lines of a file.',
    });
  if (follow && until !== undefined)
    throw new PlayError('--follow and --until contradict each other', { hint: 'Leave one of them out.' });
}

/** journalctl looks for the pattern itself; lines of files are looked at here. */
function patternOf({ file, grep }: LogFlags): (line: LogLine) => boolean {
  if (file === undefined || grep === undefined) return () => true;
  let pattern: RegExp;
  try {
    pattern = new RegExp(grep);
  } catch (thrown) {
    throw new PlayError(
      `--grep is not a regular expression: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
  }
  return ({ text }) => pattern.test(text);
}

interface Printer {
  readonly line: (line: LogLine) => void;
  readonly said: Said;
  readonly failed: (host: string, reason: string, hint: string | undefined) => void;
}

/** The colours of hosts, so that lines of one are seen to belong together. */
const colours = [36, 32, 33, 35, 34, 96, 92, 93, 95, 94];

function printer({ output }: LogFlags, width: number, redactor: Redactor): Printer {
  const style = makeStyle(wantsColour(process.stdout));
  const known: string[] = [];
  const name = (host: string): string => {
    if (!known.includes(host)) known.push(host);
    const padded = host.padEnd(width);
    return style.colour ? `\x1b[${colours[known.indexOf(host) % colours.length]}m${padded}\x1b[39m` : padded;
  };
  const event = (value: object): void => void process.stdout.write(`${redactor.redact(JSON.stringify(value))}\n`);
  const warn = (host: string, text: string): boolean =>
    process.stderr.write(shownLines([`${host.padEnd(width)} | ${said(text)}`], redactor));
  if (output === 'jsonl')
    return {
      line: ({ time, unit, priority, ...line }) =>
        event({
          event: 'line',
          ...line,
          time: time === undefined ? null : new Date(time).toISOString(),
          unit: unit ?? null,
          priority: priority ?? null,
        }),
      said: (host, text) => event({ event: 'notice', host, text }),
      failed: (host, reason, hint) => event({ event: 'host-failed', host, reason, hint: hint ?? null }),
    };
  return {
    line({ host, time, source, text, priority }) {
      const head = `${name(host)} | ${time === undefined ? '' : `${clockOf(time)} `}${source === '' ? '' : `${said(source)}: `}`;
      const lines = text.split('\n').map((part) => {
        const shown = said(part);
        return `${head}${priority !== undefined && priority <= 3 ? style.red(shown) : shown}`;
      });
      process.stdout.write(shownLines(lines));
    },
    said: warn,
    failed(host, reason, hint) {
      warn(host, `FAILED ${reason}`);
      if (hint !== undefined) warn(host, `  ${hint}`);
    },
  };
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As journalctl has it, with tenths of seconds, since lines of several hosts stand together: by the clock on our wall. */
function clockOf(time: number): string {
  const date = new Date(time);
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${months[date.getMonth()]} ${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${Math.floor(date.getMilliseconds() / 100)}`;
}
