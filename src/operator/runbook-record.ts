import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { PlayError } from '../errors/index.ts';
import { shortHash } from '../project/cache-file.ts';
import { ownFolder, stateFolder } from '../project/cache-folder.ts';
import { requireTrusted } from '../trust/index.ts';
import { operatorName } from '../values/index.ts';

/**
 * What a step came to. `begun`: no more is known than that. `cleaned`: what it does always was done, so that it is to be
 * done again.
 */
const stepStatus = v.picklist(['begun', 'failed', 'done', 'undone', 'cleaned']);
export type StepStatus = v.InferOutput<typeof stepStatus>;

const stepRecord = v.object({
  status: stepStatus,
  /** When it came to that, ISO 8601. */
  at: v.string(),
  /** `anna@laptop`. */
  by: v.string(),
  /** What it does always is not done yet. */
  owed: v.optional(v.boolean(), false),
});
export type StepRecord = v.InferOutput<typeof stepRecord>;

const attemptSchema = v.object({
  version: v.literal(1),
  /** The name of its file: by when it was begun. */
  id: v.string(),
  /** Hosts and variables, so that another host is another attempt. */
  key: v.string(),
  /** The command line, without secrets. */
  command: v.string(),
  started: v.string(),
  by: v.string(),
  /** When all was done, or undone. */
  ended: v.optional(v.string()),
  /** The process that is at it, on `machine`. */
  running: v.optional(v.object({ pid: v.number(), machine: v.string() })),
  steps: v.record(v.string(), stepRecord),
});
export type Attempt = v.InferOutput<typeof attemptSchema>;

/** Attempts that are over are kept for `status`, as many as this. */
const mostEnded = 20;

const now = (): string => new Date().toISOString();

/**
 * What was done of a runbook, by whom and when: a file for each attempt in the project's `.play/runbooks/NAME/`, so that
 * attempts on other hosts may be under way at the same time. Written before and after each step.
 */
export class RunbookRecord {
  readonly #folder: string;
  readonly #attempts: Map<string, Attempt>;

  /** @throws PlayError where it cannot be read: what was done would be done again */
  constructor(runbook: string) {
    this.#folder = join(stateFolder(runbook), 'runbooks', basename(runbook, '.ts'));
    this.#attempts = new Map(readAttempts(this.#folder).map((one) => [one.id, one]));
  }

  /** In the order in which they were begun. */
  get attempts(): readonly Attempt[] {
    return [...this.#attempts.values()];
  }

  /** The last attempt with these hosts and variables. */
  last(key: string): Attempt | undefined {
    return this.attempts.findLast((one) => one.key === key);
  }

  /**
   * Goes on with the last attempt, or begins another.
   *
   * @throws PlayError where somebody is at it now, or nothing can be recorded
   */
  open(key: string, command: string, isFresh: boolean): Attempt {
    const last = this.last(key);
    if (last && isRunning(last))
      throw new PlayError(`The runbook is already running: ${last.command} (pid ${last.running?.pid})`, {
        hint: 'Wait for it, or interrupt it there with Ctrl-C.',
      });
    const running = { pid: process.pid, machine: hostname() };
    if (last && !isFresh) return this.#save({ ...last, ended: undefined, running });
    // What is owed does not go away by beginning anew: it is of the new one then.
    const owed = Object.entries(last?.steps ?? {}).filter(([, step]) => step.owed);
    const steps = Object.fromEntries(
      owed.map(([name, step]): [string, StepRecord] => [name, { ...step, status: 'begun' }]),
    );
    if (last && last.ended === undefined)
      this.#save({ ...last, running: undefined, ended: now(), steps: withoutDebts(last.steps) });
    return this.#save({ ...newAttempt(key, command), running, steps });
  }

  /** Writes what a step came to. @throws PlayError where that cannot be written: nobody would know of it */
  set(attempt: Attempt, name: string, status: StepStatus, owed?: boolean): Attempt {
    const before = attempt.steps[name]?.owed ?? false;
    const step: StepRecord = { status, at: now(), by: operatorName(), owed: owed ?? before };
    return this.#save({ ...attempt, steps: { ...attempt.steps, [name]: step } });
  }

  /** @param isOver all is done, or undone */
  close(attempt: Attempt, isOver: boolean): void {
    this.#save({ ...attempt, running: undefined, ...(isOver ? { ended: now() } : {}) });
  }

  #save(attempt: Attempt): Attempt {
    this.#attempts.set(attempt.id, attempt);
    writeWhole(fileOf(this.#folder, attempt.id), `${JSON.stringify(attempt, undefined, 2)}\n`);
    const ended = this.attempts.filter((one) => one.ended !== undefined && one.id !== attempt.id);
    for (const { id } of ended.slice(0, Math.max(0, ended.length - mostEnded))) {
      this.#attempts.delete(id);
      rmSync(fileOf(this.#folder, id), { force: true });
    }
    return attempt;
  }
}

/** One of which nothing is done yet. */
export function newAttempt(key: string, command: string): Attempt {
  const started = now();
  const id = `${started.replace(/[-:]/g, '')}-${process.pid}`;
  return { version: 1, id, key, command, started, by: operatorName(), steps: {} };
}

const fileOf = (folder: string, id: string): string => join(folder, `${id}.json`);

const withoutDebts = (steps: Attempt['steps']): Attempt['steps'] =>
  Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, { ...step, owed: false }]));

/** The same hosts and variables are the same attempt. Variables may be secret: only their hash is kept. */
export function attemptKey(limit: string | undefined, variables: readonly string[]): string {
  return shortHash(JSON.stringify([limit ?? null, variables]));
}

export function isRunning({ running }: Attempt): boolean {
  if (running === undefined || running.machine !== hostname() || running.pid === process.pid) return false;
  try {
    process.kill(running.pid, 0);
    return true;
  } catch (thrown) {
    // Of another user, and there.
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}

function readAttempts(folder: string): Attempt[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => readAttempt(join(folder, name)));
}

function readAttempt(file: string): Attempt {
  requireTrusted(file);
  try {
    return v.parse(attemptSchema, JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new PlayError('The record of the runbook cannot be read', {
      where: { file },
      hint: 'Without it nobody knows which steps are done. Look into it, or move it away to start over.',
      cause,
    });
  }
}

/** On the disk before the step that it tells of. */
function writeWhole(file: string, content: string): void {
  const part = `${file}.${process.pid}`;
  try {
    const runbooks = dirname(dirname(file));
    if (ownFolder(runbooks) === undefined) throw new Error(`${runbooks} is not writable`);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const handle = openSync(part, 'w', 0o600);
    try {
      writeSync(handle, content);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(part, file);
  } catch (thrown) {
    throw new PlayError(
      `The runbook cannot be recorded: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      { where: { file }, hint: 'Nothing more is started: nobody would know what has been done.', cause: thrown },
    );
  }
}
