import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { utf8 } from '../../formats/text-bytes.ts';

/**
 * Puts a new content in a file's place: whoever reads it at the same time, or after a crash, sees the old or the new
 * one. Mode, owner and symlinks stay. A file that is not there is made, for its owner alone.
 *
 * @param mask the bits of its mode that stay; default all
 */
export function replaceFile(path: string, content: string | Uint8Array, mask = 0o777): void {
  const found = statSync(path, { throwIfNoEntry: false });
  const file = found ? realpathSync(path) : path;
  const beside = `${file}.play-${process.pid}~`;
  // Nobody may write where the new file is made but who may have written the old one.
  const fd = openSync(beside, 'wx', 0o600);
  try {
    writeFileSync(fd, typeof content === 'string' ? utf8.encode(content) : content);
    if (found) {
      const made = statSync(beside);
      if (made.uid !== found.uid || made.gid !== found.gid) fchownSync(fd, found.uid, found.gid);
      fchmodSync(fd, found.mode & 0o7777 & mask);
    }
    fsyncSync(fd);
    closeSync(fd);
    renameSync(beside, file);
    syncFolder(dirname(file));
  } catch (thrown) {
    rmSync(beside, { force: true });
    throw thrown;
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
