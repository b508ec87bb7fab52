import type { TaskOutcome } from '../playbook/index.ts';

/** What a task that runs once came to. */
export interface OnceResult {
  readonly ok: boolean;
  readonly result: (TaskOutcome & Readonly<Record<string, unknown>>) | undefined;
  readonly host: string;
}

/** Tasks that run once in the whole run: the first host that gets there runs them, the others wait for what came out. */
export class OnceRegistry {
  readonly #runs = new Map<string, Promise<OnceResult>>();

  /** @returns the result, and whether this call was the one that ran it */
  async run(key: string, body: () => Promise<OnceResult>): Promise<{ readonly came: OnceResult; readonly first: boolean }> {
    const known = this.#runs.get(key);
    if (known) return { came: await known, first: false };
    const run = body();
    this.#runs.set(key, run);
    return { came: await run, first: true };
  }
}
