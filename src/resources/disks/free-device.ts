import type { Found } from '../../contract/index.ts';
import { realPath } from '../../probes/index.ts';
import { filesystemOn } from '../system/filesystem.probe.ts';

/** A device that is to be made part of something. */
export interface FreeDevice {
  /** With all links followed, as tools name it. */
  readonly path: string;
  /** What it holds (blkid); empty for nothing. */
  readonly type: string;
}

/**
 * A block device that nothing is lost on, or that `force` gives away. One that is in use is never given away.
 *
 * @param own what it may hold already: the mark of what it is to become part of
 */
export function requireFree(device: string, own: string, force: boolean, found: Found): FreeDevice {
  const path = realDevice(device, found);
  const now = found.get(filesystemOn(path));
  found.require(now.is !== 'absent', { failure: `there is no ${device}`, hint: 'Look for its name: lsblk' });
  found.require(now.is === 'device', { failure: `${device} is not a block device`, by: null });
  found.require(!now.isInUse, {
    failure: `${device} is in use`,
    hint: 'It is mounted, used as swap, or part of another device.',
    by: 'changes',
  });
  found.require(now.type === '' || now.type === own || force, {
    failure: `${device} holds ${now.type === 'partitions' ? 'a partition table' : now.type}`,
    hint: 'With `force: true` it is overwritten, and everything in it is lost.',
    by: 'changes',
  });
  return { path, type: now.type };
}

/** Where a device's name leads; the name itself where nothing is there yet. */
export function realDevice(device: string, found: Found): string {
  return found.get(realPath(device)) ?? device;
}
