import { appendFileSync, closeSync, existsSync, fstatSync, openSync, readSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import * as v from 'valibot';
import { PlayError } from '../errors/index.ts';
import { readEntries, type RecordEntry } from '../report/index.ts';
import { recordIds } from './prune-records.ts';
import { isAlive, recordsFolder, runFile } from './run-files.ts';
import { readNow, type RunNow } from './run-state.ts';

const startSchema = v.object({
  event: v.literal('start'),
  id: v.string(),
  kind: v.string(),
  command: v.string(),
  /** Records of older versions have none. */
  args: v.optional(v.array(v.string())),
  user: v.string(),
  machine: v.string(),
  pid: v.number(),
  birth: v.optional(v.string()),
  cwd: v.string(),
  started: v.string(),
  check: v.boolean(),
  hosts: v.array(v.string()),
  resumes: v.optional(v.string()),
});

/** A run by its record. */
export interface KnownRun extends v.InferOutput<typeof startSchema> {
  readonly isAlive: boolean;
  /** Its exit code; undefined: it goes on, or was killed. */
  readonly exit: number | undefined;
  /** Another run went on with it, or somebody will not. */
  readonly isSettled: boolean;
  readonly now: RunNow | undefined;
}

/** Bytes at the end of a record in which its end stands. */
const tail = 4096;
/** Bytes at the beginning in which its first line stands: thousands of hosts have their names in it. */
const head = 256 * 1024;
/** What is listed: what else there is on record is over in moments, or has an end of its own. */
const kinds = ['playbook', 'runbook', 'resource', 'apply'];
/** Days for which a run that was killed is listed. */
const mostDays = 30;

/** The runs of playbooks and runbooks that go on, or were killed and not gone on with. The oldest first. */
export function unfinishedRuns(): KnownRun[] {
  const oldest = new Date(Date.now() - mostDays * 24 * 3600 * 1000).toISOString().replace(/[-:]/g, '');
  return (
    recordIds(recordsFolder())
      .filter((id) => id > oldest)
      .flatMap((id) => knownRun(id) ?? [])
      .filter(({ kind, check, machine }) => !check && machine === hostname() && kinds.includes(kind))
      // Nobody can go on with one whose folder is gone.
      .filter((run) => run.exit === undefined && (run.isAlive || (!run.isSettled && existsSync(run.cwd))))
  );
}

/** @returns undefined where the record is damaged, or none of a run */
export function knownRun(id: string): KnownRun | undefined {
  try {
    const file = openSync(runFile(id, 'jsonl'), 'r');
    try {
      const { size } = fstatSync(file);
      const part = (from: number, length: number): RecordEntry[] => {
        const bytes = Buffer.alloc(Math.min(length, size - from));
        readSync(file, bytes, 0, bytes.length, from);
        return readEntries(bytes.toString('utf8'));
      };
      const start = v.parse(startSchema, part(0, head)[0]);
      const last = part(Math.max(0, size - tail), tail);
      const end = last.find(({ event }) => event === 'end');
      return {
        ...start,
        isAlive: isAlive({ pid: start.pid, machine: start.machine, birth: start.birth }),
        exit: typeof end?.['exit'] === 'number' ? end['exit'] : undefined,
        isSettled: last.some(({ event }) => event === 'resumed' || event === 'forgotten'),
        now: readNow(id),
      };
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

/**
 * The run that is meant: by its id, or how that begins; without one the only one there is.
 *
 * @throws PlayError that lists those there are
 */
export function findRun(wanted: string | undefined): KnownRun {
  const open = unfinishedRuns();
  const list = open.map(({ id, command }) => `${id}  ${command}`).join('\n  ');
  const hint = open.length === 0 ? 'No run is unfinished; play log lists all.' : `There is:\n  ${list}`;
  if (wanted === undefined) {
    const [only, ...others] = open;
    if (only !== undefined && others.length === 0) return only;
    throw new PlayError(only === undefined ? 'No run is unfinished' : 'Which run?', only === undefined ? {} : { hint });
  }
  const [first, ...others] = recordIds(recordsFolder()).filter((id) => id.startsWith(wanted));
  const run = first === undefined || others.length > 0 ? undefined : knownRun(first);
  if (run !== undefined) return run;
  throw new PlayError(
    others.length > 0 ? `${others.length + 1} runs begin with "${wanted}"` : `There is no run "${wanted}" on record`,
    { hint },
  );
}

/** Adds to the record of a run that was killed what became of it. */
export function settleRun(
  id: string,
  entry: { readonly event: 'resumed'; readonly by: string } | { readonly event: 'forgotten' },
): void {
  const line = { ...entry, at: new Date().toISOString(), machine: hostname() };
  appendFileSync(runFile(id, 'jsonl'), `${JSON.stringify(line)}\n`);
  for (const kind of ['marks', 'now', 'answer'] as const) rmSync(runFile(id, kind), { force: true });
}
