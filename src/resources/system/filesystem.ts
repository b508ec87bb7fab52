import * as v from 'valibot';
import { predict, settled, type Found, type Plan, type Prediction } from '../../contract/index.ts';
import { splitWords } from '../../inventory/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { content, realPath, sha256, walkSh } from '../../probes/index.ts';
import { folderOf } from '../kit/folder.ts';
import { lacksOf } from '../kit/program-need.ts';
import { filePath, flag, text } from '../kit/schemas.ts';
import { grows, planGrowth } from './filesystem-grow.ts';
import { filesystemOn } from './filesystem.probe.ts';

/** What makes each, the package that brings it, and what it is told to write over what is there. */
const kinds = {
  ext2: { program: 'mkfs.ext2', from: 'e2fsprogs', always: ['-F'], over: [] },
  ext3: { program: 'mkfs.ext3', from: 'e2fsprogs', always: ['-F'], over: [] },
  ext4: { program: 'mkfs.ext4', from: 'e2fsprogs', always: ['-F'], over: [] },
  xfs: { program: 'mkfs.xfs', from: 'xfsprogs', always: [], over: ['-f'] },
  btrfs: { program: 'mkfs.btrfs', from: 'btrfs-progs', always: [], over: ['-f'] },
  vfat: { program: 'mkfs.vfat', from: 'dosfstools', always: [], over: ['-I'] },
  swap: { program: 'mkswap', from: 'util-linux', always: [], over: ['-f'] },
} as const;
type FilesystemType = keyof typeof kinds;

interface Wanted {
  readonly dev: string;
  readonly fstype: FilesystemType | undefined;
  readonly state: 'present' | 'absent';
  readonly force: boolean;
  readonly resizefs: boolean;
  readonly opts: readonly string[];
}

export interface FilesystemResult {
  /** The device or file. */
  readonly dev: string;
  /** The type of its file system, such as `ext4`; empty if it has none. */
  readonly fstype: string;
}

/** A file system on a device. */
export const filesystem = defineResource({
  name: 'filesystem',
  summary: 'Creates a file system, or a swap area, on an existing device or file; or wipes it.',
  options: {
    dev: filePath('The device, or a file instead: `/dev/vdb1`, `/dev/disk/by-id/...`.'),
    fstype: v.optional(
      v.pipe(
        v.picklist(Object.keys(kinds) as FilesystemType[]),
        v.description('The type to create. An existing one of this type is left alone.'),
      ),
    ),
    state: v.optional(
      v.pipe(
        v.picklist(['present', 'absent']),
        v.description('`absent` wipes the signatures of whatever is on it: everything is lost. Default `present`.'),
      ),
      'present',
    ),
    force: flag('Overwrite another file system, or partitions: everything on them is lost.', false),
    resizefs: flag(
      'Make an existing file system as large as its device: ext2 to ext4, mounted or not; XFS and btrfs while they are mounted. Never smaller.',
      false,
    ),
    opts: v.optional(
      text('Additional options for mkfs: `-L data -m 1`. They count only when it is created. Default: none.'),
      '',
    ),
  },
  example: `filesystem({ dev: '/dev/vdb1', fstype: 'ext4', opts: '-L data' })
mount({ path: '/srv/data', src: '/dev/vdb1', fstype: 'ext4', state: 'mounted' })
filesystem({ dev: '/dev/vdb1', fstype: 'ext4', resizefs: true })`,
  validateOptions: ({ state, fstype, force, opts, resizefs }) =>
    state === 'present'
      ? fstype === undefined
        ? 'give the `fstype`'
        : typeof splitWords(opts, { comments: false }) === 'string'
          ? '`opts` cannot be split into words: a quote is left open'
          : resizefs && fstype !== undefined && !grows(fstype)
            ? `\`resizefs\` cannot grow ${fstype}`
            : undefined
      : fstype !== undefined || force || resizefs || opts !== ''
        ? "state 'absent' takes only `dev`"
        : undefined,
  title: ({ dev, fstype }) => [fstype, dev].filter((one) => one !== undefined).join(' on '),
  prepare({ opts, fstype, ...given }): Wanted {
    const words = splitWords(opts, { comments: false });
    return { ...given, fstype, opts: typeof words === 'string' ? [] : words.map((word) => word.text) };
  },
  probes: ({ dev }) => [realPath(dev), filesystemOn(dev)],
  plan(wanted, found: Found): Plan<FilesystemResult> {
    const dev = found.get(realPath(wanted.dev)) ?? wanted.dev;
    const now = found.get(filesystemOn(dev));
    found.require(now.is !== 'absent', {
      failure: `there is no ${wanted.dev}`,
      hint: 'Make the device or file first.',
    });
    found.require(now.is !== 'other', { failure: `${wanted.dev} is neither a block device nor a file`, by: null });
    const type = wanted.state === 'absent' ? '' : (wanted.fstype ?? '');
    const result = { dev: wanted.dev, fstype: type };
    // One that is only planned has the size of its device.
    if (now.type === type)
      return wanted.resizefs && found.planned(filesystemOn(dev)) === undefined
        ? planGrowth(wanted.dev, dev, now, found, result)
        : settled(result);
    found.require(wanted.state === 'absent' || wanted.force || now.type === '', {
      failure: `${wanted.dev} holds ${shown(now.type)}`,
      hint: 'With `force: true` it is overwritten, and everything in it is lost.',
      by: null,
    });
    found.require(!now.isInUse, { failure: `${wanted.dev} is in use`, hint: 'Unmount it first.', by: 'changes' });
    return {
      changes: [{ what: 'file system', from: shown(now.type), to: shown(type) }],
      steps: [stepOf(wanted, dev, now.type !== '', found)],
      after: [predict(filesystemOn(dev), { ...now, type }), ...bytesAfter(dev, now.is === 'file')],
      touches: [{ on: 'path', path: dev }],
      result,
    };
  },
});

const shown = (type: string): string => (type === '' ? 'none' : type === 'partitions' ? 'a partition table' : type);

/** What a file holds then, nobody knows. */
function bytesAfter(path: string, isFile: boolean): Prediction[] {
  const unknown = `an earlier task makes a file system in ${path}`;
  return isFile ? [content(path), sha256(path)].map((question) => ({ question, answer: null, unknown })) : [];
}

// $1 folder, $2 name, then the words of the program. What lies there now must still be no link.
const script = `${walkSh}
enter "$1" || exit
[ ! -L "./$2" ] || { echo "$1/$2 has become a link" >&2; exit 1; }
n=./$2; shift 2
"$@" "$n" >&2`;

function stepOf({ fstype, opts, dev }: Wanted, path: string, isOver: boolean, found: Found) {
  const kind = fstype === undefined ? undefined : kinds[fstype];
  const program = kind?.program ?? 'wipefs';
  const [lack] = lacksOf({ chdir: '/', programs: [program] }, found);
  if (lack !== undefined)
    found.presume(false, { ...lack, hint: `Install it first: apt({ name: '${kind?.from ?? 'util-linux'}' })` });
  const words = kind === undefined ? ['--all'] : [...kind.always, ...(isOver ? kind.over : []), ...opts];
  return {
    script,
    args: [folderOf(path), path.slice(path.lastIndexOf('/') + 1), program, ...words],
    timeout: 3600,
    label: kind === undefined ? `clear ${dev}` : `make ${fstype} on ${dev}`,
  };
}
