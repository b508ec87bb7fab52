import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { upwards } from './project.ts';

/**
 * The cache of the repository a file belongs to: `.play/cache/`, which git is told to ignore by a file of its own. Where it
 * cannot be written (a repository of somebody else, a read-only disk) a folder for this process alone: slower, else the same.
 */
export function cacheFolder(file: string): string {
  const marks = ['inventory', '.git', 'package.json'];
  const home = upwards(dirname(file), (folder) => marks.some((mark) => existsSync(join(folder, mark)))) ?? dirname(file);
  const cache = join(home, '.play', 'cache');
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
    const ignore = join(cache, '.gitignore');
    if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
    return cache;
  } catch {
    return (scratch ??= makeScratch());
  }
}

let scratch: string | undefined;

/** Named so that the source maps in it are found. */
function makeScratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'play-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const cache = join(folder, '.play', 'cache');
  mkdirSync(cache, { recursive: true });
  return cache;
}
