import { ExitCode, PlayError } from '../../../errors/index.ts';
import { findRun, settleRun, unfinishedRuns, type KnownRun } from '../../../operator/known-runs.ts';
import { makeCommand, parseWith } from '../../../options/command.ts';
import { oneOf } from '../../../options/option-values.ts';
import { makeStyle, said, saidLines, shownLines, wantsColour } from '../../../report/index.ts';

interface RunsFlags {
  readonly output: 'human' | 'jsonl';
  readonly forget?: string;
}

/** `play runs`: the runs of this user on this machine that go on, or were killed half way. */
export function runRunsCommand(args: readonly string[]): number {
  const command = makeCommand(
    'play runs',
    'Lists your runs on this machine that are in progress, here or in the background, and those that were killed halfway.',
  )
    .option(
      '--output <form>',
      'human (default), or jsonl: one JSON object per line',
      oneOf('--output', ['human', 'jsonl']),
      'human',
    )
    .option('--forget <run>', 'stop listing this killed run: nobody will continue it')
    .option('--debug', 'show stack traces with errors', false);
  parseWith(command, args);
  const { output, forget } = command.opts<RunsFlags>();
  if (forget !== undefined) return forgetRun(forget);
  const runs = unfinishedRuns();
  for (const run of runs)
    process.stdout.write(
      output === 'jsonl' ? `${JSON.stringify(runForm(run))}\n` : shownLines(runLines(run).map(said)),
    );
  if (runs.length === 0 && output === 'human') process.stdout.write('no run is in progress, and none is unfinished\n');
  return ExitCode.ok;
}

function forgetRun(wanted: string): number {
  const run = findRun(wanted);
  if (run.isAlive)
    throw new PlayError(`The run ${run.id} is still in progress (pid ${run.pid})`, {
      hint: `Come back to it: play resume ${run.id}`,
    });
  settleRun(run.id, { event: 'forgotten' });
  process.stdout.write(`forgotten: ${run.id}  ${saidLines(run.command)}\n`);
  return ExitCode.ok;
}

/** How a run stands. */
export function standing({ isAlive, now, exit }: KnownRun): 'running' | 'detached' | 'killed' | 'ended' {
  if (exit !== undefined) return 'ended';
  if (!isAlive) return 'killed';
  return now?.isDetached ? 'detached' : 'running';
}

function runLines(run: KnownRun): string[] {
  const style = makeStyle(wantsColour(process.stdout));
  const is = standing(run);
  const word = is === 'killed' ? style.red(is) : style.green(is);
  const { doing = [], question = null } = run.now ?? {};
  const last = is === 'killed' ? 'last seen: ' : '';
  return [
    `${run.id}  ${word}  since ${localTime(run.started)}  ${run.command}`,
    ...doing.map(({ host, task, since }) => `    ${host}  ${last}${task}  since ${localTime(since)}`),
    ...(question === null || is === 'killed' ? [] : [`    asks: ${question}`]),
    `    ${is === 'killed' ? 'continue it' : 'come back to it'}: play resume ${run.id}`,
  ];
}

function runForm(run: KnownRun): object {
  const { id, command, pid, machine, started, hosts, now } = run;
  return {
    event: 'run',
    id,
    is: standing(run),
    command,
    pid,
    machine,
    started,
    hosts,
    doing: now?.doing ?? [],
    question: now?.question ?? null,
  };
}

function localTime(iso: string): string {
  const time = new Date(iso);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}`;
}
