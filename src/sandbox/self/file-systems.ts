/** Which file systems of this machine a copy of it is made of. */
import { readFileSync, statSync } from 'node:fs';
import { isBelow } from './paths.ts';

export interface FileSystems {
  /** Mount points, `/` first. Each becomes an overlay of its own: overlayfs does not look below a mount. */
  readonly copied: readonly string[];
  /** `/boot/efi (vfat)`: what the copy has an empty directory for. */
  readonly leftOut: readonly string[];
}

/** File systems on a machine's own disks that overlayfs takes as a lower layer. */
const diskTypes = new Set(['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'f2fs', 'jfs', 'bcachefs', 'zfs']);

/** Those of /sys, /proc and /dev lie in what is emptied; these stand elsewhere too, and hold nothing. */
const pseudoTypes = new Set(['autofs', 'binfmt_misc', 'fuse.lxcfs', 'nsfs', 'proc', 'rpc_pipefs', 'squashfs', 'sysfs']);

/**
 * @param emptied directories whose content the copy does not have: what is mounted in them does not count
 * @param mountinfo proc_pid_mountinfo(5)
 */
export function fileSystemsOf(
  emptied: readonly string[],
  mountinfo = readFileSync('/proc/self/mountinfo', 'latin1'),
): FileSystems {
  const mounts = new Map<string, string>();
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const at = before.split(' ')[4];
    // What was mounted last is what is seen.
    if (at !== undefined) mounts.set(at, after.split(' ')[0] ?? '');
  }
  const copied: string[] = [];
  const leftOut: string[] = [];
  for (const [at, type] of [...mounts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (at === '/' || emptied.some((directory) => at === directory || isBelow(at, directory)) || pseudoTypes.has(type))
      continue;
    // Nor what is mounted in a file system left out: the copy has no directory to mount it on.
    const isInOther = leftOut.some((other) => isBelow(at, other.replace(/ \(.*$/, '')));
    // Blanks are escaped in mountinfo by a backslash; colons, commas and backslashes mean something to overlayfs.
    if (diskTypes.has(type) && !/[:,\\]/.test(at) && !isInOther && isDirectory(at)) copied.push(at);
    else if (isDirectory(at)) leftOut.push(`${at} (${type})`);
  }
  return { copied: ['/', ...copied], leftOut };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
