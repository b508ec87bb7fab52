import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { warnOf } from '../report/warnings.ts';
import { distrust } from '../trust/index.ts';
import { upwards } from './project.ts';

/**
 * The cache of the repository a file belongs to: `.play/cache/`, which git is told to ignore by a file of its own.
 * Where it cannot be written (a repository of somebody else, a read-only disk), or others could have (its code would
 * run as us), a folder for this process alone: slower, else the same.
 */
export function cacheFolder(file: string): string {
  return ownFolder(join(stateFolder(file), 'cache')) ?? scratchFolder();
}

/** Where the repository a file belongs to keeps what is no source: its `.play/`. Nothing is made on disk. */
export function stateFolder(file: string): string {
  const marks = ['inventory', '.git', 'package.json'];
  const isHome = (folder: string): boolean =>
    marks.some((mark) => existsSync(join(folder, mark)) && !distrust(join(folder, mark)));
  return join(upwards(dirname(file), isHome) ?? dirname(file), '.play');
}

/**
 * Makes a folder for what is kept between runs, with word to git that it is no source. @returns undefined where it is
 * not ours alone to write
 */
export function ownFolder(folder: string): string | undefined {
  try {
    if (!isOurs(folder)) return undefined;
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    // Somebody may have been quicker.
    if (!isOurs(folder)) return undefined;
    accessSync(folder, constants.W_OK);
    const ignore = join(folder, '.gitignore');
    if (!existsSync(ignore)) writeFileSync(ignore, '*\n', { mode: 0o644 });
    return folder;
  } catch {
    return undefined;
  }
}

function isOurs(folder: string): boolean {
  const found = distrust(folder);
  if (found) warnOf({ what: `The cache ${folder} is neither read nor written: ${found.why}`, hint: found.hint });
  return found === undefined;
}

let scratch: string | undefined;

/** A cache for this process alone. */
export function scratchFolder(): string {
  return (scratch ??= makeScratch());
}

/** Named so that the source maps in it are found. */
function makeScratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'play-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const found = distrust(folder);
  if (found)
    throw new PlayError(`There is no folder for temporary files that is safe from others: ${found.why}`, {
      where: { file: folder },
      hint: `Let TMPDIR name one of your own, or fix this one: chmod +t ${tmpdir()}`,
    });
  const cache = join(folder, '.play', 'cache');
  mkdirSync(cache, { recursive: true });
  return cache;
}
