import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { utf8 } from '../../../formats/text-bytes.ts';

/**
 * Puts a new content in a file's place: whoever reads it at the same time, or after a crash, sees the old or the new
 * one. Mode, owner and symlinks stay.
 */
export function replaceFile(path: string, content: string): void {
  const file = realpathSync(path);
  const { mode } = statSync(file);
  const beside = `${file}.play-${process.pid}~`;
  const fd = openSync(beside, 'wx', mode & 0o777);
  try {
    writeSync(fd, utf8.encode(content));
    fsyncSync(fd);
    closeSync(fd);
    renameSync(beside, file);
  } catch (thrown) {
    rmSync(beside, { force: true });
    throw thrown;
  }
}
