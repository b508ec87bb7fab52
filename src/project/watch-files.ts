import { existsSync, fstatSync, readdirSync, statSync, watch, type FSWatcher, type Stats } from 'node:fs';
import { join } from 'node:path';
import { PlayError } from '../errors/index.ts';

/** Folders that hold nothing a run is made of. */
const skipped = /^(?:node_modules|dist|\..*)$/;
/** What editors put beside a file for a moment, and what no editor saves. */
const passing = /^\.|^4913$|~$|\.(?:swp|swx|tmp|bak|log)$|\.sw[a-p]$|^#.*#$/;

/** How long a burst of changes is waited for, in milliseconds: an editor writes, renames, and sets permissions. */
const quiet = 40;

/**
 * Hears of saved files below some folders. Node's own recursive watching is not used: on Linux it follows each file, and
 * loses what a rename puts in its place.
 */
export class FileWatch {
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;

  /** @param folders each with all below it; what is in none is not heard of */
  constructor(folders: readonly string[]) {
    for (const folder of folders) this.#add(folder);
  }

  /** The files saved since it was last asked, waited for; empty when `signal` came first. */
  async saved(signal: AbortSignal): Promise<readonly string[]> {
    const stop = (): void => this.#wake?.();
    signal.addEventListener('abort', stop);
    while ((this.#changed.size === 0 || this.#timer !== undefined) && !signal.aborted)
      await new Promise<void>((done) => (this.#wake = done));
    signal.removeEventListener('abort', stop);
    if (signal.aborted) return [];
    const files = [...this.#changed].sort();
    this.#changed.clear();
    return files;
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #add(folder: string): void {
    if (this.#watchers.has(folder) || !existsSync(folder)) return;
    try {
      const watcher = watch(folder, (_, name) => this.#hear(folder, name));
      // It was removed; that was heard of in the folder above it.
      watcher.on('error', () => this.#forget(folder));
      this.#watchers.set(folder, watcher);
    } catch (cause) {
      throw new PlayError(`The folder cannot be watched: ${cause instanceof Error ? cause.message : String(cause)}`, {
        where: { file: folder },
        hint: 'Where too much is watched on this machine: sysctl fs.inotify.max_user_watches',
      });
    }
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory() && !skipped.test(entry.name)) this.#add(join(folder, entry.name));
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  #hear(folder: string, name: string | null): void {
    if (name === null || passing.test(name) || skipped.test(name)) return;
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) {
      // Another one may have come in its place.
      this.#forget(path);
      this.#add(path);
    }
    // What we print would make us print again.
    if (stat !== undefined && isOutput(stat)) return;
    this.#changed.add(path);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#wake?.();
    }, quiet);
  }
}

/** Whether standard output or error goes into this file. */
function isOutput({ dev, ino }: Stats): boolean {
  return [1, 2].some((fd) => {
    try {
      const own = fstatSync(fd);
      return own.dev === dev && own.ino === ino;
    } catch {
      return false;
    }
  });
}
