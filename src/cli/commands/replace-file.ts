import { spawnSync } from 'node:child_process';
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
import { PlayError } from '../../errors/index.ts';
import { utf8 } from '../../formats/text-bytes.ts';

/**
 * Puts a new content in a file's place: whoever reads it at the same time, or after a crash, sees the old or the new
 * one. Mode, owner, access control list, extended attributes and symlinks stay. A file that is not there is made, for its owner alone.
 *
 * @param mask the bits of its mode that stay; default all
 * @throws PlayError where its attributes cannot be kept
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
      copyAttributes(file, beside);
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

/**
 * Access control list and extended attributes, of which Node knows nothing: by cp(1) of coreutils. Where there is no such cp, a
 * file has none that it could know of.
 */
function copyAttributes(from: string, to: string): void {
  const { status, stderr } = spawnSync('cp', ['--attributes-only', '--preserve=mode,xattr', '--', from, to], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (status === 0 || status === null || /(?:unrecognized|illegal|invalid) option/.test(stderr)) return;
  throw new PlayError(`The attributes of ${from} cannot be preserved, so it is left as it is`, {
    detail: stderr.trim(),
    hint: 'Its owner can do this; so can root.',
  });
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
