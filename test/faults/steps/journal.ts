/** Every fault of a seed, a line each: what goes on where it was left, and what the table is made of. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Tried } from './job.ts';
import { faultKey } from './schedule.ts';

export class Journal {
  readonly file: string;
  readonly #entries = new Map<string, Tried>();

  constructor(file: string) {
    this.file = file;
    mkdirSync(dirname(file), { recursive: true });
    for (const line of existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [])
      if (line !== '') this.#put(JSON.parse(line));
  }

  add(one: Tried): void {
    this.#put(one);
    appendFileSync(this.file, `${JSON.stringify(one)}\n`);
  }

  /** One that was tried again counts once, as it was the last time. */
  #put(one: Tried): void {
    this.#entries.set([one.job, one.ground, one.section, one.nth < 0 ? one.chain : faultKey(one)].join(' '), one);
  }

  get entries(): readonly Tried[] {
    return [...this.#entries.values()];
  }

  /** The number of a new chain. */
  nextChain(): number {
    return 1 + Math.max(0, ...this.entries.map(({ chain }) => chain));
  }
}
