import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/** A file that something cached was made from. */
export interface Input {
  readonly file: string;
  readonly mtime: number;
  readonly size: number;
  readonly hash: string;
}

/** Takes down what a file holds now. A file that is not there is an input too: its coming changes what was made. */
export function recordInput(file: string): Input {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return { file, mtime: 0, size: -1, hash: '' };
  return { file, mtime: stat.mtimeMs, size: stat.size, hash: hashOf(file) };
}

/**
 * Whether all inputs still hold what they held: one stat each, and a hash where only the time differs (a fresh
 * checkout).
 *
 * @returns the inputs with their present times, the same list when no time changed, or undefined when a content did
 */
export function stillSame(inputs: readonly Input[]): readonly Input[] | undefined {
  let touched = false;
  const now: Input[] = [];
  for (const input of inputs) {
    const stat = statSync(input.file, { throwIfNoEntry: false });
    if ((stat?.size ?? -1) !== input.size) return undefined;
    if (!stat || stat.mtimeMs === input.mtime) {
      now.push(input);
      continue;
    }
    if (hashOf(input.file) !== input.hash) return undefined;
    touched = true;
    now.push({ ...input, mtime: stat.mtimeMs });
  }
  return touched ? now : inputs;
}

export function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 24);
}
