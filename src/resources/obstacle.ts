import type { Change, Found, Stat } from '../contract/index.ts';
import { writability, type Writability } from '../probes/index.ts';

/**
 * What is to be done to a path: something made where nothing is (`make`), or renamed into its place, whatever is there
 * (`replace`); its permissions or bytes changed (`change`); or it is to go (`remove`).
 */
export type Doing = 'make' | 'replace' | 'change' | 'remove';

/**
 * Why this would fail whoever did it, for all resources that write: immutable and append-only files (chattr(1)), read-only
 * file systems, mount points, swap in use. Asks only once there is something to do.
 *
 * @returns a sentence for `failure`, or undefined where nothing stands in the way
 */
export function obstacle(path: string, doing: Doing, found: Found): string | undefined {
  return obstacleIn(path, doing, found.get(writability(path)));
}

function obstacleIn(path: string, doing: Doing, at: Writability): string | undefined {
  if (doing === 'change') return ownObstacle(path, at);
  const folder = path.slice(0, Math.max(1, path.lastIndexOf('/')));
  if (at.folderReadOnlyAt !== undefined) return readOnly(path, at.folderReadOnlyAt);
  const flagged = isFrozen(at.folderFlags);
  // What is made in an append-only folder stays there under its first name.
  if (flagged !== undefined && !(doing === 'make' && flagged === 'append-only')) return `the folder ${folder} is ${flagged}; take that off first: chattr -${letterOf(flagged)}`;
  if (doing === 'make') return undefined;
  if (at.isMountPoint) return `${path} is a mount point, which cannot be ${doing === 'remove' ? 'removed' : 'replaced'}; unmount it first`;
  return ownObstacle(path, at);
}

/** How a file gets new bytes: by renaming a new one into its place, or only in place, with the reason. */
export type Way = { readonly failure: string } | { readonly inPlace: string | undefined };

export function wayToWrite(path: string, now: Stat, found: Found): Way {
  const at = found.get(writability(path));
  if (now.type !== 'file') {
    const failure = obstacleIn(path, 'replace', at);
    return failure === undefined ? { inPlace: undefined } : { failure };
  }
  const own = ownObstacle(path, at);
  if (own !== undefined) return { failure: own };
  if (at.isMountPoint) return { inPlace: 'it is a mount point' };
  const around = obstacleIn(path, 'replace', at);
  return { inPlace: around };
}

/** What is told of a file that cannot be replaced as others are. */
export function toldInPlace(why: string | undefined): readonly Change[] {
  return why === undefined ? [] : [{ what: `written in place: ${why}` }];
}

function ownObstacle(path: string, at: Writability): string | undefined {
  if (at.readOnlyAt !== undefined) return readOnly(path, at.readOnlyAt);
  const flagged = isFrozen(at.flags);
  if (flagged !== undefined) return `${path} is ${flagged}; take that off first: chattr -${letterOf(flagged)}`;
  return at.isSwap ? `${path} is swap in use; swapoff it first` : undefined;
}

function readOnly(path: string, mountPoint: string): string {
  return `${path} lies on a read-only file system (mounted at ${mountPoint})`;
}

function isFrozen(flags: string): 'immutable' | 'append-only' | undefined {
  return flags.includes('i') ? 'immutable' : flags.includes('a') ? 'append-only' : undefined;
}

function letterOf(flagged: 'immutable' | 'append-only'): string {
  return flagged === 'immutable' ? 'i' : 'a';
}
