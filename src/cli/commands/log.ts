import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, PlayError } from '../../errors/index.ts';
import { recordIds } from '../../operator/prune-records.ts';
import { recordsFolder } from '../../operator/run-files.ts';
import { makeCommand, parseWith } from '../../options/command.ts';
import { oneOf, positive } from '../../options/option-values.ts';
import { makeStyle, readEntries, recordDetails, recordSummary, shownLines, wantsColour } from '../../report/index.ts';

interface LogFlags {
  readonly number: number;
  readonly output: 'human' | 'jsonl';
}

/** `play log [RUN]`: the runs of this user on this machine, the last one last; or one of them with its changes. */
export function runLogCommand(args: readonly string[]): number {
  const command = makeCommand(
    'play log',
    'Lists the recorded runs, or shows one: what was typed, by whom, at which commit, what changed.',
  )
    .argument('[run]', 'the id of a run or how it begins, or 1 for the last run, 2 for the one before')
    .option('-n, --number <n>', 'how many to list (default: 20)', positive('--number'), 20)
    .option(
      '--output <form>',
      'human (default), or jsonl: the records as they are kept',
      oneOf('--output', ['human', 'jsonl']),
      'human',
    )
    .option('--debug', 'show stacks with errors', false);
  parseWith(command, args);
  const { number, output } = command.opts<LogFlags>();
  const ids = recordIds(recordsFolder());
  const wanted = command.args[0];
  const style = makeStyle(wantsColour(process.stdout));
  for (const id of wanted === undefined ? ids.slice(-number) : [find(ids, wanted)]) {
    const text = readFileSync(join(recordsFolder(), `${id}.jsonl`), 'utf8');
    const lines =
      wanted === undefined ? [recordSummary(readEntries(text), style)] : recordDetails(readEntries(text), style);
    process.stdout.write(output === 'jsonl' ? text : shownLines(lines));
  }
  if (ids.length === 0) process.stderr.write(`No run is recorded yet in ${recordsFolder()}\n`);
  return ExitCode.ok;
}

function find(ids: readonly string[], wanted: string): string {
  const back = /^\d{1,5}$/.test(wanted) ? ids.at(-Number(wanted)) : undefined;
  if (back !== undefined && Number(wanted) > 0) return back;
  const [first, ...others] = ids.filter((id) => id.startsWith(wanted));
  if (first !== undefined && others.length === 0) return first;
  if (first !== undefined)
    throw new PlayError(`${others.length + 1} runs begin with "${wanted}"`, {
      hint: `The first is ${first}. play log lists them.`,
    });
  throw new PlayError(`There is no run "${wanted}" on record`, {
    hint: `play log lists them; ${ids.length} are kept in ${recordsFolder()}.`,
  });
}
