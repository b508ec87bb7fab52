import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The number of the process that made it is in its name. */
const name = /^play-ssh-(\d+)-\w{6}$/;

let isSwept = false;

/**
 * A folder that only we may enter, for sockets and what ssh asks; those of processes that were killed are swept on the
 * way.
 */
export function privateFolder(): string {
  if (!isSwept) sweep();
  isSwept = true;
  return mkdtempSync(join(tmpdir(), `play-ssh-${process.pid}-`));
}

/** Only what is ours, and whose process is gone: a number that came back keeps its folder. */
function sweep(): void {
  for (const entry of readdirSync(tmpdir())) {
    const pid = name.exec(entry)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const path = join(tmpdir(), entry);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() && found.uid === process.geteuid?.()) rmSync(path, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
