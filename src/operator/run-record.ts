import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { readGitState } from '../project/git-state.ts';
import { configName, findProject } from '../project/project.ts';
import { maskedTexts, recordReport, type ShownListener } from '../report/index.ts';
import { warnOf } from '../report/warnings.ts';
import type { Redactor } from '../secrets/index.ts';
import { distrust } from '../trust/index.ts';
import { commandLine, maskArguments } from './command-line.ts';
import { pruneRecords } from './prune-records.ts';
import { recordsFolder, thisProcess } from './run-files.ts';

export interface RecordStart {
  readonly kind:
    | 'playbook'
    | 'resource'
    | 'run'
    | 'runbook'
    | 'patch'
    | 'restore-files'
    | 'apply'
    | 'hold'
    | 'with-lock'
    | 'owed'
    | 'allow-me'
    | 'find-big'
    | 'oom';
  readonly hosts: readonly string[];
  readonly check: boolean;
  readonly redactor: Redactor;
  /** Where the playbook lies: whose commit is recorded. Default: the working directory. */
  readonly folder?: string;
  /** The run that this one goes on with. */
  readonly resumes?: string;
}

/** One run's record while it is written. */
export interface OpenRecord {
  readonly id: string;
  /** Whether it is written: otherwise there is nothing to come back to. */
  readonly isKept: boolean;
  readonly listener: ShownListener;
  /** Anything else worth keeping; its texts are masked. */
  note(entry: object): void;
  end(exit: number): Promise<void>;
  /** The commit of the playbook, once git has said. */
  commit(): string | undefined;
}

/** When git is asked, in milliseconds. */
const gitDelay = 50;

/** How long the end of a run waits for git, in milliseconds. */
const mostWait = 1000;

/** To the millisecond, so that ids sort as the runs began. @example runId(new Date())  // '20261129T181016.891Z-6e5c75' */
export const runId = (started: Date): string =>
  `${started.toISOString().replace(/[-:]/g, '')}-${randomBytes(3).toString('hex')}`;

/**
 * Begins the record of a run: JSON lines in a file of its own, each written when it happens, so that a run that is
 * killed leaves what it came to. Where it cannot be written there is a warning and no record: no reason not to fix a
 * server.
 */
export function startRecord({
  kind,
  hosts,
  check,
  redactor,
  folder = process.cwd(),
  resumes,
}: RecordStart): OpenRecord {
  const started = new Date();
  const id = runId(started);
  const file = openRecord(id);
  if (file === undefined)
    return {
      id,
      isKept: false,
      listener: () => undefined,
      note: () => undefined,
      end: async () => undefined,
      commit: () => undefined,
    };
  let isOver = false;
  let isBroken = false;
  const write = (line: string): void => {
    if (isBroken) return;
    try {
      writeSync(file, line);
    } catch (thrown) {
      // A full disk here is no reason to leave hosts half done.
      isBroken = true;
      notRecorded(thrown, 'whole');
    }
  };
  const writeEntry = (entry: object): void => write(`${JSON.stringify(entry)}\n`);
  const note = (entry: object): void => writeEntry(maskedTexts(entry, redactor));
  note({
    event: 'start',
    id,
    kind,
    command: commandLine(),
    user: userInfo().username,
    ...thisProcess(),
    args: maskArguments(process.argv.slice(2)),
    ...(resumes === undefined ? {} : { resumes }),
    cwd: process.cwd(),
    project: findProject(join(folder, configName)) ?? process.cwd(),
    started: started.toISOString(),
    check,
    hosts,
  });
  // While hosts are waited for, which takes longer: starting a process costs a few milliseconds.
  let commit: string | undefined;
  const git = new Promise((next) => setTimeout(next, gitDelay))
    .then(() => readGitState(folder))
    .then((state) => {
      commit = state?.commit;
      if (state !== undefined && !isOver) note({ event: 'git', ...state });
    });
  const finish = (exit: number): void => {
    if (isOver) return;
    isOver = true;
    process.off('exit', finish);
    note({ event: 'end', exit, seconds: (Date.now() - started.getTime()) / 1000 });
    closeSync(file);
  };
  // Ctrl-C twice, or a fault of play itself.
  process.once('exit', finish);
  return {
    id,
    isKept: true,
    listener: recordReport(writeEntry),
    note,
    commit: () => commit,
    async end(exit) {
      await Promise.race([git, new Promise((next) => setTimeout(next, mostWait).unref())]);
      finish(exit);
      pruneRecords(recordsFolder());
    },
  };
}

/** It may be in a folder that others get at first: HOME=/tmp. */
function requireOwn(folder: string): void {
  const found = distrust(folder);
  if (found) throw new Error(found.why);
}

function openRecord(id: string): number | undefined {
  const folder = recordsFolder();
  try {
    requireOwn(folder);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    requireOwn(folder);
    chmodSync(folder, 0o700);
    return openSync(join(folder, `${id}.jsonl`), 'ax', 0o600);
  } catch (thrown) {
    notRecorded(thrown);
    return undefined;
  }
}

function notRecorded(thrown: unknown, how?: 'whole'): void {
  warnOf({
    what: `The run is not recorded${how === undefined ? '' : ` ${how}`}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
  });
}
