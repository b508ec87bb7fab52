import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { PlayError } from '../errors/index.ts';
import { shortHash } from '../project/cache-file.ts';
import { ownFolder, stateFolder } from '../project/cache-folder.ts';
import { requireTrusted } from '../trust/index.ts';

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
const fileSchema = v.object({ version: v.literal(1), attempts: v.array(attemptSchema) });

/** Attempts that are over are kept for `status`, as many as this. */
const mostEnded = 20;

const now = (): string => new Date().toISOString();
const me = (): string => `${userInfo().username}@${hostname()}`;

/** What was done of a runbook, by whom and when: in the project's `.play/runbooks/`, written before and after each step. */
export class RunbookRecord {
  readonly #file: string;
  #attempts: Attempt[];

  /** @throws PlayError where it cannot be read: what was done would be done again */
  constructor(runbook: string) {
    this.#file = join(stateFolder(runbook), 'runbooks', `${basename(runbook, '.ts')}.json`);
    this.#attempts = readAttempts(this.#file);
  }

  get attempts(): readonly Attempt[] {
    return this.#attempts;
  }

  /** The last attempt with these hosts and variables. */
  last(key: string): Attempt | undefined {
    return this.#attempts.findLast((one) => one.key === key);
  }

  /**
   * Goes on with the last attempt, or begins another.
   *
   * @throws PlayError where somebody is at it now, or nothing can be recorded
   */
  open(key: string, command: string, isFresh: boolean): Attempt {
    const last = this.last(key);
    if (last && isRunning(last))
      throw new PlayError(`The runbook is being carried out: ${last.command} (pid ${last.running?.pid})`, {
        hint: 'Wait for it, or interrupt it there with Ctrl-C.',
      });
    const running = { pid: process.pid, machine: hostname() };
    if (last && !isFresh) return this.#save({ ...last, ended: undefined, running }, last);
    // What is owed does not go away by beginning anew.
    const owed = Object.entries(last?.steps ?? {}).filter(([, step]) => step.owed);
    const steps = Object.fromEntries(
      owed.map(([name, step]): [string, StepRecord] => [name, { ...step, status: 'begun' }]),
    );
    return this.#save({ key, command, started: now(), by: me(), running, steps });
  }

  /** Writes what a step came to. @throws PlayError where that cannot be written: nobody would know of it */
  set(attempt: Attempt, name: string, status: StepStatus, owed?: boolean): Attempt {
    const before = attempt.steps[name]?.owed ?? false;
    const step: StepRecord = { status, at: now(), by: me(), owed: owed ?? before };
    return this.#save({ ...attempt, steps: { ...attempt.steps, [name]: step } }, attempt);
  }

  /** @param isOver all is done, or undone */
  close(attempt: Attempt, isOver: boolean): void {
    this.#save({ ...attempt, running: undefined, ...(isOver ? { ended: now() } : {}) }, attempt);
  }

  #save(attempt: Attempt, old?: Attempt): Attempt {
    const all =
      old === undefined ? [...this.#attempts, attempt] : this.#attempts.map((one) => (one === old ? attempt : one));
    const ended = all.filter((one) => one.ended !== undefined);
    const dropped = new Set(ended.slice(0, Math.max(0, ended.length - mostEnded)));
    this.#attempts = all.filter((one) => !dropped.has(one));
    writeWhole(this.#file, `${JSON.stringify({ version: 1, attempts: this.#attempts }, undefined, 2)}\n`);
    return attempt;
  }
}

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

function readAttempts(file: string): Attempt[] {
  if (!existsSync(file)) return [];
  requireTrusted(file);
  try {
    return v.parse(fileSchema, JSON.parse(readFileSync(file, 'utf8'))).attempts;
  } catch (cause) {
    throw new PlayError('The record of the runbook cannot be read', {
      where: { file },
      hint: 'Without it nobody knows which steps are done. Look into it, or move it away to begin anew.',
      cause,
    });
  }
}

/** On the disk before the step that it tells of. */
function writeWhole(file: string, content: string): void {
  const part = `${file}.${process.pid}`;
  try {
    if (ownFolder(dirname(dirname(file))) === undefined)
      throw new Error(`${dirname(dirname(file))} is not ours to write`);
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
      `What the runbook does cannot be recorded: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      { where: { file }, hint: 'Nothing more is begun: nobody would know what is done.', cause: thrown },
    );
  }
}
