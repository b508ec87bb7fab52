import { accessSync, constants, lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { PlayError } from '../../../errors/index.ts';

/** @throws PlayError before any host is asked, where the file could not be written in the end */
export function requireOutFolder(option: string, file: string): void {
  const path = resolve(file);
  try {
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new PlayError(`${option} cannot be written: ${dirname(path)} does not exist, or is not writable`, {
      hint: 'Give it a file in a folder of yours.',
      cause,
    });
  }
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found && !found.isFile())
    throw new PlayError(`${option} cannot be written: ${path} exists, but is not a regular file`, {
      hint: 'Give it another name.',
    });
}

/** Writes a file whole or not at all, with this mode from the start. */
export function writeOutFile(file: string, text: string | Uint8Array, mode: number): void {
  const path = resolve(file);
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}`);
  try {
    writeFileSync(beside, text, { mode, flag: 'wx' });
    renameSync(beside, path);
  } catch (cause) {
    rmSync(beside, { force: true });
    throw new PlayError(`${path} could not be written: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
