import { join } from 'node:path';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { recordsFolder, runFile } from '../../../operator/run-files.ts';
import { makeCommand } from '../../../options/command.ts';
import { addReportOption } from '../../../options/flags.ts';
import { addHostOptions, type HostFlags } from '../../../options/host-flags.ts';
import { positive } from '../../../options/option-values.ts';
import { modelOfRecord, type RunModel } from '../../../pages/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { configName, findProject } from '../../../project/project.ts';
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
import { writeReports } from '../run-reports.ts';
import { showDryRuns } from './dry-runs.ts';
import { projectOf, requireProject } from './of-project.ts';
import { showTeamLog } from './team-log.ts';
import { runChooser, type ChoosableRun, type WhichRuns } from './which-runs.ts';

interface LogFlags extends HostFlags, WhichRuns {
  readonly number: number;
  readonly host?: string;
  readonly dryRuns?: boolean;
  readonly report: readonly string[];
}

/**
 * `play log [RUN]`: the runs of this user on this machine, the last one last, or one of them with its changes;
 * `--host PATTERN`: what hosts have on record, with the runs of others.
 */
export async function runLogCommand(args: readonly string[], launch: Launch, redactor: Redactor): Promise<number> {
  const described = makeCommand(
    'play log',
    'Lists the recorded runs, or shows one: what was typed, by whom, at which commit, what changed.',
  );
  const command = addReportOption(addHostOptions(described))
    .argument('[run]', "a run's id or its beginning, or 1 for the last run, 2 for the one before")
    .option('-n, --number <n>', 'how many to list (default: 20)', positive('--number'), 20)
    .option('--host <pattern>', 'also what others ran on these hosts, from the logs they keep')
    .option('--project <name>', "only runs of this project: its folder, or the folder's name")
    .option('--by <person>', 'only runs of this person: anna, or anna@laptop')
    .option('--playbook <name>', 'only runs of this playbook')
    .option('--since <time>', 'only runs from then on: 2h, 3d, 06:00, 2026-11-29, "2026-11-29 02:00"')
    .option('--until <time>', 'only runs up to then, likewise')
    .option('--dry-runs', 'how accurate the dry runs were: what turned out differently, and why');
  await parseWithConfig(command, args, launch);
  const flags = command.opts<LogFlags>();
  const wanted = command.args[0];
  const isMeant = runChooser(flags);
  refuseContradictions(flags, wanted);
  if (flags.host !== undefined)
    return await showTeamLog({ flags, host: flags.host, wanted, number: flags.number, isMeant, launch, redactor });
  const records = keptRecords();
  if (flags.dryRuns) {
    tellDryRuns(records, flags, isMeant);
    return ExitCode.ok;
  }
  const isOurs = (text: string): boolean => isMeant(runOf(readEntries(text)));
  const style = makeStyle(wantsColour(process.stdout));
  const chosen =
    wanted === undefined
      ? lastOf(records, flags.number, isOurs)
      : [findRecord(records, wanted, '--host HOST asks a host for the runs of others.')];
  if (flags.project !== undefined && chosen.length === 0)
    requireProject(
      flags.project,
      records.map(({ text }) => projectOf(readEntries(text()))),
    );
  const [one] = chosen;
  if (wanted !== undefined && one !== undefined && flags.report.length > 0) {
    writeReports(flags, () => recordedModel(one));
    return ExitCode.ok;
  }
  for (const { text } of chosen) {
    const entries: readonly RecordEntry[] = readEntries(text());
    const lines = wanted === undefined ? [recordSummary(entries, style)] : recordDetails(entries, style);
    process.stdout.write(flags.output === 'jsonl' ? text() : shownLines(lines));
  }
  if (records.length === 0) process.stderr.write(`No run is recorded yet in ${recordsFolder()}\n`);
  return ExitCode.ok;
}

function recordedModel({ id, text }: KeptRecord): RunModel {
  const model = modelOfRecord(readEntries(text()));
  if (model !== undefined) return model;
  throw new PlayError(`The record of the run ${id} is damaged: its first line is not there`, {
    where: { file: runFile(id, 'jsonl') },
    hint: 'play log lists the others.',
  });
}

function refuseContradictions({ host, limit, dryRuns, report }: LogFlags, wanted: string | undefined): void {
  if (report.length > 0 && (wanted === undefined || host !== undefined))
    throw new PlayError('--report is for one run that is on record here', { hint: 'play log 1 --report run.html' });
  if (limit !== undefined && host === undefined)
    throw new PlayError('-l chooses hosts, but only --host asks any', { hint: `play log --host ${limit}` });
  if (dryRuns && (host !== undefined || wanted !== undefined))
    throw new PlayError(
      `--dry-runs is about the runs on record here, and ${host === undefined ? 'not of one' : 'asks no host'}`,
      {
        hint: 'play log --dry-runs; -n, --project, --playbook, --since and --until choose runs.',
      },
    );
}

/** Of the project that one is in, unless another is named. */
function tellDryRuns(records: readonly KeptRecord[], flags: LogFlags, isMeant: (run: ChoosableRun) => boolean): void {
  const project = findProject(join(process.cwd(), configName)) ?? process.cwd();
  const runs = records
    .map(({ id, text }) => ({ id, entries: readEntries(text()) }))
    .filter(({ entries }) => flags.project !== undefined || projectOf(entries) === project);
  showDryRuns(runs, { most: flags.number, isMeant: ({ entries }) => isMeant(runOf(entries)), output: flags.output });
}

/** A run as it is chosen by. */
function runOf(entries: readonly RecordEntry[]): ChoosableRun {
  const start = entries.find(({ event }) => event === 'start') ?? {};
  const text = (key: string): string => (typeof start[key] === 'string' ? start[key] : '');
  return {
    at: text('started'),
    by: `${text('user')}@${text('machine')}`,
    command: text('command'),
    project: projectOf(entries),
  };
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
