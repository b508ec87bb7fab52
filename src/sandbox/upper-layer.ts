/** Writing into the upper layer of an overlay while nothing has it mounted. */
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { run } from './command.ts';

/** One overlay: what is seen at `at` of the host's root. */
export interface Layer {
  readonly at: string;
  readonly lower: string;
  readonly upper: string;
  readonly work: string;
}

export type LayerFiles = Pick<Layer, 'lower' | 'upper'>;

/** Puts a file in, in place of what is there. `path` is relative to the layer. */
export function putFile(
  { lower, upper }: LayerFiles,
  path: string,
  content: string | Uint8Array,
  mode: number,
  uid = 0,
  gid = 0,
): void {
  makeParents(lower, upper, dirname(path));
  const file = join(upper, path);
  rmSync(file, { force: true });
  writeFileSync(file, content);
  chmodSync(file, mode);
  chownSync(file, uid, gid);
}

export function putLink({ lower, upper }: LayerFiles, path: string, target: string): void {
  makeParents(lower, upper, dirname(path));
  rmSync(join(upper, path), { force: true });
  symlinkSync(target, join(upper, path));
}

/** Directories of the upper layer hide the owner and mode of those below: they have to be the same. */
function makeParents(lower: string, upper: string, path: string): void {
  if (path === '.' || path === '/' || existsSync(join(upper, path))) return;
  makeParents(lower, upper, dirname(path));
  mkdirSync(join(upper, path));
  copyOwnership(join(lower, path), join(upper, path));
}

/** `to` gets owner and mode of `from`, where there is one. */
export function copyOwnership(from: string, to: string): void {
  if (!existsSync(from)) return;
  const { mode, uid, gid } = statSync(from);
  chownSync(to, uid, gid);
  chmodSync(to, mode & 0o7777);
}

/**
 * Hides things of the layer below, by the mark overlayfs itself leaves where something was removed. What the upper
 * layer has a word on already, a parent's included, stays as it is.
 */
export async function putWhiteouts(files: readonly (LayerFiles & { readonly path: string })[]): Promise<void> {
  const marks = files
    .filter(({ upper, path }) => isUntouched(upper, path))
    .map((file) => {
      makeParents(file.lower, file.upper, dirname(file.path));
      return join(file.upper, file.path);
    });
  if (marks.length === 0) return;
  const made = await run(['xargs', '-0', '-I', '{}', 'mknod', '--', '{}', 'c', '0', '0'], {
    input: marks.map((mark) => `${mark}\0`).join(''),
  });
  if (made.code !== 0)
    throw new PlayError('Sandbox: what is private cannot be hidden from the copy', { detail: made.stderr });
}

function isUntouched(upper: string, path: string): boolean {
  if (lstatSync(join(upper, path), { throwIfNoEntry: false }) !== undefined) return false;
  for (let parent = dirname(path); parent !== '.' && parent !== '/'; parent = dirname(parent)) {
    const found = lstatSync(join(upper, parent), { throwIfNoEntry: false });
    if (found !== undefined) return found.isDirectory();
  }
  return true;
}
