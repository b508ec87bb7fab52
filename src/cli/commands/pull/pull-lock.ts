import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive, thisProcess, type KnownProcess } from '../../../operator/run-files.ts';

/**
 * Keeps a second `play pull` out of a folder. The file names the process that has it; one that is dead counts for nothing.
 *
 * @returns what gives it back; or the process that has it
 */
export function lockFolder(file: string): { readonly unlock: () => void } | { readonly heldBy: KnownProcess } {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify(thisProcess()), { mode: 0o600 });
  try {
    for (;;) {
      // A link is made whole or not at all, and only where there is none.
      if (isDone(() => linkSync(own, file))) return { unlock: () => rmSync(file, { force: true }) };
      const holder = holderOf(file);
      if (holder !== undefined && isAlive(holder)) return { heldBy: holder };
      takeAway(file, holder);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** Another one may have found the same dead holder, and have it by now. */
function takeAway(file: string, dead: KnownProcess | undefined): void {
  const aside = `${file}.${process.pid}.old`;
  if (!isDone(() => renameSync(file, aside))) return;
  const taken = holderOf(aside);
  if (taken !== undefined && taken.pid !== dead?.pid) isDone(() => linkSync(aside, file));
  rmSync(aside, { force: true });
}

function holderOf(file: string): KnownProcess | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as KnownProcess;
  } catch {
    return undefined;
  }
}

function isDone(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
