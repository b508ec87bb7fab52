import { ExitCode, PlayError } from '../../../errors/index.ts';
import { recordsFolder } from '../../../operator/run-files.ts';
import { makeCommand } from '../../../options/command.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import { positive } from '../../../options/option-values.ts';
import type { Launch } from '../../../project/launch.ts';
import {
  makeStyle,
  readEntries,
  recordDetails,
  recordSummary,
  shownLines,
  wantsColour,
  type RecordEntry,
} from '../../../report/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { parseWithConfig } from '../../parse.ts';
import { findRecord, keptRecords, type KeptRecord } from '../find-record.ts';
import { isOfProject, projectOf, requireProject } from './of-project.ts';
import { showTeamLog } from './team-log.ts';

interface LogFlags extends HostFlags {
  readonly number: number;
  readonly host?: string;
  readonly project?: string;
}

/**
 * `play log [RUN]`: the runs of this user on this machine, the last one last, or one of them with its changes;
 * `--host PATTERN`: what hosts have on record, with the runs of others.
 */
export async function runLogCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const command = addHostOptions(
    makeCommand(
      'play log',
      'Lists the recorded runs, or shows one: what was typed, by whom, at which commit, what changed.',
    ),
  )
    .argument('[run]', 'the id of a run or how it begins, or 1 for the last run, 2 for the one before')
    .option('-n, --number <n>', 'how many to list (default: 20)', positive('--number'), 20)
    .option('--host <pattern>', 'also what others ran on these hosts, from the logs they keep')
    .option('--project <name>', 'only runs of this project: its folder, or the name of that');
  await parseWithConfig(command, args, launch);
  const flags = command.opts<LogFlags>();
  const wanted = command.args[0];
  if (flags.host !== undefined)
    return await showTeamLog({ flags, host: flags.host, wanted, number: flags.number, launch, redactor });
  if (flags.limit !== undefined)
    throw new PlayError('-l chooses hosts, and only --host asks any', { hint: `play log --host ${flags.limit}` });
  const records = keptRecords();
  const ofProject = (text: string): boolean =>
    flags.project === undefined || isOfProject(flags.project, projectOf(readEntries(text)));
  const style = makeStyle(wantsColour(process.stdout));
  const chosen =
    wanted === undefined
      ? lastOf(records, flags.number, ofProject)
      : [findRecord(records, wanted, '--host HOST asks a host for the runs of others.')];
  if (flags.project !== undefined && chosen.length === 0)
    requireProject(
      flags.project,
      records.map(({ text }) => projectOf(readEntries(text()))),
    );
  for (const { text } of chosen) {
    const entries: readonly RecordEntry[] = readEntries(text());
    const lines = wanted === undefined ? [recordSummary(entries, style)] : recordDetails(entries, style);
    process.stdout.write(flags.output === 'jsonl' ? text() : shownLines(lines));
  }
  if (records.length === 0) process.stderr.write(`No run is recorded yet in ${recordsFolder()}\n`);
  return ExitCode.ok;
}

/** The last so many that are meant, in their order; no more files are read than that takes. */
function lastOf(
  records: readonly KeptRecord[],
  most: number,
  isMeant: (text: string) => boolean,
): readonly KeptRecord[] {
  const last: KeptRecord[] = [];
  for (const record of records.toReversed()) {
    if (last.length === most) break;
    if (isMeant(record.text())) last.unshift(record);
  }
  return last;
}
