import { ExitCode } from '../../../errors/index.ts';
import { makeCommand, parseWith } from '../../../options/command.ts';
import { addDiffOption, type DiffFlag } from '../../../options/diff-flag.ts';
import { addOutputOption, addReportOption, type OutputForm } from '../../../options/flags.ts';
import { modelOfEvents, type RunModel } from '../../../pages/index.ts';
import { humanReport, jsonlReport, makeStyle, wantsColour } from '../../../report/index.ts';
import { writeReports } from '../run-reports.ts';
import { aboutPlan, headline } from './about-plan.ts';

interface ShowFlags {
  readonly diff: DiffFlag;
  readonly output: OutputForm;
  readonly report: readonly string[];
  readonly verbose: number;
}

/** `play show PLAN.json`: a plan as its check run printed it. Nothing is connected, and nothing in it is believed. */
export async function runShowCommand(args: readonly string[]): Promise<number> {
  const described = makeCommand('play show', 'Shows a plan that -C --out wrote, as the check run printed it.');
  const command = addReportOption(addOutputOption(described))
    .argument('<plan>', 'the file of the plan')
    .option('-v, --verbose', 'also show what is already correct', (_: string, count: number) => count + 1, 0)
    .option('--debug', 'show stack traces with errors', false);
  addDiffOption(command, 'show changes to files as diffs (default)');
  parseWith(command, args);
  const flags = command.opts<ShowFlags>();
  const { output, verbose, diff } = flags;
  const { cleaned, readPlan, replay } = await import('../../../plans/index.ts');
  const plan = cleaned(readPlan(command.args[0] ?? ''));
  const model = (): RunModel => modelOfEvents(replay(plan), aboutPlan(plan));
  if (writeReports(flags, model) && output !== 'jsonl') return ExitCode.ok;
  const style = makeStyle(wantsColour(process.stdout));
  const report =
    output === 'jsonl'
      ? jsonlReport({ write: (text) => process.stdout.write(text), verbosity: verbose })
      : humanReport({ stream: process.stdout, style, check: true, diff: diff || true, verbosity: verbose });
  if (output === 'human') process.stdout.write(`${style.dim(headline(plan))}\n`);
  for (const event of replay(plan)) report(event);
  return ExitCode.ok;
}
