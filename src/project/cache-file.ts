import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { distrust } from '../trust/index.ts';

/**
 * Reads a JSON file of the cache; whatever is wrong with it, be it that somebody else wrote it, it is as if it were not
 * there.
 */
export function readCacheFile<T>(file: string, isIt: (value: unknown) => value is T): T | undefined {
  try {
    if (distrust(file)) return undefined;
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isIt(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Writes beside and renames, so that a reader at the same time sees the old or the new. A cache that cannot be written
 * is none.
 */
export function writeCacheFile(file: string, content: string | Uint8Array): boolean {
  const temporary = `${file}.${process.pid}`;
  try {
    // Whatever the umask is: what others may write is not read again.
    writeFileSync(temporary, content, { mode: 0o644 });
    renameSync(temporary, file);
    return true;
  } catch {
    return false;
  }
}

/** A short name for a path or a content. */
export function shortHash(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
