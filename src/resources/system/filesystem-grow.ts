import { predict, settled, type Found, type Plan } from '../../contract/index.ts';
import { walkSh } from '../../probes/index.ts';
import { folderOf } from '../kit/folder.ts';
import { lacksOf } from '../kit/program-need.ts';
import { shownBytes } from '../kit/shown-bytes.ts';
import { filesystemSize } from './filesystem-size.probe.ts';
import type { HeldFilesystem } from './filesystem.probe.ts';

/** What makes each larger, and the package that brings it. ext is looked over first where it is not mounted. */
const growing: Readonly<Record<string, { readonly programs: readonly string[]; readonly from: string }>> = {
  ext2: { programs: ['resize2fs', 'e2fsck'], from: 'e2fsprogs' },
  ext3: { programs: ['resize2fs', 'e2fsck'], from: 'e2fsprogs' },
  ext4: { programs: ['resize2fs', 'e2fsck'], from: 'e2fsprogs' },
  xfs: { programs: ['xfs_growfs'], from: 'xfsprogs' },
  btrfs: { programs: ['btrfs'], from: 'btrfs-progs' },
};

/** Whether a file system of this type can be made larger. */
export const grows = (type: string): boolean => Object.hasOwn(growing, type);

// $1 folder, $2 name, $3 type, $4 where it is mounted or empty, $5 which device of a btrfs this is. What lies there now must still be no link. e2fsck(8)
// ends with 1 where it mended something.
const script = `${walkSh}
enter "$1" || exit
[ ! -L "./$2" ] || { echo "$1/$2 has become a link" >&2; exit 1; }
n=./$2
case $3 in
  ext?)
    if [ -z "$4" ]; then e2fsck -f -p "$n" >&2 || [ $? -le 1 ] || exit; fi
    resize2fs "$n" >&2 ;;
  xfs) xfs_growfs -d "$4" >&2 ;;
  btrfs) btrfs filesystem resize "$5:max" "$4" >&2 ;;
esac`;

/** A file system that is there, made as large as what it lies on. Never smaller. */
export function planGrowth<R>(dev: string, path: string, now: HeldFilesystem, found: Found, result: R): Plan<R> {
  const { type } = now;
  const [lack] = lacksOf({ chdir: '/', programs: growing[type]?.programs ?? [] }, found);
  if (lack !== undefined)
    found.require(false, { ...lack, hint: `Install it first: apt({ name: '${growing[type]?.from ?? ''}' })` });
  const question = filesystemSize(path, type);
  const size = found.get(question);
  if (size.now >= size.most) return settled(result);
  found.require(type.startsWith('ext') || size.mountedAt !== '', {
    failure: `${dev} is not mounted, and ${type} can only grow while it is`,
    hint: 'Mount it first: mount({ path, src, fstype })',
    by: 'changes',
  });
  found.require(now.is === 'device' || !now.isInUse, {
    failure: `${dev} is in use`,
    hint: 'A file grows only while nothing uses it; of a loop device give its own name.',
    by: 'changes',
  });
  return {
    ...settled(result),
    changes: [{ what: 'size', from: shownBytes(size.now), to: shownBytes(size.most) }],
    steps: [
      {
        script,
        args: [folderOf(path), path.slice(path.lastIndexOf('/') + 1), type, size.mountedAt, size.part],
        timeout: 24 * 3600,
        label: `grow ${type} on ${dev}`,
      },
    ],
    after: [predict(question, { ...size, now: size.most })],
    touches: [{ on: 'path', path }],
  };
}
