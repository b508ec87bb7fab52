import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import type { ShownEvent } from '../report/index.ts';
import { runFile } from './run-files.ts';

/** Milliseconds between two writes, and until the first: most runs are over before. */
const pause = 1000;

const doing = v.object({
  host: v.string(),
  /** What it does there; of a wait with its figures. */
  task: v.string(),
  wait: v.optional(v.object({ tries: v.number(), most: v.number(), seconds: v.number(), saw: v.string() })),
});

const schema = v.object({
  /** Its terminal was left. */
  isDetached: v.boolean(),
  /** What it asks the operator, while nobody is at its terminal. */
  question: v.nullable(v.string()),
  doing: v.array(doing),
});

/** What a run is doing, as it last said. */
export type RunNow = v.InferOutput<typeof schema>;

/** Writes what a run is doing where `play runs` reads it, as long as it goes on; of a run that is killed the last stays. */
export class RunState {
  readonly #file: string;
  readonly #doing = new Map<string, RunNow['doing'][number]>();
  #timer: NodeJS.Timeout | undefined;
  #last = Date.now();
  #now: Omit<RunNow, 'doing'> = { isDetached: false, question: null };
  #isOver = false;

  constructor(id: string) {
    this.#file = runFile(id, 'now');
    // Ctrl-C twice, or a fault of play itself.
    process.once('exit', () => this.end());
  }

  readonly listener = (event: ShownEvent): void => {
    if (event.event === 'working') {
      const { host, task, wait } = event;
      this.#doing.set(host, { host, task, ...(wait ? { wait } : {}) });
    } else if (event.event === 'mark' && event.is === 'over') this.#doing.delete(event.host);
    else if (
      event.event === 'unreachable' ||
      event.event === 'host-failed' ||
      event.event === 'held' ||
      event.event === 'gone'
    )
      this.#doing.delete(event.host);
    else if (event.event === 'task' || event.event === 'handler') {
      if (this.#doing.get(event.host)?.wait !== undefined) this.#doing.delete(event.host);
    } else return;
    this.#timer ??= setTimeout(() => this.#write(), Math.max(0, this.#last + pause - Date.now())).unref();
  };

  /** At once: somebody may be waiting for it. */
  set(now: Partial<Omit<RunNow, 'doing'>>): void {
    this.#now = { ...this.#now, ...now };
    this.#write();
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    rmSync(this.#file, { force: true });
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isOver) return;
    this.#last = Date.now();
    try {
      const now: RunNow = { ...this.#now, doing: [...this.#doing.values()] };
      writeFileSync(`${this.#file}.new`, `${JSON.stringify(now)}\n`, { mode: 0o600 });
      renameSync(`${this.#file}.new`, this.#file);
    } catch {
      // A full disk here is no reason to leave hosts half done; the record's own warning has said it.
    }
  }
}

/** What a run last said that it is doing; undefined where it said nothing. */
export function readNow(id: string): RunNow | undefined {
  try {
    return v.parse(schema, JSON.parse(readFileSync(runFile(id, 'now'), 'utf8')));
  } catch {
    return undefined;
  }
}
