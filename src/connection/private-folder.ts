import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Its name contains the number of the process that made it. */
const name = /^play-ssh-(\d+)-\w{6}$/;

let isSwept = false;

/**
 * A folder that only we may enter, for sockets and the questions of ssh; those of killed processes are swept on the
 * way.
 */
export function privateFolder(): string {
  if (!isSwept) sweep();
  isSwept = true;
  return mkdtempSync(join(tmpdir(), `play-ssh-${process.pid}-`));
}

/** Only our own folders whose process is gone: a number that is in use again keeps its folder. */
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
