import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { distrust } from '../trust/index.ts';

/** An answer of a plugin, and when it was given. */
export interface Kept {
  /** Seconds since 1970. */
  readonly at: number;
  readonly text: string;
}

/** @returns undefined where there is none, or others could have written it */
export function readKept(folder: string, name: string): Kept | undefined {
  const file = join(folder, name);
  try {
    if (distrust(file) !== undefined) return undefined;
    const kept: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof kept === 'object' && kept !== null && 'at' in kept && 'text' in kept && isKept(kept.at, kept.text)
      ? { at: Number(kept.at), text: String(kept.text) }
      : undefined;
  } catch {
    return undefined;
  }
}

function isKept(at: unknown, text: unknown): boolean {
  return typeof at === 'number' && typeof text === 'string';
}

/** Keeps it, for its owner alone: what clouds say of hosts may be secret. A cache that cannot be written is none. */
export function writeKept(folder: string, name: string, text: string): void {
  const file = join(folder, name);
  try {
    mkdirSync(folder, { recursive: true });
    const temporary = `${file}.${process.pid}`;
    writeFileSync(temporary, JSON.stringify({ at: Date.now() / 1000, text } satisfies Kept), { mode: 0o600 });
    renameSync(temporary, file);
  } catch {
    // Asked again next time.
  }
}
