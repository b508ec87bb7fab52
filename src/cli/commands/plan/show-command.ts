import { ExitCode } from '../../../errors/index.ts';
import { makeCommand, parseWith } from '../../../options/command.ts';
import { addDiffOption, type DiffFlag } from '../../../options/diff-flag.ts';
import { oneOf } from '../../../options/option-values.ts';
import type { Plan } from '../../../plans/index.ts';
import { humanReport, jsonlReport, makeStyle, said, wantsColour } from '../../../report/index.ts';

interface ShowFlags {
  readonly diff: DiffFlag;
  readonly output: 'human' | 'jsonl';
  readonly verbose: number;
}

/** `play show PLAN.json`: a plan as its check run printed it. Nothing is connected, and nothing in it is believed. */
export async function runShowCommand(args: readonly string[]): Promise<number> {
  const command = makeCommand('play show', 'Shows a plan that -C --out wrote, as the check run printed it.')
    .argument('<plan>', 'the file of the plan')
    .option(
      '--output <form>',
      'human (default), or jsonl: one JSON object a line for each event',
      oneOf('--output', ['human', 'jsonl']),
      'human',
    )
    .option('-v, --verbose', 'also what is right', (_: string, count: number) => count + 1, 0)
    .option('--debug', 'show stacks with errors', false);
  addDiffOption(command, 'show changes of files as diffs (default)');
  parseWith(command, args);
  const { output, verbose, diff } = command.opts<ShowFlags>();
  const { cleaned, readPlan, replay } = await import('../../../plans/index.ts');
  const plan = cleaned(readPlan(command.args[0] ?? ''));
  const style = makeStyle(wantsColour(process.stdout));
  const report =
    output === 'jsonl'
      ? jsonlReport({ write: (text) => process.stdout.write(text), verbosity: verbose })
      : humanReport({ stream: process.stdout, style, check: true, diff: diff || true, verbosity: verbose });
  if (output === 'human') process.stdout.write(`${style.dim(headline(plan))}\n`);
  for (const event of replay(plan)) report(event);
  return ExitCode.ok;
}

function headline({ playbook, made, code, options }: Plan): string {
  const commit =
    code === null ? '' : `, commit ${code.commit.slice(0, 12)}${code.dirty ? ' and what is not committed' : ''}`;
  const limit = options.limit === undefined ? '' : `, only ${options.limit}`;
  return said(`plan of ${playbook}${limit}, made ${made}${commit}`);
}
