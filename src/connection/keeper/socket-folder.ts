import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** sun_path of unix(7) holds 108 bytes with the NUL; less on other systems. */
const longestPath = 100;

/**
 * Where the keeper of this account listens, in a folder that nobody else may enter: in the account's own folder in
 * /run, else in /tmp. Who may connect to it is decided by that folder alone.
 *
 * @param make also makes the folder
 * @returns undefined where there is no such folder that can be relied on, as others made it or could exchange it
 */
export function keeperSocket(make: boolean): string | undefined {
  const uid = process.geteuid?.();
  if (uid === undefined) return undefined;
  const candidates = [process.env['XDG_RUNTIME_DIR'], `/run/user/${uid}`]
    .filter((folder) => folder !== undefined && folder !== '')
    .map((folder) => join(String(folder), 'play'));
  for (const folder of [...candidates, join(tmpdir(), `play-${uid}`)]) {
    const path = join(folder, 'keeper');
    if (path.length > longestPath || !isSafeAbove(dirname(folder), uid)) continue;
    try {
      if (make) mkdirSync(folder, { mode: 0o700 });
    } catch {
      // It is there, or cannot be made: the look at it tells.
    }
    if (isPrivate(folder, uid)) return path;
  }
  return undefined;
}

/** A folder of ours, no link, that only we may enter. */
function isPrivate(folder: string, uid: number): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === uid && (found.mode & 0o077) === 0;
}

/** A folder in which others cannot exchange what is ours. */
function isSafeAbove(folder: string, uid: number): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true || (found.uid !== uid && found.uid !== 0)) return false;
  return (found.mode & 0o022) === 0 || (found.mode & 0o1000) !== 0;
}
