import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';
import { plainMountWord } from '../../probes/index.ts';

/** How large a file system is, and how large it could be, in bytes. */
export interface FilesystemSize {
  readonly now: number;
  /** What its own tools would make of it: a little less than the device, where a rest is too small to be of use. */
  readonly most: number;
  /** Of a btrfs on several devices, which one this is: its number there; empty for others. */
  readonly part: string;
  /** Where it is mounted; empty for nowhere. */
  readonly mountedAt: string;
}

/** Of the tools, by type: ext by its superblock (dumpe2fs(8)), XFS and btrfs by their own. */
const kind: ProbeKind<FilesystemSize> = {
  kind: 'filesystem-size',
  arity: 2,
  // Where it is mounted is not taken from findmnt, which prints odd letters as \x.., and by which xfs_info goes.
  sh: `xargs -0 -n 2 sh -c '
${plainMountWord}
p=$1 id= m=
if [ -b "$p" ]; then
  size=$(blockdev --getsize64 "$p")
  id=$(findmnt -n -o ID --source "$p" 2>/dev/null | head -n 1)
  [ -z "$id" ] || while read -r a b c d raw rest; do [ "$a" != $id ] || plain "$raw"; done </proc/self/mountinfo
else size=$(stat -L -c %s -- "$p"); fi
case $2 in
  ext?) o=$(dumpe2fs -h -- "$p" 2>/dev/null) ;;
  xfs) if [ -n "$m" ]; then o=$(xfs_spaceman -c info "$m" 2>/dev/null); else o=$(xfs_info "$p" 2>/dev/null); fi ;;
  btrfs) o=$(btrfs filesystem show --raw "\${m:-$p}" 2>/dev/null) ;;
  *) o= ;;
esac
printf "%s\\0%s\\0%s\\0" "$size" "$m" "$o"' sh`,
  decode(stdout, questions) {
    const parts = stdout.toString('utf8').split('\0');
    return questions.map(([path = '', type = ''], i) => {
      const [size = '', mountedAt = '', told = ''] = parts.slice(i * 3, i * 3 + 3);
      const found = sizesOf(type, told, Number(size), path);
      return size === '' || found === undefined
        ? new ProbeFailure(`the size of ${path} cannot be told: ${toolOf(type)} gave no answer`)
        : { ...found, mountedAt };
    });
  },
  depends: ([path = '']) => [{ on: 'path', path }],
};

const toolOf = (type: string): string => (type.startsWith('ext') ? 'dumpe2fs' : type === 'xfs' ? 'xfs_info' : 'btrfs');

/** How large a file system of this type is on a device or file, and how large it could be. */
export function filesystemSize(path: string, type: string): Question<FilesystemSize> {
  return { kind, args: [path, type] };
}

function sizesOf(
  type: string,
  told: string,
  device: number,
  path: string,
): Omit<FilesystemSize, 'mountedAt'> | undefined {
  if (type.startsWith('ext')) return ofExt(told, device);
  if (type === 'xfs') return ofXfs(told, device);
  return ofBtrfs(told, device, path);
}

/** resize2fs(8) leaves off a last group that has no room for its own tables, and rounds to pages (its main.c, resize2fs.c). */
function ofExt(told: string, device: number): Omit<FilesystemSize, 'mountedAt'> | undefined {
  const field = (name: string): number => Number(new RegExp(`^${name}: *(\\d+)`, 'm').exec(told)?.[1] ?? 'NaN');
  const [blocks, size, first] = [field('Block count'), field('Block size'), field('First block')];
  const [perGroup, tables, reserved] = [
    field('Blocks per group'),
    field('Inode blocks per group'),
    field('Reserved GDT blocks'),
  ];
  if ([blocks, size, first, perGroup, tables].some(Number.isNaN)) return undefined;
  const descriptor = Number.isNaN(field('Group descriptor size')) ? 32 : field('Group descriptor size');
  const isSparse = /^Filesystem features:.*\bsparse_super\b/m.test(told);
  const page = Math.max(1, 4096 / size);
  let total = Math.floor(Math.floor(device / size) / page) * page;
  for (;;) {
    const groups = Math.ceil((total - first) / perGroup);
    const backups = 1 + Math.ceil((groups * descriptor) / size) + (Number.isNaN(reserved) ? 0 : reserved);
    const overhead = 2 + tables + (!isSparse || hasBackup(groups - 1) ? backups : 0);
    const rest = (total - first) % perGroup;
    if (groups <= 1 || rest === 0 || rest >= overhead + 50) break;
    total -= rest;
  }
  return { now: blocks * size, most: total * size, part: '' };
}

/** Groups 0 and 1, and powers of 3, 5 and 7 (ext4(5), sparse_super). */
function hasBackup(group: number): boolean {
  const isPower = (base: number): boolean => {
    let power = base;
    while (power < group) power *= base;
    return power === group;
  };
  return group <= 1 || [3, 5, 7].some(isPower);
}

/** A last allocation group of fewer than 64 blocks is left off (xfs_growfs(8), XFS_MIN_AG_BLOCKS). */
function ofXfs(told: string, device: number): Omit<FilesystemSize, 'mountedAt'> | undefined {
  const [, size, blocks] = /^data .*bsize=(\d+) +blocks=(\d+)/m.exec(told) ?? [];
  const [, group] = /agsize=(\d+) blks/.exec(told) ?? [];
  if (size === undefined || blocks === undefined || group === undefined) return undefined;
  const total = Math.floor(device / Number(size));
  const rest = total % Number(group);
  return { now: Number(blocks) * Number(size), most: (rest < 64 ? total - rest : total) * Number(size), part: '' };
}

/** Of several devices each has a size of its own. */
function ofBtrfs(told: string, device: number, path: string): Omit<FilesystemSize, 'mountedAt'> | undefined {
  const lines = [...told.matchAll(/^\s*devid +(\d+) size (\d+) used \d+ path (.*)$/gm)];
  const own = lines.length === 1 ? lines[0] : lines.find(([, , , at]) => at === path);
  const [, part, size] = own ?? [];
  return part === undefined || size === undefined
    ? undefined
    : { now: Number(size), most: device - (device % 4096), part };
}
