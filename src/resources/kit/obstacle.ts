import type { Change, Found, Stat } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { frozenBelow, writability, type Writability } from '../../probes/index.ts';

/**
 * What is to be done to a path: something made where nothing is (`make`), or renamed into its place, whatever is there
 * (`replace`); its permissions or bytes changed (`change`); or it is to go (`remove`).
 */
export type Doing = 'make' | 'replace' | 'change' | 'remove';

/**
 * For all resources that write: immutable and append-only files (chattr(1)), read-only file systems, mount points, swap
 * in use. Asked only once there is something to do.
 *
 * @throws PlayError where this would fail whoever did it
 */
export function requireNoObstacle(path: string, doing: Doing, found: Found): void {
  refuse(obstacleIn(path, doing, found.get(writability(path))));
}

function refuse(obstacle: string | undefined): void {
  if (obstacle !== undefined) throw new PlayError(obstacle);
}

function obstacleIn(path: string, doing: Doing, at: Writability): string | undefined {
  if (doing === 'change') return ownObstacle(path, at);
  const folder = path.slice(0, Math.max(1, path.lastIndexOf('/')));
  if (at.folderReadOnlyAt !== undefined) return readOnly(path, at.folderReadOnlyAt);
  const flagged = isFrozen(at.folderFlags);
  // What is made in an append-only folder stays there under its first name.
  if (flagged !== undefined && !(doing === 'make' && flagged === 'append-only'))
    return `the folder ${folder} is ${flagged}; take that off first: chattr -${letterOf(flagged)}`;
  if (doing === 'make') return undefined;
  if (at.isMountPoint)
    return `${path} is a mount point, which cannot be ${doing === 'remove' ? 'removed' : 'replaced'}; unmount it first`;
  return ownObstacle(path, at);
}

/**
 * That a file may get another name (link(2), EPERM).
 *
 * @throws PlayError
 */
export function requireLinkable(path: string, found: Found): void {
  const flagged = isFrozen(found.get(writability(path)).flags);
  if (flagged !== undefined) throw new PlayError(frozenText(path, flagged));
}

/**
 * For what is done to a whole tree: that nothing below it is immutable or append-only. Asked only once there is something
 * to do.
 *
 * @param isMeant whether anything is to be done to this path
 * @throws PlayError where this would fail half way
 */
export function requireNothingFrozen(path: string, isMeant: (path: string) => boolean, found: Found): void {
  const frozen = found.get(frozenBelow(path)).find((one) => isMeant(one.path));
  if (frozen) throw new PlayError(frozenText(frozen.path, frozen.is));
}

/**
 * Why a file can get new bytes only in place; undefined where a new one can be renamed over it.
 * @throws PlayError if it cannot be written at all
 */
export function whyInPlace(path: string, now: Stat, found: Found): string | undefined {
  const at = found.get(writability(path));
  refuse(now.type === 'file' ? ownObstacle(path, at) : obstacleIn(path, 'replace', at));
  return now.type === 'file' && at.isMountPoint ? 'it is a mount point' : obstacleIn(path, 'replace', at);
}

/** What is told of a file that cannot be replaced as others are. */
export function toldInPlace(why: string | undefined): readonly Change[] {
  return why === undefined ? [] : [{ what: `written in place: ${why}` }];
}

function ownObstacle(path: string, at: Writability): string | undefined {
  if (at.readOnlyAt !== undefined) return readOnly(path, at.readOnlyAt);
  const flagged = isFrozen(at.flags);
  if (flagged !== undefined) return frozenText(path, flagged);
  return at.isSwap ? `${path} is swap in use; swapoff it first` : undefined;
}

function frozenText(path: string, flagged: 'immutable' | 'append-only'): string {
  return `${path} is ${flagged}; take that off first: chattr -${letterOf(flagged)}`;
}

function readOnly(path: string, mountPoint: string): string {
  return `${path} is on a read-only file system (mounted at ${mountPoint})`;
}

function isFrozen(flags: string): 'immutable' | 'append-only' | undefined {
  return flags.includes('i') ? 'immutable' : flags.includes('a') ? 'append-only' : undefined;
}

function letterOf(flagged: 'immutable' | 'append-only'): string {
  return flagged === 'immutable' ? 'i' : 'a';
}
